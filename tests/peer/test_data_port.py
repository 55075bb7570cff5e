"""The data port, in memory: what old peers send and get, byte for byte, and those who misbehave."""

import os
from collections.abc import Callable
from ipaddress import ip_network
from pathlib import Path

import attrs
import pytest
from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from napster.peer.arrange import Receiver
from napster.peer.data_port import DataPortFactory, DataPortParts, DataPortProtocol
from napster.peer.doorkeeper import ConnectionLimits
from napster.peer.downloads.piece_source import PieceSource
from napster.peer.security.guard import Encryption, Guard
from napster.peer.uploads.access import Access
from napster.peer.uploads.desk import UploadDesk
from napster.peer.uploads.sender import LARGEST_CHUNK, SMALL_CHUNK
from napster.peer.uploads.talk import HANDSHAKE_TIME, SEGMENT_PAUSE, STALL_TIME
from napster.wire.messages.transfers import UploadAccepted, UploadFinished, UploadStarted
from napster.wire.transfer import QUIET_TIME
from tests.peer.uploads.fakes import MD5, DiskLibrary, Told, make_desk, make_guard
from tests.peer.wires import TcpTransport

PATH = b"Music\\song"
CONTENT = os.urandom(100_000).translate(bytes.maketrans(b"0123456789", b"abcdefghij"))
"""No digit comes first, wherever one resumes: before one there would be a pause."""
GET = b'GETbob "Music\\song" 0'


class FakeReceiver:
    def __init__(self) -> None:
        self.transport: object = None
        self.content = b""
        self.reason = ""

    def connected(self, transport: object) -> None:
        self.transport = transport

    def received(self, data: bytes) -> None:
        self.content += data

    def lost(self, reason: str) -> None:
        self.reason = reason


class FakePushes:
    """Waits for one push of `song` from bob, from offset 10 on, or for its pieces."""

    def __init__(self) -> None:
        self.receiver = FakeReceiver()
        self.sources: list[PieceSource] = []

    def accept_pieces(self, nick: str, path: bytes, source: PieceSource) -> bool:
        if (nick, path) != ("bob", b"Songs\\song"):
            return False
        self.sources.append(source)
        return True

    def accept_push(self, nick: str, path: bytes, size: int) -> tuple[int, Receiver] | None:
        return (10, self.receiver) if (nick, path, size) == ("bob", b"song", 100) else None


@attrs.define
class Port:
    """A data port and all it serves."""

    folder: Path
    limits: ConnectionLimits = ConnectionLimits()
    clock: Clock = attrs.Factory(Clock)
    told: Told = attrs.Factory(Told)
    pushes: FakePushes = attrs.Factory(FakePushes)
    policy: Encryption = Encryption.PREFER
    library: DiskLibrary = attrs.field(init=False)
    guard: Guard = attrs.field(init=False)
    desk: UploadDesk = attrs.field(init=False)
    factory: DataPortFactory = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.library = DiskLibrary(self.folder)
        self.library.add("song", CONTENT)
        self.desk = make_desk(self.clock, self.library, self.told)
        self.guard = make_guard(self.clock, self.policy)
        parts = DataPortParts("alice", self.library, self.desk, self.pushes, self.guard)
        self.factory = DataPortFactory(self.clock, parts, self.limits)

    def connect(self, host: str = "192.0.2.1") -> TcpTransport:
        """Connect as another peer would; the greeting has been read."""
        protocol = self.factory.buildProtocol(IPv4Address("TCP", host, 4000))
        assert isinstance(protocol, DataPortProtocol)
        transport = TcpTransport(protocol)
        protocol.makeConnection(transport)
        assert transport.take() == b"1"
        transport.segments.clear()
        return transport

    def agree(self) -> None:
        assert self.desk.requested("bob", PATH) == UploadAccepted("bob", PATH)


def say(transport: TcpTransport, *parts: bytes) -> None:
    for part in parts:
        if transport.protocol is not None:
            transport.protocol.dataReceived(part)


@pytest.fixture
def port(tmp_path: Path) -> Port:
    return Port(tmp_path)


# NAPX1


def test_a_ticket_nobody_knows(port: Port) -> None:
    """It opens nothing, and the index is not asked about it."""
    peer = port.connect()
    say(peer, b"NAPX1 000102030405060708090a0b0c0d0e0f T\n")
    assert peer.take_all() == b"NAPX1 REFUSED TICKET\n"
    assert peer.disconnected


# GET


def test_a_get_is_answered_with_size_and_content(port: Port) -> None:
    """The digits of the whole size, then the bytes, then the end."""
    port.agree()
    peer = port.connect()
    say(peer, b"GET", b'bob "Music\\song" 0')
    assert peer.take_all() == b"100000" + CONTENT
    assert peer.disconnected
    assert not peer.aborted
    assert port.told.messages == [UploadStarted(), UploadFinished()]
    assert port.library.all_closed
    assert port.desk.active == 0


def test_a_resumed_get_tells_the_whole_size(port: Port) -> None:
    """The content is that from the offset on."""
    port.agree()
    peer = port.connect()
    say(peer, b'GETbob "Music\\song" 99990')
    port.clock.advance(QUIET_TIME)
    assert peer.take_all() == b"100000" + CONTENT[99990:]


def test_content_that_begins_with_a_digit(port: Port) -> None:
    """Some old programs take all digits that one read returns for the size: it is read alone."""
    port.library.add("song", b"12345")
    port.agree()
    peer = port.connect()
    say(peer, GET)
    assert peer.take() == b"5"
    port.clock.advance(SEGMENT_PAUSE)
    assert peer.take_all() == b"12345"
    assert peer.disconnected


def test_a_downloader_who_leaves_before_content_that_begins_with_a_digit(port: Port) -> None:
    """Nothing is left waiting."""
    port.library.add("song", b"12345")
    port.agree()
    peer = port.connect()
    say(peer, GET)
    peer.cut()
    assert not port.clock.getDelayedCalls()
    assert port.library.all_closed


@pytest.mark.parametrize("content", [b"", b"x"])
def test_small_files(port: Port, content: bytes) -> None:
    """A file of nothing, and one of next to nothing."""
    port.library.add("song", content)
    port.agree()
    peer = port.connect()
    say(peer, GET)
    assert peer.take_all() == b"%d" % len(content) + content
    assert peer.disconnected


def test_a_get_at_the_very_end(port: Port) -> None:
    """A downloader who has everything gets the size and no content."""
    port.agree()
    peer = port.connect()
    say(peer, b'GETbob "Music\\song" 100000')
    port.clock.advance(QUIET_TIME)
    assert peer.take_all() == b"100000"
    assert peer.disconnected


@pytest.mark.parametrize("at", range(1, len(GET)))
def test_a_get_split_anywhere(port: Port, at: int) -> None:
    """Segments mean nothing."""
    port.agree()
    peer = port.connect()
    say(peer, GET[:at], GET[at:])
    assert peer.take_all() == b"100000" + CONTENT


def test_a_get_byte_by_byte(port: Port) -> None:
    """The slowest modem."""
    port.agree()
    peer = port.connect()
    for byte in GET:
        port.clock.advance(0.1)
        say(peer, bytes([byte]))
    assert peer.take_all() == b"100000" + CONTENT


REFUSED = [
    (b'GETbob "Music\\nothing" 0', b"FILE NOT FOUND"),
    (b'GETbob "../../../etc/passwd" 0', b"FILE NOT FOUND"),
    (b'GETbob "/etc/passwd" 0', b"FILE NOT FOUND"),
    (b'GETbob "C:\\autoexec.bat" 0', b"FILE NOT FOUND"),
    (b'GETbob "Music\\..\\..\\etc\\passwd" 0', b"FILE NOT FOUND"),
    (b'GETeve "Music\\song" 0', b"INVALID REQUEST"),
    (b'SENDeve "song" 100\n', b"INVALID REQUEST"),
    (b'SENDbob "other" 100\n', b"INVALID REQUEST"),
]


@pytest.mark.parametrize(("request_", "answer"), REFUSED)
def test_refusals_have_their_exact_texts(port: Port, request_: bytes, answer: bytes) -> None:
    """And close the connection."""
    port.agree()
    peer = port.connect()
    say(peer, request_)
    port.clock.advance(QUIET_TIME)
    assert peer.take_all() == answer
    assert peer.disconnected
    assert not peer.aborted


def test_an_offset_beyond_the_end(port: Port) -> None:
    """Nothing is there, and the slot is free again."""
    port.agree()
    peer = port.connect()
    say(peer, b'GETbob "Music\\song" 100001')
    port.clock.advance(QUIET_TIME)
    assert peer.take_all() == b"INVALID REQUEST"
    assert port.desk.active == 0
    assert port.library.all_closed


def test_a_file_that_waits_in_the_queue(port: Port) -> None:
    """Who was told a place and comes nevertheless is sent away."""
    for number in range(2):
        port.library.add(f"song {number}", b"x")
        port.desk.requested("bob", b"Music\\song %d" % number)
    port.desk.requested("bob", PATH)
    peer = port.connect()
    say(peer, GET)
    assert peer.take_all() == b"INVALID REQUEST"


def truncate(path: Path) -> None:
    os.truncate(path, 10)


def grow(path: Path) -> None:
    with path.open("ab") as stream:
        stream.write(b"more")


def rewrite(path: Path) -> None:
    path.write_bytes(CONTENT[::-1])


def replace(path: Path) -> None:
    path.unlink()
    path.write_bytes(CONTENT)


def make_a_link(path: Path) -> None:
    path.unlink()
    path.symlink_to("/etc/passwd")


def make_a_fifo(path: Path) -> None:
    path.unlink()
    os.mkfifo(path)


CHANGES = [truncate, grow, rewrite, replace, make_a_link, make_a_fifo, Path.unlink]


@pytest.mark.parametrize("change", CHANGES)
def test_a_file_changed_since_it_was_hashed_is_refused(
    port: Port, change: Callable[[Path], None]
) -> None:
    """Never sent, not even in part."""
    port.agree()
    change(port.folder / "song")
    peer = port.connect()
    say(peer, GET)
    assert peer.take_all() == b"FILE NOT FOUND"
    assert not port.told.messages
    assert port.desk.active == 0


@pytest.mark.parametrize("change", [truncate, grow, rewrite])
def test_a_file_changed_while_it_is_sent_is_broken_off(
    port: Port, change: Callable[[Path], None]
) -> None:
    """The downloader sees a broken connection, not an end; there is never a byte too many."""
    port.agree()
    peer = port.connect()
    say(peer, GET)
    part = peer.take()
    change(port.folder / "song")
    part += peer.take_all()
    assert len(part) < 6 + len(CONTENT)
    assert CONTENT.startswith(part[6:])
    assert peer.aborted
    assert port.told.messages == [UploadStarted(), UploadFinished()]
    assert port.library.all_closed


def test_a_file_deleted_while_it_is_sent_arrives(port: Port) -> None:
    """What is open is still what was hashed."""
    port.agree()
    peer = port.connect()
    say(peer, GET)
    part = peer.take()
    (port.folder / "song").unlink()
    assert part + peer.take_all() == b"100000" + CONTENT


# Those who do not play along.


def test_a_reader_who_never_reads_is_dropped(port: Port) -> None:
    """After two minutes without progress, and the slot is free again."""
    port.agree()
    peer = port.connect()
    say(peer, GET)
    port.clock.advance(STALL_TIME - 1)
    assert port.desk.active == 1
    port.clock.advance(1)
    assert peer.aborted
    assert port.desk.active == 0
    assert port.library.all_closed
    assert port.told.messages == [UploadStarted(), UploadFinished()]


def test_a_reader_who_never_takes_the_last_part_is_dropped(port: Port) -> None:
    """Also when all has been handed to the connection."""
    port.library.add("song", b"x" * 100)
    port.agree()
    peer = port.connect()
    say(peer, GET)
    assert peer.producer is not None
    peer.producer.resumeProducing()
    assert peer.disconnecting
    port.clock.advance(STALL_TIME)
    assert peer.aborted
    assert port.desk.active == 0


def test_a_slow_reader_is_served_to_the_end(port: Port) -> None:
    """One part in a minute is progress."""
    port.agree()
    peer = port.connect()
    say(peer, GET)
    received = b""
    while not peer.disconnected:
        port.clock.advance(60)
        received += peer.take()
    assert received == b"100000" + CONTENT
    assert max(map(len, peer.segments)) <= SMALL_CHUNK


def test_a_slow_loris_is_dropped(port: Port) -> None:
    """A byte now and then does not stretch the time for the handshake."""
    peer = port.connect()
    for byte in GET[:-1]:
        port.clock.advance(HANDSHAKE_TIME / 15)
        say(peer, bytes([byte]))
    assert peer.aborted


def test_a_silent_peer_is_dropped(port: Port) -> None:
    """A connection that asks for nothing is of no use."""
    peer = port.connect()
    port.clock.advance(HANDSHAKE_TIME)
    assert peer.aborted
    assert not port.clock.getDelayedCalls()


@pytest.mark.parametrize(
    "junk",
    [
        b"HELP",
        b"\x00" * 100,
        b"GET / HTTP/1.1\r\n\r\n",
        b'GETbob "' + b"x" * 3000,
        b'GETbob "Music\\song" 99999999999999999999999999',
        b"GET" * 1000,
        b'SENDbob "song"\n',
    ],
)
def test_garbage_is_dropped(port: Port, junk: bytes) -> None:
    """Whatever it is, it costs one connection and nothing else."""
    peer = port.connect()
    say(peer, junk)
    port.clock.advance(QUIET_TIME)
    assert peer.aborted
    assert peer.value() == b""
    assert not port.clock.getDelayedCalls()


@pytest.mark.parametrize("at", range(len(GET)))
def test_a_peer_that_leaves_at_any_step(port: Port, at: int) -> None:
    """Nothing is left behind."""
    port.agree()
    peer = port.connect()
    say(peer, GET[:at])
    peer.cut()
    assert len(port.clock.getDelayedCalls()) == 1, "only the reservation is left"
    assert port.desk.active == 1


def test_a_peer_that_leaves_while_it_is_sent_to(port: Port) -> None:
    """The file is closed, the slot is free, and the index knows."""
    port.agree()
    peer = port.connect()
    say(peer, GET)
    peer.take()
    peer.cut()
    assert port.library.all_closed
    assert port.desk.active == 0
    assert port.told.messages == [UploadStarted(), UploadFinished()]
    assert not port.clock.getDelayedCalls()


def test_a_peer_that_leaves_while_the_file_is_opened(port: Port) -> None:
    """A disk that has to spin up takes seconds; what it opens then is closed."""
    port.library.slow = Deferred()
    port.agree()
    peer = port.connect()
    say(peer, GET)
    peer.cut()
    assert port.desk.active == 0
    port.library.slow.callback(None)
    assert len(port.library.opened) == 1
    assert port.library.all_closed


def test_a_disk_that_does_not_answer(port: Port) -> None:
    """A dead network disk does not hold the connection for ever."""
    port.library.slow = Deferred()
    port.agree()
    peer = port.connect()
    say(peer, GET)
    port.clock.advance(HANDSHAKE_TIME)
    assert peer.aborted
    port.library.slow.callback(None)
    assert port.library.all_closed


def test_garbage_while_the_file_is_opened(port: Port) -> None:
    """The offset was not what it seemed: nothing is sent."""
    port.library.slow = Deferred()
    port.agree()
    peer = port.connect()
    say(peer, GET, b"garbage")
    assert peer.aborted
    port.library.slow.callback(None)
    assert port.library.all_closed
    assert peer.value() == b""


def test_talk_during_the_sending_breaks_it_off(port: Port) -> None:
    """More digits behind an offset that seemed whole would make all content wrong."""
    port.agree()
    peer = port.connect()
    say(peer, GET)
    say(peer, b"17")
    assert peer.aborted
    assert port.desk.active == 0


def test_an_end_of_line_during_the_sending_is_borne(port: Port) -> None:
    """Some programs send one behind the request."""
    port.agree()
    peer = port.connect()
    say(peer, GET, b"\r\n")
    assert peer.take_all() == b"100000" + CONTENT


def test_an_error_of_our_own_is_logged_and_costs_one_connection(
    port: Port, logged_failures: list[object], monkeypatch: pytest.MonkeyPatch
) -> None:
    """It is not swallowed."""
    monkeypatch.setattr(port.desk, "claim", lambda *_: 1 / 0)
    peer = port.connect()
    say(peer, GET)
    assert peer.aborted
    assert len(logged_failures) == 1
    logged_failures.clear()


def test_banned_networks_are_not_let_in(port: Port) -> None:
    """Also where a socket of IPv6 reports them."""
    port.desk.set_access(Access(banned_networks=(ip_network("192.0.2.0/24"),)))
    for address in (
        IPv4Address("TCP", "192.0.2.1", 4000),
        IPv6Address("TCP", "::ffff:192.0.2.1", 4000),
    ):
        assert port.factory.buildProtocol(address) is None
    port.connect("198.51.100.1").cut()


def test_the_list_holds_only_what_is_for_everyone(port: Port) -> None:
    """Whoever asks for it says no nick."""
    port.desk.set_access(Access(friends={"bob": None}, shares={b"music": "friends"}))
    peer = port.connect()
    say(peer, b"GETLIST")
    assert b"song" not in peer.take_all()


def test_a_limited_get(port: Port) -> None:
    """It comes in parts when each is due, and another limit applies at once."""
    port.desk.set_limits(attrs.evolve(port.desk._line.limits, rate=10_000))
    port.agree()
    peer = port.connect()
    say(peer, GET)
    received = b""
    for _ in range(200):
        port.clock.advance(0.01)
        received += peer.take()
    assert 20_000 <= len(received) <= 30_000  # the next part is under way
    port.desk.set_limits(attrs.evolve(port.desk._line.limits, rate=0, rate_per_user=0))
    port.clock.advance(0.01)
    received += peer.take_all()
    assert received == b"100000" + CONTENT
    assert not port.clock.getDelayedCalls()


def test_a_limited_get_that_is_broken_off(port: Port) -> None:
    """Nothing is left of it, though its next part was not due yet."""
    port.desk.set_limits(attrs.evolve(port.desk._line.limits, rate_per_user=1))
    port.agree()
    peer = port.connect()
    say(peer, GET)
    peer.take_all()
    assert port.clock.getDelayedCalls()
    peer.cut()
    assert not port.clock.getDelayedCalls()
    assert port.desk.active == 0
    assert port.library.all_closed


def test_a_fast_reader_beside_many_who_do_not_read(port: Port) -> None:
    """It gets large chunks all the same."""
    port.library.add("song", bytes(20_000_000))
    port.desk.set_limits(attrs.evolve(port.desk._line.limits, slots=2000, slots_per_user=1))
    peers = []
    for number in range(400):
        port.desk.requested(f"user{number}", PATH)
        peers.append(port.connect(f"192.0.2.{number % 200}"))
        say(peers[-1], b'GETuser%d "Music\\song" 0' % number)
        for _ in range(10):  # what the buffers on the way take
            port.clock.advance(0.0001)
            peers[-1].take()
    for _ in range(100):
        port.clock.advance(0.001)
        peers[0].take()
    assert len(peers[0].value()) == LARGEST_CHUNK
    for peer in peers:
        peer.cut()
    assert port.library.all_closed


def test_many_slow_readers_cost_little(port: Port) -> None:
    """Each holds one small part of the file, however large it is."""
    port.library.add("song", bytes(20_000_000))
    port.desk.set_limits(attrs.evolve(port.desk._line.limits, slots=100, slots_per_user=1))
    peers = []
    for number in range(60):
        port.desk.requested(f"user{number}", PATH)
        peer = port.connect()
        say(peer, b'GETuser%d "Music\\song" 0' % number)
        peers.append(peer)
    for _ in range(10):
        port.clock.advance(2)
        for peer in peers:
            peer.take()
    assert sum(len(peer.value()) for peer in peers) <= 60 * 2**14
    for peer in peers:
        peer.cut()
    assert port.library.all_closed
    assert port.desk.active == 0


# SEND


def test_a_push_somebody_waits_for(port: Port) -> None:
    """The offset is told, and all that comes then is content."""
    peer = port.connect()
    say(peer, b"SEND", b'bob "song" 100')
    port.clock.advance(QUIET_TIME)
    assert peer.take() == b"10"
    say(peer, b"GET is content", b" now")
    receiver = port.pushes.receiver
    assert receiver.content == b"GET is content now"
    assert receiver.transport is peer
    port.clock.advance(3600)
    assert not peer.disconnected, "it is the receiver who decides how long to wait"
    peer.cut()
    assert receiver.reason
    assert not port.clock.getDelayedCalls()


# GETLIST


def test_the_list_of_files(port: Port) -> None:
    """The nick in a line and a segment of its own, the files as in message 100, an empty line."""
    port.library.add("other", b"12345")
    peer = port.connect()
    say(peer, b"GETLIST\n")
    received = peer.take_all()
    assert peer.segments[0] == b"alice\n"
    md5 = MD5.hex().encode()
    assert received == (
        b"alice\n"
        b'"Music\\song" ' + md5 + b" 100000 192 44100 60\n"
        b'"Music\\other" ' + md5 + b" 5 192 44100 60\n"
        b"\n"
    )
    assert peer.disconnected
    assert not port.clock.getDelayedCalls()


def test_a_list_without_end_of_line(port: Port) -> None:
    """GETLIST has no terminator."""
    peer = port.connect()
    say(peer, b"GET", b"LIST")
    port.clock.advance(QUIET_TIME)
    assert peer.take_all().endswith(b"\n\n")


def test_a_long_list_is_written_in_parts(port: Port) -> None:
    """A reader who does not read costs one part."""
    for number in range(1000):
        port.library.add(f"{number}", b"")
    peer = port.connect()
    say(peer, b"GETLIST\n")
    assert peer.take() == b"alice\n"
    assert 0 < len(peer.value()) < 25_000
    port.clock.advance(STALL_TIME)
    assert peer.aborted


def test_few_lists_at_once(port: Port) -> None:
    """A list is dear; the fifth reader is sent away, until one has gone."""
    readers = [port.connect() for _ in range(4)]
    for reader in readers:
        say(reader, b"GETLIST\n")
    fifth = port.connect()
    say(fifth, b"GETLIST\n")
    assert fifth.take_all() == b"INVALID REQUEST"
    readers[0].cut()
    sixth = port.connect()
    say(sixth, b"GETLIST\n")
    assert sixth.take_all().startswith(b"alice\n")
    port.factory.close_all()
    assert all(reader.disconnected for reader in readers)


# How many.


def test_connections_are_limited_by_address_and_in_all(tmp_path: Path) -> None:
    """Those beyond are closed without a word; one that leaves makes room."""
    port = Port(tmp_path, ConnectionLimits(total=3, per_address=2))
    first = port.connect("192.0.2.1")
    port.connect("192.0.2.1")
    build = port.factory.buildProtocol
    assert build(IPv4Address("TCP", "192.0.2.1", 1)) is None
    assert build(IPv6Address("TCP", "::ffff:192.0.2.1", 1)) is None
    port.connect("192.0.2.2")
    assert build(IPv4Address("TCP", "192.0.2.3", 1)) is None
    first.cut()
    port.connect("192.0.2.3")
    port.factory.close_all()
    assert not port.clock.getDelayedCalls()


def test_ipv6_addresses_of_one_network_count_together(tmp_path: Path) -> None:
    """A /64 belongs to one customer."""
    port = Port(tmp_path, ConnectionLimits(total=9, per_address=1))
    build = port.factory.buildProtocol
    assert build(IPv6Address("TCP", "2001:db8::1", 1)) is not None
    assert build(IPv6Address("TCP", "2001:db8::2", 1)) is None
    assert build(IPv6Address("TCP", "2001:db8:0:1::1", 1)) is not None
