"""A client over a real socket, and a real index daemon in this process for it to talk to."""

import json
from collections import deque
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, TypeVar

import attrs
from twisted.application.service import IService
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure

from napster.daemon.listening import Listener
from napster.daemon.service import DaemonService
from napster.index.hub import Hub
from napster.index.service import SessionsService
from napster.index.tap import Options, makeService
from napster.wire.extension import body_limit
from napster.wire.framing import FrameReader
from napster.wire.messages import Message
from napster.wire.messages.login import Login, Stats
from tests.index.harness import ANSWERS

M = TypeVar("M", bound=Message)
PATIENCE = 20.0


class Client(Protocol):
    """Speaks messages to an index and waits for answers."""

    def __init__(self) -> None:
        self._reader = FrameReader(body_limit)
        self._came: deque[Message] = deque()
        self._waiting: Deferred[None] | None = None
        self._ended: Deferred[None] = Deferred()
        self._is_over = False

    @classmethod
    async def connect(cls, port: int, host: str = "127.0.0.1") -> "Client":
        """Connect to an index."""
        return await connectProtocol(TCP4ClientEndpoint(reactor, host, port), cls())

    async def log_in(
        self,
        nick: str,
        port: int = 6699,
        password: bytes = b"pw",
        *,
        client: bytes = b"test 1.0",
    ) -> list[Message]:
        """Log in; returns the welcome."""
        self.send(Login(nick, password, port, client, 8))
        return await self.until(Stats)

    def send(self, *messages: Message) -> None:
        """Send messages in one piece."""
        self.raw(b"".join(each.frame() for each in messages))

    def raw(self, data: bytes) -> None:
        """Send bytes."""
        self.transport.write(data)

    async def next(self) -> Message:
        """Wait for a message."""
        while not self._came:
            if self._is_over:
                raise ConnectionError("the index has closed the connection")
            self._waiting = Deferred()
            await self._waiting.addTimeout(PATIENCE, reactor)
        return self._came.popleft()

    async def get(self, kind: type[M]) -> M:
        """Wait for a message and check what it is."""
        message = await self.next()
        assert isinstance(message, kind), message
        return message

    async def until(self, kind: type[Message]) -> list[Message]:
        """Wait for a message of a kind; returns all up to it."""
        messages = [await self.next()]
        while not isinstance(messages[-1], kind):
            messages.append(await self.next())
        return messages

    async def over(self) -> list[Message]:
        """Wait for the index to close the connection; returns what it said before."""
        await self._ended.addTimeout(PATIENCE, reactor)
        return list(self._came)

    async def close(self) -> None:
        """Close the connection."""
        self.transport.loseConnection()
        await self.over()

    def dataReceived(self, data: bytes) -> None:
        """Keep the messages."""
        for number, body in self._reader.feed(data):
            self._came.append(ANSWERS[number].from_body(body))
        self._wake()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell those who wait."""
        self._is_over = True
        self._ended.callback(None)
        self._wake()

    def _wake(self) -> None:
        waiting, self._waiting = self._waiting, None
        if waiting:
            waiting.callback(None)


@attrs.frozen
class RunningIndex:
    """An index daemon that runs in this process."""

    daemon: DaemonService
    options: Options
    config: Path

    @property
    def ports(self) -> list[int]:
        """The ports listened on: of the HTTP pages, if there are any, then of the index."""
        listeners = [each for each in self.daemon if isinstance(each, Listener)]
        return [each.port.getHost().port for each in listeners if each.port]

    @property
    def hub(self) -> Hub:
        """What the daemon's sessions share."""
        sessions = self.daemon.getServiceNamed("sessions")
        assert isinstance(sessions, SessionsService)
        return sessions.hub

    async def client(self, nick: str | None = None, **login: Any) -> Client:
        """Connect to it, and log in if a nick is given."""
        client = await Client.connect(self.ports[-1])
        if nick:
            await client.log_in(nick, **login)
        return client

    async def reload(self, **settings: Any) -> None:
        """Write another configuration file and have it read, as SIGHUP does."""
        write_config(self.config, **settings)
        await self.daemon.reload()


def write_config(path: Path, **settings: Any) -> None:
    """Write a configuration file; TOML writes these values as JSON does."""
    lines = [f"{name} = {json.dumps(value)}\n" for name, value in settings.items()]
    path.write_text("".join(lines), encoding="utf-8")


@asynccontextmanager
async def running_index(folder: Path, **settings: Any) -> AsyncIterator[RunningIndex]:
    """Start an index daemon on a free port of the loopback interface, and stop it afterwards.

    It tries no data ports unless the settings say so: few tests listen where they say.
    """
    config = folder / "index.toml"
    usual = {"listen": ["tcp:0:interface=127.0.0.1"], "port_test": False}
    write_config(config, **(usual | settings))
    options = Options()
    options.parseOptions(["--config", str(config), "--state", str(folder / "state")])
    daemon = makeService(options, reactor)
    assert IService.providedBy(daemon)
    assert isinstance(daemon, DaemonService)
    daemon.privilegedStartService()
    try:
        await daemon.startService()
        yield RunningIndex(daemon, options, config)
    finally:
        await daemon.stopService()
