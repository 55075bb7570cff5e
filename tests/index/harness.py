"""An index in memory, with clients that speak frames to it and a clock that stands still."""

import sqlite3
from collections.abc import Callable, Iterator
from typing import Any

import attrs
import pytest
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred, execute, succeed
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport

from napster.catalog.plain import PlainCatalog
from napster.index.accounts import SCHEMA, Account, NickTakenError
from napster.index.channels.channel import Charter
from napster.index.channels.register import Channels
from napster.index.config import Settings
from napster.index.hub import Hub
from napster.index.invitations import redeem
from napster.index.levels import Level
from napster.index.limits import Limits
from napster.index.patrol import patrol
from napster.index.port_tester import PortTester
from napster.index.protocol import IndexFactory, IndexProtocol
from napster.index.records import Records
from napster.index.themes import STAGES
from napster.wire.extension import FROM_SERVER, Feature, body_limit
from napster.wire.framing import FrameReader, encode
from napster.wire.messages import SERVER_MESSAGES, Message
from napster.wire.messages.login import Login, LoginAccepted
from napster.wire.messages.sharing import Share

MD5 = b"0123456789abcdef0123456789abcdef"
ANSWERS: dict[int, type[Message]] = {**SERVER_MESSAGES, **FROM_SERVER}
EXTENDED = b"test 1.0 +ext1"
"""The client string of a program that understands extension messages."""
FEATURES = Feature.CONTENT | Feature.SECURE
"""What an index without a relay offers such a program."""
NOW = 5000
"""The wall clock's seconds since 1970."""


def file(path: bytes = rb"music\band - song.mp3", **changes: Any) -> Share:
    """Make a file to share."""
    made = Share(path=path, md5=MD5, size=1000, bitrate=128, frequency=44100, duration=60)
    return made.evolve(**changes)


class MemoryDatabase:
    """A database in memory that works at once, and answers at once unless held."""

    def __init__(self) -> None:
        self.held: Deferred[None] | None = None
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        for script in sorted(SCHEMA.iterdir(), key=lambda each: each.name):
            self.connection.executescript(script.read_text())

    def run(self, work: Callable[[sqlite3.Connection], Any]) -> Deferred[Any]:
        done = execute(self._transact, work)
        if self.held is None:
            return done
        answer: Deferred[Any] = Deferred()
        self.held.addCallback(lambda _: done.chainDeferred(answer))
        return answer

    def _transact(self, work: Callable[[sqlite3.Connection], Any]) -> Any:
        with self.connection:
            self.connection.execute("BEGIN")
            return work(self.connection)


class MemoryAccounts:
    """Accounts in a dict; passwords as they are, and answers at once unless held."""

    def __init__(self, limits: Limits, database: MemoryDatabase) -> None:
        self.rows: dict[str, Account] = {}
        self.held: Deferred[None] | None = None
        self.broken = False
        self._limits = limits
        self._database = database

    def find(self, nick: str) -> Deferred[Account | None]:
        if self.broken:
            raise sqlite3.OperationalError("disk I/O error")
        return succeed(self.rows.get(nick.lower()))

    async def is_password(self, account: Account, password: bytes, address: str) -> bool:
        if self.held:
            await self.held
        self._limits.check_password(account.nick, address)
        right = account.password.encode() == password
        if not right:
            self._limits.count_wrong_password(account.nick, address)
        return right

    async def register(
        self,
        nick: str,
        password: bytes,
        email: str,
        *,
        level: Level = Level.USER,
        invitation: str | None = None,
    ) -> Account:
        if nick.lower() in self.rows:
            raise NickTakenError(nick)
        if invitation is not None:
            await self._database.run(lambda each: redeem(each, invitation, nick, NOW))
        account = Account(nick, password.decode(), email, level, 1000, 1000)
        self.rows[nick.lower()] = account
        return account

    def page(self, after: str, limit: int) -> Deferred[list[Account]]:
        nicks = sorted(nick for nick in self.rows if nick > after.lower())
        return succeed([self.rows[nick] for nick in nicks[:limit]])

    def change_level(self, nick: str, level: Level) -> Deferred[None]:
        return self._database.run(lambda _: self._change(nick, level=level))

    def delete(self, nick: str) -> Deferred[None]:
        return self._database.run(lambda _: self.rows.pop(nick.lower()))

    async def change_password(self, nick: str, password: bytes) -> None:
        self._change(nick, password=password.decode())

    def change_email(self, nick: str, email: str) -> Deferred[None]:
        self._change(nick, email=email)
        return succeed(None)

    def was_seen(self, nick: str, downloads: int, uploads: int) -> Deferred[None]:
        self._change(nick, last_seen=2000, downloads=downloads, uploads=uploads)
        return succeed(None)

    def _change(self, nick: str, **changes: Any) -> None:
        self.rows[nick.lower()] = attrs.evolve(self.rows[nick.lower()], **changes)


class MemoryChannels:
    """Kept channels in a dict."""

    def __init__(self) -> None:
        self.kept: dict[str, Charter] = {}

    def load(self) -> Deferred[list[Charter]]:
        return succeed(list(self.kept.values()))

    def save(self, charter: Charter) -> Deferred[None]:
        self.kept[charter.name.lower()] = charter
        return succeed(None)

    def delete(self, name: str) -> Deferred[None]:
        self.kept.pop(name.lower(), None)
        return succeed(None)


class Conn:
    """One connection to the index, seen from the client."""

    def __init__(self, factory: IndexFactory, host: str, port: int) -> None:
        kind = IPv6Address if ":" in host else IPv4Address
        self.transport = StringTransport(peerAddress=kind("TCP", host, port))
        self.protocol: IndexProtocol = factory.buildProtocol(None)
        self.protocol.makeConnection(self.transport)
        self.gone = False
        self._reader = FrameReader(body_limit)

    def send(self, *messages: Message) -> None:
        """Send messages in one piece."""
        self.raw(b"".join(each.frame() for each in messages))

    def frame(self, number: int, body: bytes = b"") -> None:
        """Send a frame as it is."""
        self.raw(encode(number, body))

    def raw(self, data: bytes) -> None:
        """Send bytes."""
        self.protocol.dataReceived(data)

    def frames(self) -> list[tuple[int, bytes]]:
        """Take the frames that have come since the last time."""
        data = self.transport.value()
        self.transport.clear()
        return list(self._reader.feed(data))

    def messages(self) -> list[Message]:
        """Take what has come since the last time."""
        return [ANSWERS[number].from_body(body) for number, body in self.frames()]

    def ask(self, *messages: Message) -> list[Message]:
        """Send messages and take the answers."""
        self.send(*messages)
        return self.messages()

    def tell(self, number: int, body: bytes = b"") -> list[Message]:
        """Send a frame as it is and take the answers."""
        self.frame(number, body)
        return self.messages()

    @property
    def closed(self) -> bool:
        """Whether the index has closed the connection."""
        return self.transport.disconnecting

    @property
    def aborted(self) -> bool:
        """Whether the index has closed without waiting for the client to read."""
        return bool(self.transport.disconnected)

    def lose(self) -> None:
        """Lose the connection."""
        if not self.gone:
            self.gone = True
            self.protocol.connectionLost()


class World:
    """An index and its connections."""

    def __init__(self, **settings: Any) -> None:
        self.clock = Clock()
        self.clock.advance(1000)
        self.now = float(NOW)
        self.catalog = PlainCatalog(lambda: self.now)
        limits = Limits(self.clock, Settings(**settings))
        self.database: Any = MemoryDatabase()
        self.accounts: Any = MemoryAccounts(limits, self.database)
        self.channel_store = MemoryChannels()
        self.hub = Hub(
            clock=self.clock,
            settings=Settings(**settings),
            catalog=self.catalog,
            accounts=self.accounts,
            limits=limits,
            channels=Channels(self.channel_store, lambda: self.now),
            records=Records(self.database, lambda: self.now),
            port_tester=PortTester(self.clock, limits),
        )
        self.factory = IndexFactory(self.hub, STAGES)
        self._conns: list[Conn] = []

    def connect(self, host: str = "192.0.2.1", port: int = 50000) -> Conn:
        """Open a connection."""
        conn = Conn(self.factory, host, port)
        self._conns.append(conn)
        return conn

    def login(
        self,
        nick: str,
        host: str = "192.0.2.1",
        *,
        port: int = 6699,
        password: bytes = b"pw",
        client: bytes = b"test 1.0",
    ) -> Conn:
        """Open a connection and log in; the welcome is taken already."""
        conn = self.connect(host)
        answer = conn.ask(Login(nick, password, port, client, 8))
        assert isinstance(answer[0], LoginAccepted), answer
        return conn

    def forget(self, conn: Conn) -> None:
        """Keep nothing of a connection that is lost."""
        self._conns.remove(conn)

    def register(self, nick: str, password: str = "pw", level: Level = Level.USER) -> None:
        """Make an account."""
        self.accounts.rows[nick.lower()] = Account(
            nick, password, f"{nick}@example.org", level, 1000, 1000
        )

    def hold(self) -> None:
        """Let what is written wait for its answer from now on."""
        self.database.held = Deferred()

    def release(self) -> None:
        """Answer all that waits."""
        held, self.database.held = self.database.held, None
        held.callback(None)

    def patrol(self, seconds: float) -> None:
        """Let time pass, then let the patrol go round once."""
        self.clock.advance(seconds)
        Deferred.fromCoroutine(patrol(self.hub))

    def end(self) -> None:
        """Lose all connections; nothing is left of them."""
        for conn in self._conns:
            conn.lose()
        self.hub.network.close()
        assert not self.hub.sessions
        assert len(self.hub.network) == 0
        assert self.catalog.totals().files == 0
        assert len(self.hub.requests) == 0
        assert not any(channel.members for channel in self.hub.channels)
        assert not self.clock.getDelayedCalls()


def hold_up(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let everything take so long that what is told to many waits until the clock is turned."""
    seconds = world.clock.seconds

    def ticking() -> float:
        world.clock.rightNow += 0.01
        return seconds()

    monkeypatch.setattr(world.clock, "seconds", ticking)


def worlds(**settings: Any) -> Iterator[World]:
    """Give a test a world, and look at what it leaves behind."""
    world = World(**settings)
    yield world
    world.end()
