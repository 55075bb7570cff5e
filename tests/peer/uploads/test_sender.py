"""The sending: never more than announced, never what was not hashed, at the reader's pace."""

import os
from collections.abc import Callable
from io import FileIO

import attrs
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import ISSLTransport
from twisted.internet.task import Clock
from twisted.internet.tcp import Connection
from zope.interface import implementer

from napster.peer.library.beneath import Place
from napster.peer.library.serve import OpenFile, open_shared
from napster.peer.uploads.sender import (
    ALL_CHUNKS,
    FIRST_CHUNK,
    GATHERED,
    LARGEST_CHUNK,
    SENT_DIRECTLY,
    SMALL_CHUNK,
    ChunkBudget,
    Meter,
    RangedFile,
    SendError,
    UploadSender,
)
from tests.peer.uploads.fakes import DiskLibrary
from tests.peer.wires import TcpTransport

CONTENT = os.urandom(700_000)


def opened(library: DiskLibrary, content: bytes = CONTENT, name: str = "song") -> OpenFile:
    file = library.add(name, content)
    found = open_shared(file, Place(library.tree), name.encode(), library.run)
    library.opened.append(found)
    return found


def ranged(found: OpenFile, offset: int = 0) -> RangedFile:
    return RangedFile(found, offset, lambda _: None)


def read(part: RangedFile, size: int) -> bytes:
    """Read, from the disk if it is to be waited for; whether it is depends on the file system."""
    try:
        return part.read(size)
    except BlockingIOError:
        assert Deferred.fromCoroutine(part.fetch(size)).called
        return part.read(size)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(content=st.binary(max_size=300), offset=st.integers(0, 300), size=st.integers(1, 64))
def test_any_range_is_read_whole(
    library: DiskLibrary, content: bytes, offset: int, size: int
) -> None:
    """From the offset to the end, whatever the size of the parts."""
    offset = min(offset, len(content))
    found = opened(library, content)
    part = ranged(found, offset)
    assert b"".join(iter(lambda: read(part, size), b"")) == content[offset:]
    assert (part.left, part.trouble) == (0, "")
    found.close()


def test_a_file_that_grows_is_not_sent_on(library: DiskLibrary) -> None:
    """What is new was never hashed; growing shows in the stamp."""
    found = opened(library)
    part = ranged(found)
    read(part, 1000)
    with (library.folder / "song").open("ab") as stream:
        stream.write(b"more")
    assert read(part, 1000) == b""
    assert "changed while it was being sent" in part.trouble
    found.close()


def test_a_file_that_grew_unnoticed_is_sent_as_announced(library: DiskLibrary) -> None:
    """Even if size and time were the same, there would be no byte too many."""
    found = opened(library, b"x" * 100)
    part = ranged(found, 90)
    assert read(part, 1000) == b"x" * 10
    assert read(part, 1000) == b""
    assert part.trouble == ""
    found.close()


@pytest.mark.parametrize("size", [0, 10])
def test_a_file_that_shrinks_is_not_sent_on(library: DiskLibrary, size: int) -> None:
    """There is nothing to make up for the missing bytes."""
    found = opened(library)
    part = ranged(found)
    read(part, 1000)
    os.truncate(library.folder / "song", size)
    assert read(part, 1000) == b""
    assert "changed" in part.trouble
    found.close()


def test_a_file_rewritten_in_place_is_not_sent_on(library: DiskLibrary) -> None:
    """Same size, other content."""
    found = opened(library)
    part = ranged(found)
    read(part, 1000)
    (library.folder / "song").write_bytes(CONTENT[::-1])
    assert read(part, 1000) == b""
    assert "changed" in part.trouble
    found.close()


def test_a_file_replaced_by_another_is_still_the_one_that_was_opened(library: DiskLibrary) -> None:
    """A rename over the name leaves the open file as it was."""
    found = opened(library)
    (library.folder / "new").write_bytes(b"other")
    (library.folder / "new").replace(library.folder / "song")
    part = ranged(found)
    assert b"".join(iter(lambda: read(part, 2**16), b"")) == CONTENT
    found.close()


def test_a_disk_that_fails_is_no_end_of_file(library: DiskLibrary) -> None:
    """An error of the disk is told apart from the end."""
    found = opened(library)
    with FileIO(library.folder / "other", "wb") as unreadable:
        part = ranged(attrs.evolve(found, stream=unreadable))
        assert read(part, 10) == b""
    assert part.trouble == r"Music\song cannot be read any more: Bad file descriptor"
    found.close()


class SlowDisk:
    """Does what is asked of it when the test says so."""

    def __init__(self, library: DiskLibrary, monkeypatch: pytest.MonkeyPatch) -> None:
        self.asked: list[tuple[Deferred[bytes], Callable[[], bytes]]] = []
        library.run = self._run
        monkeypatch.setattr(OpenFile, "is_cached", lambda *_: False)

    def _run(self, work: Callable[[], bytes]) -> Deferred[bytes]:
        self.asked.append((Deferred(), work))
        return self.asked[-1][0]

    def answer(self) -> None:
        """Do the one thing it has been asked for."""
        ((done, work),) = self.asked
        self.asked.clear()
        maybeDeferred(work).addBoth(done.callback)


@pytest.fixture
def disk(library: DiskLibrary, monkeypatch: pytest.MonkeyPatch) -> SlowDisk:
    return SlowDisk(library, monkeypatch)


@pytest.mark.parametrize("kind", ["tcp", "tls"])
def test_what_is_not_in_memory_is_fetched(library: DiskLibrary, disk: SlowDisk, kind: str) -> None:
    """Nothing is written before the disk has answered, though there is room; all of it arrives."""
    clock, received = Clock(), b""
    transport = TlsTransport(clock) if kind == "tls" else TcpTransport()
    _, _, sent = begin(library, clock, CONTENT, transport)
    while not sent.called:
        clock.advance(0.001)
        received += transport.take()
        if disk.asked:
            assert transport.take() == b""
            disk.answer()
    assert received + transport.value() == CONTENT
    assert transport.producer is None
    library.opened[-1].close()


def test_what_the_disk_answers_waits_for_a_reader_who_pauses(
    library: DiskLibrary, disk: SlowDisk
) -> None:
    """TLS can pause whoever writes at any time."""
    clock = Clock()
    transport = TlsTransport(clock)
    _, sender, sent = begin(library, clock, CONTENT, transport)
    sender.pauseProducing()
    disk.answer()
    assert transport.value() == b""
    sender.resumeProducing()
    assert transport.value() == CONTENT[:FIRST_CHUNK]
    sender.stopProducing()
    sent.addErrback(lambda failure: failure.trap(SendError))
    library.opened[-1].close()


def test_a_connection_lost_while_the_disk_is_waited_for(
    library: DiskLibrary, disk: SlowDisk
) -> None:
    """The file stays open for as long as the disk is at it: its number may not be another's."""
    transport, sender, sent = begin(library, Clock(), CONTENT)
    sender.stopProducing()
    sent.addErrback(lambda failure: failure.trap(SendError))
    found = library.opened[-1]
    found.close()
    assert not found.stream.closed
    disk.answer()
    assert found.stream.closed
    assert transport.value() == b""


def test_a_disk_that_fails_at_last(library: DiskLibrary, disk: SlowDisk) -> None:
    """Nothing more is written, and the file says why."""
    transport, sender, sent = begin(library, Clock(), CONTENT)
    os.truncate(library.folder / "song", 0)
    part = sender.file
    disk.answer()
    assert sent.called
    assert transport.value() == b""
    assert part.trouble == r"Music\song was changed while it was being sent"
    library.opened[-1].close()


def test_a_failure_of_the_program_while_the_disk_is_waited_for(
    library: DiskLibrary, disk: SlowDisk
) -> None:
    """It reaches whoever sends."""
    transport, _, sent = begin(library, Clock(), CONTENT)
    disk.asked.pop()[0].errback(ZeroDivisionError())
    failures: list[object] = []
    sent.addErrback(lambda failure: failures.append(failure.check(ZeroDivisionError)))
    assert failures == [ZeroDivisionError]
    assert transport.producer is None
    library.opened[-1].close()


def begin(
    library: DiskLibrary, clock: Clock, content: bytes, transport: TcpTransport | None = None
) -> tuple[TcpTransport, UploadSender, Deferred[bytes]]:
    transport, meter = transport or TcpTransport(), Meter(clock)
    budget = ChunkBudget()
    sender = UploadSender(clock, meter, lambda wanted: budget.exchange(0, wanted))
    part = RangedFile(opened(library, content), 0, meter.add)
    return transport, sender, sender.beginFileTransfer(part, transport)


def test_chunks_grow_for_a_fast_reader(library: DiskLibrary) -> None:
    """From 4 KiB to 256 KiB within a few megabytes, and the whole content arrives."""
    clock, received = Clock(), b""
    transport, _, sent = begin(library, clock, CONTENT * 12)
    while not sent.called:
        clock.advance(0.001)
        received += transport.take()
    assert received == CONTENT * 12
    sizes = [len(each) for each in transport.segments]
    assert sizes[0] == FIRST_CHUNK
    grown = sizes.index(LARGEST_CHUNK)
    assert sum(sizes[:grown]) < 5_000_000
    assert sizes[:grown] == sorted(sizes[:grown])
    library.opened[-1].close()


def test_large_chunks_share_a_fixed_amount_of_memory() -> None:
    """Small ones cost nothing of it; when it is used up, all others are small; it comes back."""
    budget = ChunkBudget()
    assert [budget.exchange(0, SMALL_CHUNK) for _ in range(5000)] == [SMALL_CHUNK] * 5000
    large = [budget.exchange(0, LARGEST_CHUNK * 2) for _ in range(100)]
    assert large[:60] == [LARGEST_CHUNK] * 60
    assert large[-1] == SMALL_CHUNK
    assert sum(size - SMALL_CHUNK for size in large) <= ALL_CHUNKS
    assert budget.exchange(large[0], LARGEST_CHUNK) == LARGEST_CHUNK


@implementer(ISSLTransport)
class TlsTransport(TcpTransport):
    """Gathers small writes until its next turn, as TLS does, and only then looks what it holds.

    It pauses its producer once that is more than `most`.
    """

    def __init__(self, clock: Clock, most: int = 2**16) -> None:
        super().__init__()
        self._clock = clock
        self._most = most

    def write(self, data: bytes) -> None:
        super().write(data)
        if len(data) < GATHERED:
            self._clock.callLater(0, self._look)
        else:
            self._look()

    def _look(self) -> None:
        if len(self.value()) > self._most and self.producer is not None:
            self.producer.pauseProducing()

    def take(self) -> bytes:
        data = super().take()
        if self.producer is not None:
            self.producer.resumeProducing()
        return data


def test_over_tls_chunks_are_pushed_until_it_is_enough(library: DiskLibrary) -> None:
    """No pull producer, whose every chunk would cost Twisted a task; nor more than is taken."""
    clock, received = Clock(), b""
    transport = TlsTransport(clock)
    _, sender, sent = begin(library, clock, CONTENT * 6, transport)
    assert transport.streaming
    while not sent.called:
        assert len(transport.value()) <= 2**16 + sender.CHUNK_SIZE
        clock.advance(0.001)
        received += transport.take()
    assert received + transport.value() == CONTENT * 6
    assert max(map(len, transport.segments)) > GATHERED
    assert transport.producer is None
    library.opened[-1].close()


def test_over_tls_nothing_piles_up_for_a_reader_who_takes_nothing(library: DiskLibrary) -> None:
    """One chunk, though Twisted gathers it and cannot ask for a pause before its next turn."""
    clock = Clock()
    transport = TlsTransport(clock, most=FIRST_CHUNK - 1)
    _, sender, sent = begin(library, clock, CONTENT, transport)
    for _ in range(10):
        clock.advance(1)
    assert transport.value() == CONTENT[:FIRST_CHUNK]
    sent.addErrback(lambda failure: failure.trap(SendError))
    sender.stopProducing()
    library.opened[-1].close()


def test_over_tls_a_lost_connection_ends_the_pushing(library: DiskLibrary) -> None:
    """Whoever resumes it afterwards gets nothing."""
    clock = Clock()
    transport = TlsTransport(clock)
    _, sender, sent = begin(library, clock, CONTENT, transport)
    before = transport.value()
    sender.stopProducing()
    sender.resumeProducing()
    clock.advance(1)
    assert transport.value() == before
    sent.addErrback(lambda failure: failure.trap(SendError))
    library.opened[-1].close()


def test_what_fills_buffers_earns_no_large_chunk(library: DiskLibrary) -> None:
    """Who takes 200 kB at once and then reads nothing has not shown to be fast."""
    clock = Clock()
    transport, sender, sent = begin(library, clock, CONTENT)
    while sum(map(len, transport.segments)) < 200_000:
        clock.advance(0.0001)
        transport.take()
    assert sender.CHUNK_SIZE <= SMALL_CHUNK
    sent.addErrback(lambda failure: failure.trap(SendError))
    sender.stopProducing()
    library.opened[-1].close()


@pytest.mark.parametrize("burst", [1, 4])
def test_chunks_stay_small_for_a_slow_reader(library: DiskLibrary, burst: int) -> None:
    """A thousand slow readers must not cost a thousand large buffers, also in bursts."""
    clock = Clock()
    transport, _, sent = begin(library, clock, CONTENT)
    clock.advance(1)
    while not sent.called:
        for _ in range(burst):
            transport.take()
        clock.advance(burst)
    assert max(len(each) for each in transport.segments) == SMALL_CHUNK
    library.opened[-1].close()


def test_chunks_shrink_when_a_reader_slows_down(library: DiskLibrary) -> None:
    """Within seconds."""
    clock = Clock()
    transport, sender, sent = begin(library, clock, CONTENT * 12)
    while sender.CHUNK_SIZE < LARGEST_CHUNK:
        clock.advance(0.001)
        transport.take()
    for _ in range(5):
        clock.advance(10)
        transport.take()
    assert sender.CHUNK_SIZE == SMALL_CHUNK
    sent.addErrback(lambda failure: failure.trap(SendError))
    sender.stopProducing()
    library.opened[-1].close()


class Wire(Connection):
    """A TCP connection by which the kernel takes whatever it is given."""

    def __init__(self) -> None:
        self.producer: object = None
        self.asks = 0

    def fileno(self) -> int:
        return -1

    def registerProducer(self, producer: object, streaming: bool) -> None:  # noqa: FBT001, N802
        assert not streaming
        self.producer = producer

    def unregisterProducer(self) -> None:  # noqa: N802  # Twisted's name
        self.producer = None

    def startWriting(self) -> None:  # noqa: N802  # Twisted's name
        self.asks += 1


def test_the_end_is_told_as_soon_as_the_kernel_has_all(
    library: DiskLibrary, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The other side has it then, too, and asks for the next piece."""
    monkeypatch.setattr(OpenFile, "is_cached", lambda *_: True)
    monkeypatch.setattr(OpenFile, "send", lambda _, _socket, _offset, size: size)
    wire, clock, song = Wire(), Clock(), opened(library)
    sender = UploadSender(clock, Meter(clock), lambda _: LARGEST_CHUNK)
    sent = sender.beginFileTransfer(ranged(song), wire)
    while not sent.called:
        before = wire.asks
        sender.resumeProducing()
        assert sent.called or wire.asks == before + 1
    assert wire.producer is None
    assert wire.asks == -(-len(CONTENT) // (SENT_DIRECTLY * LARGEST_CHUNK))
    song.close()


def test_a_lost_connection_is_an_error(library: DiskLibrary) -> None:
    """With a sentence of our own; and losing it twice does no harm."""
    transport = TcpTransport()
    found = opened(library)
    sender = UploadSender(Clock(), Meter(Clock()), lambda _: FIRST_CHUNK)
    sent = sender.beginFileTransfer(ranged(found), transport)
    sender.stopProducing()
    sender.stopProducing()
    failures: list[object] = []
    sent.addErrback(lambda failure: failures.append(failure.check(SendError)))
    assert failures == [SendError]
    found.close()


def test_a_burst_after_a_pause_is_no_high_rate() -> None:
    """The pause counts as well, however long the window is."""
    clock = Clock()
    meter = Meter(clock)
    for _ in range(10):
        clock.advance(60)
        meter.add(6000)
        clock.advance(0.001)
        meter.add(6000)
    assert meter.rate < 500


def test_the_rate_is_that_of_the_last_seconds() -> None:
    """Not the average since the beginning."""
    clock = Clock()
    meter = Meter(clock)
    assert meter.rate == 0
    for _ in range(100):
        clock.advance(0.1)
        meter.add(100)
    assert meter.rate == pytest.approx(1000, rel=0.1)
    for _ in range(100):
        clock.advance(0.1)
        meter.add(1000)
    assert meter.rate == pytest.approx(10_000, rel=0.1)
    clock.advance(100)
    assert meter.rate < 600
    assert meter.total == 110_000
