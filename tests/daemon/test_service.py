"""The root service starts in order, fails as a whole, reloads and stops in turn."""

import os
import signal
import socket
from pathlib import Path
from typing import Any

import attrs
import pytest
import pytest_twisted
from twisted.application import strports
from twisted.application.service import Service
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import deferLater
from twisted.logger import capturedLogs

from napster.daemon.command import DaemonOptions
from napster.daemon.kinds import text
from napster.daemon.listening import Listener, ListenError
from napster.daemon.options import option
from napster.daemon.service import DaemonService
from napster.daemon.settings import DaemonSettings
from napster.daemon.state import StateError, StateFolder

LOCAL = "tcp:0:interface=127.0.0.1"


@attrs.frozen
class Settings(DaemonSettings):
    word: str = option(text(), "one", "A word", flag="word", reload=True)
    fixed: str = option(text(), "one", "Another word")


class Options(DaemonOptions):
    name = "test"
    settings_class = Settings


class Part(Service):
    """Records what is done with it and lets the test say when it is done."""

    def __init__(self, name: str, events: list[str]) -> None:
        self.setName(name)
        self.events = events
        self.started: Deferred[None] = Deferred()
        self.stopped: Deferred[None] = Deferred()
        self.stopped.callback(None)

    def startService(self) -> Deferred[None]:
        super().startService()
        self.events.append(f"start {self.name}")
        return self.started

    def stopService(self) -> Deferred[None]:
        super().stopService()
        self.events.append(f"stop {self.name}")
        return self.stopped

    async def reload(self, settings: Settings) -> None:
        await deferLater(reactor, 0)
        self.events.append(f"reload {self.name} {settings.word} {settings.fixed}")


@pytest.fixture
def options(tmp_path: Path) -> Options:
    found = Options()
    (tmp_path / "test.toml").touch()
    found.parseOptions(["--state", str(tmp_path / "s"), "--config", str(tmp_path / "test.toml")])
    return found


@pytest.fixture
def events() -> list[str]:
    return []


def build(options: Options, events: list[str], *names: str) -> tuple[DaemonService, list[Part]]:
    root = DaemonService(reactor, options)
    parts = [Part(name, events) for name in names]
    for part in parts:
        part.setServiceParent(root)
    return root, parts


def quiet_factory() -> Factory:
    factory = Factory.forProtocol(Protocol)
    factory.noisy = False
    return factory


@pytest_twisted.ensureDeferred
async def test_order(options: Options, events: list[str]) -> None:
    """Each part starts when the one before it has, and they stop the other way round."""
    root, (one, two) = build(options, events, "one", "two")
    root.privilegedStartService()
    started = root.startService()
    assert events == ["start one"]
    one.started.callback(None)
    assert events == ["start one", "start two"]
    assert not root.ready
    two.started.callback(None)
    await started
    assert root.ready
    events.clear()
    await root.stopService()
    assert events == ["stop two", "stop one"]
    assert not root.ready


@pytest_twisted.ensureDeferred
async def test_failed_start(options: Options, events: list[str]) -> None:
    """A part that fails fails the whole; only what has begun is stopped."""
    root, (one, two, _) = build(options, events, "one", "two", "three")
    root.privilegedStartService()
    started = root.startService()
    one.started.callback(None)
    two.started.errback(ValueError("broken"))
    with pytest.raises(ValueError, match="broken"):
        await started
    await root.stopService()
    assert events == ["start one", "start two", "stop two", "stop one"]


@pytest_twisted.ensureDeferred
async def test_stopped_while_starting(options: Options, events: list[str]) -> None:
    """A stop during the start gives the start up."""
    root, (one, _) = build(options, events, "one", "two")
    one.started = Deferred(lambda _: events.append("cancel one"))
    Listener(reactor, LOCAL, quiet_factory()).setServiceParent(root)
    root.privilegedStartService()
    started = root.startService()
    await root.stopService()
    await started
    assert events == ["start one", "cancel one", "stop one"]


@pytest_twisted.ensureDeferred
async def test_port_before_state(options: Options) -> None:
    """A port that is taken leaves no state folder, whichever service asks for it."""
    for make in (Listener, lambda r, d, f: strports.service(d, f, r)):
        root = DaemonService(reactor, options)
        with socket.create_server(("127.0.0.1", 0)) as taken:
            description = f"tcp:{taken.getsockname()[1]}:interface=127.0.0.1"
            make(reactor, description, quiet_factory()).setServiceParent(root)
            with pytest.raises(ListenError, match="Address already in use"):
                root.privilegedStartService()
        assert not options.state.path.exists()


@pytest_twisted.ensureDeferred
async def test_state_taken_meanwhile(options: Options, events: list[str]) -> None:
    """A state folder taken since the options were read is refused; the port is free again."""
    root, _ = build(options, events, "one")
    listener = Listener(reactor, LOCAL, quiet_factory())
    listener.setServiceParent(root)
    other = StateFolder(options.state.path)
    other.create()
    other.lock()
    with pytest.raises(StateError):
        root.privilegedStartService()
    await root.stopService()
    assert listener.port is None
    assert events == []
    other.unlock()


@pytest_twisted.ensureDeferred
async def test_stop_gives_the_state_back(options: Options, events: list[str]) -> None:
    """After a stop the daemon can be started again in the same process."""
    root, _ = build(options, events)
    for _ in range(2):
        root.privilegedStartService()
        await root.startService()
        with pytest.raises(StateError):
            StateFolder(options.state.path).lock()
        await root.stopService()
    StateFolder(options.state.path).check()


@pytest_twisted.ensureDeferred
async def test_reload(options: Options, events: list[str]) -> None:
    """A reload hands round what can change and keeps what cannot."""
    root, (one,) = build(options, events, "one")
    strports.service(LOCAL, quiet_factory(), reactor).setServiceParent(root)
    root.privilegedStartService()
    one.started.callback(None)
    await root.startService()
    options.config_file.write_text('word = "two"\nfixed = "two"')
    events.clear()
    with capturedLogs() as logged:
        first, second = root.reload(), root.reload()
        await first
        await second
    assert events == ["reload one two one"] * 2
    assert options.settings == Settings(word="two")
    said = [each for each in logged if each["log_namespace"].endswith("Reloader")]
    assert [each["log_format"] for each in said].count(
        "{option} has changed and needs a restart"
    ) == 2
    await root.stopService()


@pytest_twisted.ensureDeferred
async def test_failing_reload(
    options: Options, events: list[str], logged_failures: list[dict[str, Any]]
) -> None:
    """A part that cannot reload is logged, and the daemon goes on."""
    root, (one,) = build(options, events, "one")
    one.reload = lambda _: Deferred.fromCoroutine(fail())
    root.privilegedStartService()
    one.started.callback(None)
    await root.startService()
    await root.reload()
    assert [each["log_format"] for each in logged_failures] == ["cannot reload"]
    logged_failures.clear()
    assert root.ready
    await root.stopService()


async def fail() -> None:
    raise ValueError("broken")


@pytest_twisted.ensureDeferred
async def test_hangup_until_the_end(options: Options, events: list[str]) -> None:
    """SIGHUP is heeded from the start to the stop, and then as it was before."""
    before = signal.getsignal(signal.SIGHUP)
    root, (one,) = build(options, events, "one")
    root.privilegedStartService()
    root.startService()
    os.kill(os.getpid(), signal.SIGHUP)
    await deferLater(reactor, 0.05)
    assert events == ["start one", "reload one one one"]
    one.started.callback(None)
    await root.stopService()
    assert signal.getsignal(signal.SIGHUP) is before
