"""The smallest daemon with a port, a reloadable option and ways to fail."""

import threading
from pathlib import Path
from typing import Any

import attrs
from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import LoopingCall, deferLater
from twisted.logger import Logger

from napster.daemon import checks, process
from napster.daemon.command import DaemonOptions
from napster.daemon.errors import DaemonError
from napster.daemon.kinds import endpoint, folder_or_file, listing, text, whole
from napster.daemon.listening import Listener
from napster.daemon.options import option
from napster.daemon.service import DaemonService
from napster.daemon.settings import DaemonSettings


@attrs.frozen
class Settings(DaemonSettings):
    listen: tuple[str, ...] = option(
        listing(endpoint()),
        ("tcp:0:interface=127.0.0.1",),
        "Where to listen",
        flag="listen",
        metavar="ENDPOINT",
    )
    word: str = option(text(), "hello", "What to say first", flag="word", reload=True)
    share: tuple[Path, ...] = option(listing(folder_or_file()), (), "Folders", flag="share")
    lines: int = option(whole(0, 10_000), 0, "Lines to log per second", flag="lines")
    linger: int = option(whole(0, 100), 0, "Seconds to stop in", flag="linger")


class Options(DaemonOptions):
    name = "toy"
    settings_class = Settings
    longdesc = "A daemon to test daemons with."

    def checks(self, settings: Settings) -> Any:
        for each in settings.share:
            yield from checks.folder("share", each)


class Greeting(Protocol):
    """Says the word and where the caller is, and closes."""

    def connectionMade(self) -> None:
        self.transport.write(f"{self.factory.part.settings.word}\n".encode())
        self.transport.loseConnection()


class Part(Service):
    """Fails if the word tells it to, and takes its time to stop."""

    log = Logger()

    def __init__(self, reactor: Any, settings: Settings, folder: Path) -> None:
        self.reactor = reactor
        self.settings = settings
        self.folder = folder
        self.count = 0
        self.loop = LoopingCall(self.chatter)
        self.loop.clock = reactor
        self.stopping: Deferred[None] | None = None

    async def startService(self) -> None:
        Service.startService(self)
        if self.settings.word == "unwanted":
            raise DaemonError("this word is unwanted; choose another")
        if self.settings.word == "endless":
            raise DaemonError("this word is " + "very " * 30 + "long; choose another")
        if self.settings.word == "defect":
            raise ZeroDivisionError("division by zero")
        await deferLater(self.reactor, 0)
        (self.folder / "created").touch()
        if self.settings.lines:
            self.loop.start(1 / self.settings.lines)

    def chatter(self) -> None:
        self.log.info("line {count} ends", count=self.count)
        self.count += 1

    def stopService(self) -> Deferred[None]:
        Service.stopService(self)
        if self.loop.running:
            self.loop.stop()
        self.stopping = deferLater(self.reactor, self.settings.linger)
        return self.stopping

    def reload(self, settings: Settings) -> None:
        self.settings = settings


def makeService(options: Options, reactor: Any = None) -> DaemonService:
    if reactor is None:
        from twisted.internet import reactor  # noqa: PLC0415  # importing it installs it
    process.use_monotonic_time(reactor)
    root = DaemonService(reactor, options, status_line=lambda: "one toy\nand no more")
    part = Part(reactor, options.settings, options.state.path)
    part.setServiceParent(root)
    if options.settings.word == "thread":
        threading.Thread(target=threading.Event().wait, name="early", daemon=True).start()
    factory = Factory.forProtocol(Greeting)
    factory.noisy = False
    factory.part = part
    for description in options.settings.listen:
        Listener(reactor, description, factory).setServiceParent(root)
    return root
