"""The data port, pushes and the index link over real connections on the loopback interface."""

import errno
import os
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from threading import Event
from typing import Any

import attrs
import pytest
import pytest_twisted
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.endpoints import HostnameEndpoint, TCP4ClientEndpoint, TCP4ServerEndpoint
from twisted.internet.interfaces import IListeningPort, IProtocol
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.task import deferLater
from twisted.internet.threads import deferToThread
from twisted.python.failure import Failure

from napster.peer.data_port import DataPortFactory, DataPortParts
from napster.peer.dialing import Dialer
from napster.peer.doorkeeper import ConnectionLimits
from napster.peer.families import families
from napster.peer.index_link.keeper import IndexAddress
from napster.peer.index_link.link import IndexLink, PeerSide
from napster.peer.library.serve import OpenFile
from napster.peer.security.guard import Encryption, Guard
from napster.peer.security.keys import new_key
from napster.peer.security.known_indexes import KnownIndexes
from napster.peer.security.tickets import Tickets
from napster.peer.uploads.line import UploadLimits
from napster.peer.uploads.pacing import LAG, LARGEST_PART
from napster.peer.uploads.service import Outward, Uploads
from napster.wire.framing import FrameReader
from napster.wire.messages import CLIENT_MESSAGES, Message
from napster.wire.messages.login import Login, LoginAccepted, Stats
from napster.wire.messages.searching import Search, SearchEnd, SearchHit
from napster.wire.messages.sharing import Share, ShareDirectory
from napster.wire.search import SearchQuery
from tests.peer.index_link.fakes import IDENTITY, FakeLibrary, FakeUploads, shared_file
from tests.peer.test_data_port import FakePushes
from tests.peer.uploads.fakes import DiskLibrary, Told, make_guard

reactor: Any = _reactor
PATH = b"Music\\song"
CONTENT = b"\0" + os.urandom(2_999_999)


class Talker(Protocol):
    """An old peer played by the test: answers what it hears by a script."""

    def __init__(self) -> None:
        self.received = b""
        self.lost: Deferred[None] = Deferred()
        self._wanted: tuple[int, Deferred[None]] | None = None

    def dataReceived(self, data: bytes) -> None:
        self.received += data
        if self._wanted is not None and len(self.received) >= self._wanted[0]:
            (_, wanted), self._wanted = self._wanted, None
            wanted.callback(None)

    def heard(self, count: int) -> Deferred[None]:
        """Fire when so many bytes have come."""
        wanted: Deferred[None] = Deferred()
        self._wanted = (count, wanted)
        self.dataReceived(b"")
        return wanted.addTimeout(10, reactor)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.lost.callback(None)


async def listen(factory: Factory) -> IListeningPort:
    factory.noisy = False
    return await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(factory)


async def connect(port: int) -> Talker:
    endpoint = TCP4ClientEndpoint(reactor, "127.0.0.1", port)
    factory = Factory.forProtocol(Talker)
    factory.noisy = False
    talker: Talker = await endpoint.connect(factory)
    await talker.heard(1)
    assert talker.received == b"1"
    return talker


@attrs.define
class RealPort:
    """A data port that listens, and all it serves."""

    library: DiskLibrary
    uploads: Uploads
    factory: DataPortFactory
    told: Told
    pushes: FakePushes
    listening: Any

    @property
    def number(self) -> int:
        number: int = self.listening.getHost().port
        return number

    async def idle(self) -> None:
        """Wait until all connections have ended on this side."""
        while self.factory._open or self.uploads.desk.active:
            await deferLater(reactor, 0.01)


@pytest_twisted.async_yield_fixture
async def port(tmp_path: Path) -> AsyncIterator[RealPort]:
    library, told, pushes = DiskLibrary(tmp_path), Told(), FakePushes()
    library.add("song", CONTENT)
    limits = UploadLimits(100, 100, 10)
    dialer = Dialer(reactor, reactor)
    guard = make_guard(reactor)
    uploads = Uploads(
        reactor, library, limits, told.counters.uploads, Outward("alice", dialer, guard)
    )
    parts = DataPortParts("alice", library, uploads.desk, pushes, guard)
    factory = DataPortFactory(reactor, parts, ConnectionLimits())
    made = RealPort(library, uploads, factory, told, pushes, await listen(factory))
    yield made
    await uploads.desk.drain(0)
    factory.close_all()
    await Deferred.fromCoroutine(made.idle()).addTimeout(5, reactor)
    await made.listening.stopListening()
    assert library.all_closed


@pytest_twisted.ensureDeferred
async def test_a_get_over_a_real_connection(port: RealPort) -> None:
    """Size and content, then the end."""
    port.uploads.requested("bob", PATH)
    peer = await connect(port.number)
    peer.transport.write(b"GET")
    peer.transport.write(b'bob "Music\\song" 0')
    await peer.lost.addTimeout(10, reactor)
    assert peer.received == b"1%d" % len(CONTENT) + CONTENT


@pytest_twisted.ensureDeferred
async def test_limited_gets_over_real_connections(port: RealPort) -> None:
    """No faster than the limit, and byte-exact."""
    port.uploads.desk.set_limits(UploadLimits(5, 5, 5, rate=2_000_000))
    begun = reactor.seconds()
    peers = []
    for number in range(2):
        port.uploads.requested(f"user{number}", PATH)
        peer = await connect(port.number)
        peer.transport.write(b'GETuser%d "Music\\song" 2500000' % number)
        peers.append(peer)
    for peer in peers:
        await peer.lost.addTimeout(10, reactor)
        assert peer.received == b"1%d" % len(CONTENT) + CONTENT[2_500_000:]
    assert reactor.seconds() - begun >= (2 * (500_000 - LARGEST_PART)) / 2_000_000 - LAG
    await port.idle()


@pytest_twisted.ensureDeferred
async def test_many_gets_at_once(port: RealPort) -> None:
    """Fifty downloads of one file, each from another offset, all byte-exact."""
    peers = []
    for number in range(50):
        port.uploads.requested(f"user{number}", PATH)
        peer = await connect(port.number)
        peer.transport.write(b'GETuser%d "Music\\song" %d\n' % (number, number * 50_000))
        peers.append(peer)
    for number, peer in enumerate(peers):
        await peer.lost.addTimeout(30, reactor)
        assert peer.received == b"1%d" % len(CONTENT) + CONTENT[number * 50_000 :]
    await port.idle()
    assert len(port.told.messages) == 100


@pytest_twisted.ensureDeferred
async def test_a_reader_who_stops_reading_and_leaves(port: RealPort) -> None:
    """Its connection holds neither the file nor the slot afterwards."""
    port.library.add("song", bytes(30_000_000))
    port.uploads.requested("bob", PATH)
    peer = await connect(port.number)
    peer.transport.pauseProducing()
    peer.transport.write(b'GETbob "Music\\song" 0')
    await deferLater(reactor, 0.2)
    (status,) = port.uploads.desk.status()
    assert status.state == "sending"
    assert status.done < 30_000_000
    peer.transport.abortConnection()
    await port.idle()
    assert port.library.all_closed


class Direct:
    """Has all files count as in memory, and notes what the kernel sends by itself."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sent = 0
        self.before: Callable[[], None] = lambda: None
        self.after: Callable[[], None] = lambda: None
        """What happens each time before and after it does."""
        real = OpenFile.send

        def send(opened: OpenFile, socket: int, offset: int, size: int) -> int:
            self.before()
            sent = real(opened, socket, offset, size)
            self.sent += sent
            self.after()
            return sent

        monkeypatch.setattr(OpenFile, "is_cached", lambda *_: True)
        monkeypatch.setattr(OpenFile, "send", send)


@pytest_twisted.ensureDeferred
async def test_the_kernel_sends_what_is_in_memory(
    port: RealPort, monkeypatch: pytest.MonkeyPatch
) -> None:
    """All of it, and behind the size."""
    direct = Direct(monkeypatch)
    port.uploads.requested("bob", PATH)
    peer = await connect(port.number)
    peer.transport.write(b'GETbob "Music\\song" 1000000')
    await peer.lost.addTimeout(10, reactor)
    assert peer.received == b"1%d" % len(CONTENT) + CONTENT[1_000_000:]
    assert direct.sent == 2_000_000


@pytest_twisted.ensureDeferred
async def test_a_file_that_the_kernel_cannot_send(
    port: RealPort, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not every file system can: it is read and written then."""
    direct = Direct(monkeypatch)

    def refuse() -> None:
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))

    direct.before = refuse
    port.uploads.requested("bob", PATH)
    peer = await connect(port.number)
    peer.transport.write(b'GETbob "Music\\song" 0')
    await peer.lost.addTimeout(10, reactor)
    assert peer.received == b"1%d" % len(CONTENT) + CONTENT
    assert not direct.sent


def truncate(path: Path) -> None:
    os.truncate(path, len(CONTENT) // 2)


def rewrite(path: Path) -> None:
    path.write_bytes(CONTENT[::-1])


@pytest.mark.parametrize("change", [truncate, rewrite])
@pytest_twisted.ensureDeferred
async def test_a_file_changed_while_the_kernel_sends_it(
    port: RealPort, monkeypatch: pytest.MonkeyPatch, change: Callable[[Path], None]
) -> None:
    """It is broken off, before anything that was not hashed."""
    direct = Direct(monkeypatch)
    direct.after = lambda: change(port.library.folder / "song")
    port.uploads.requested("bob", PATH)
    peer = await connect(port.number)
    peer.transport.write(b'GETbob "Music\\song" 0')
    await peer.lost.addTimeout(10, reactor)
    content = peer.received[len(b"1%d" % len(CONTENT)) :]
    assert CONTENT.startswith(content)
    assert len(content) < len(CONTENT)
    await port.idle()


@pytest_twisted.ensureDeferred
async def test_a_connection_reset_while_the_kernel_sends(
    port: RealPort, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is a lost connection like any other."""
    direct = Direct(monkeypatch)
    peer = await connect(port.number)
    direct.before = peer.transport.abortConnection
    port.uploads.requested("bob", PATH)
    peer.transport.write(b'GETbob "Music\\song" 0')
    await peer.lost.addTimeout(10, reactor)
    await port.idle()
    assert direct.sent < len(CONTENT)


@pytest_twisted.ensureDeferred
async def test_a_disk_that_hangs_holds_up_nobody_else(
    port: RealPort, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One file's disk does not answer; meanwhile another file is sent, then that one as well."""
    asked, go = Event(), Event()

    def hang(work: Callable[[], bytes]) -> bytes:
        asked.set()
        go.wait(30)
        return work()

    port.library.add("cached", CONTENT)
    monkeypatch.setattr(OpenFile, "is_cached", lambda opened, *_: opened.file.path != PATH)
    port.library.run = lambda work: deferToThread(hang, work)
    slow, quick = await connect(port.number), await connect(port.number)
    for nick, name, peer in (("bob", b"song", slow), ("eve", b"cached", quick)):
        port.uploads.requested(nick, b"Music\\" + name)
        peer.transport.write(b'GET%b "Music\\%b" 0' % (nick.encode(), name))
        if peer is slow:
            await _in(10, until(asked.is_set))
            port.library.run = maybeDeferred
    try:
        await quick.lost.addTimeout(10, reactor)
        assert quick.received == b"1%d" % len(CONTENT) + CONTENT
        assert slow.received == b"1%d" % len(CONTENT)
    finally:
        go.set()
    await slow.lost.addTimeout(10, reactor)
    assert slow.received == b"1%d" % len(CONTENT) + CONTENT


@pytest_twisted.ensureDeferred
async def test_a_refusal_over_a_real_connection(port: RealPort) -> None:
    """The text arrives before the end."""
    peer = await connect(port.number)
    peer.transport.write(b'GETbob "../../etc/passwd" 0')
    await peer.lost.addTimeout(10, reactor)
    assert peer.received == b"1FILE NOT FOUND"


@pytest_twisted.ensureDeferred
async def test_a_push_to_us_over_a_real_connection(port: RealPort) -> None:
    """SEND, offset, content."""
    peer = await connect(port.number)
    peer.transport.write(b'SENDbob "song" 100')
    await peer.heard(3)
    assert peer.received == b"110"
    peer.transport.write(b"x" * 90)
    peer.transport.loseConnection()
    await peer.lost
    await port.idle()
    assert port.pushes.receiver.content == b"x" * 90
    assert port.pushes.receiver.reason


@pytest_twisted.ensureDeferred
async def test_the_list_over_a_real_connection(port: RealPort) -> None:
    """Thousands of lines, and the end."""
    for number in range(2000):
        port.library.add(f"{number}.mp3", b"")
    peer = await connect(port.number)
    peer.transport.write(b"GETLIST")
    await peer.lost.addTimeout(10, reactor)
    lines = peer.received.split(b"\n")
    assert lines[0] == b"1alice"
    assert lines[-2:] == [b"", b""]
    assert len(lines) == 1 + 2001 + 2


class Downloader(Talker):
    """A downloader's data port: greets, and takes the file from offset 10 on."""

    def connectionMade(self) -> None:
        self.transport.write(b"1")

    def dataReceived(self, data: bytes) -> None:
        before = len(self.received)
        super().dataReceived(data)
        request = b'SENDalice "Music\\song" %d' % len(CONTENT)
        if before < len(request) <= len(self.received):
            assert self.received == request
            self.transport.write(b"10 ")


@pytest_twisted.ensureDeferred
async def test_a_push_of_ours_over_a_real_connection(port: RealPort) -> None:
    """Dialled where the index says, and byte-exact."""
    downloader = Downloader()
    listening: Any = await listen(Factory.forProtocol(lambda: downloader))
    port.uploads.requested("bob", PATH)
    port.uploads.push("bob", "127.0.0.1", listening.getHost().port, PATH)
    await downloader.lost.addTimeout(10, reactor)
    assert downloader.received == b'SENDalice "Music\\song" %d' % len(CONTENT) + CONTENT[10:]
    await port.idle()
    await listening.stopListening()


class SmallIndex(Protocol):
    """A real connection's other end that lets everybody in and finds one file."""

    def __init__(self) -> None:
        self.heard: list[Message] = []
        self.lost: Deferred[None] = Deferred()
        self._reader = FrameReader()

    def dataReceived(self, data: bytes) -> None:
        for type_, body in self._reader.feed(data):
            message = CLIENT_MESSAGES[type_].from_body(body)
            self.heard.append(message)
            for answer in self._answers(message):
                self.transport.write(answer.frame())

    def _answers(self, message: Message) -> list[Message]:
        if isinstance(message, Login):
            return [LoginAccepted("a@b"), Stats(1, 2, 3)]
        if isinstance(message, Search):
            return [SearchHit(PATH, b"0" * 32, 7, 0, 0, 0, "bob", 0x0100007F, 7), SearchEnd()]
        return []

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.lost.callback(None)


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await deferLater(reactor, 0.01)


@pytest_twisted.ensureDeferred
async def test_the_index_link_over_a_real_connection() -> None:
    """Logs in, offers thousands of files, searches; comes back when the connection is cut."""
    sessions: list[SmallIndex] = []

    def accept() -> IProtocol:
        sessions.append(SmallIndex())
        return sessions[-1]

    listening: Any = await listen(Factory.forProtocol(accept))
    address = f"127.0.0.1:{listening.getHost().port}"
    endpoint = HostnameEndpoint(reactor, b"127.0.0.1", listening.getHost().port)
    library = FakeLibrary(shared_file(b"Music\\%d.mp3" % number) for number in range(5000))
    uploads = FakeUploads()
    guard = Guard(Encryption.OFF, Tickets(reactor), new_key)
    side = PeerSide(library, uploads, Told().counters, guard, lambda _: 6699, families)
    index = IndexAddress(endpoint, address, KnownIndexes(Path("/does/not/exist")))
    link = IndexLink(reactor, index, IDENTITY, side, lambda: 0.0)
    link.startService()
    try:
        for number in range(2):
            await _in(10, until(lambda: link.registered == 5000))
            hits = (await _in(10, link.search(SearchQuery(contains=(b"song",))))).hits
            assert [hit.path for hit in hits] == [PATH]
            assert len(sessions) == number + 1
            offered = sum(_files(message) for message in sessions[-1].heard)
            assert offered == 5000
            sessions[-1].transport.abortConnection()
            await _in(10, until(lambda: not link.online))
    finally:
        stopped = link.stopService()
        if stopped is not None:
            await stopped.addTimeout(5, reactor)
        for session in sessions:
            await session.lost.addTimeout(5, reactor)
        await listening.stopListening()


def _files(message: Message) -> int:
    return len(message.files) if isinstance(message, ShareDirectory) else isinstance(message, Share)


async def _in(seconds: float, work: Any) -> Any:
    return await Deferred.fromCoroutine(work).addTimeout(seconds, reactor)
