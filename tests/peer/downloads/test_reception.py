"""Content on its way from a connection to the disk: pausing, stalling, ending."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock

from napster.peer.downloads.backlog import PAUSE_AT, RESUME_AT
from napster.peer.downloads.claims import Claims
from napster.peer.downloads.errors import LostError, StalledError, SurplusError
from napster.peer.downloads.intake import Intake, Target
from napster.peer.downloads.partial import PartialFile, Place
from napster.peer.downloads.people import Person
from napster.peer.downloads.reception import (
    BATCH,
    READ_SIZE,
    STALL_TIME,
    Expected,
    Reception,
)
from napster.peer.downloads.record import Offer
from napster.peer.downloads.sources import Source
from napster.peer.downloads.team import Team
from tests.peer.downloads.helpers import FakeTransport, content

DATA = content(2 * BATCH + 1000)


class SlowWorker:
    """A worker that does things only when a test lets it."""

    def __init__(self) -> None:
        self.jobs: list[tuple[Deferred[Any], Any]] = []

    def run(self, work: Any, *args: Any, **kwargs: Any) -> Deferred[Any]:
        deferred: Deferred[Any] = Deferred()
        self.jobs.append((deferred, lambda: work(*args, **kwargs)))
        return deferred

    def stop(self) -> None:
        pass

    def let(self, count: int = 1000) -> None:
        """Carry out some of what was asked for."""
        for deferred, work in self.jobs[:count]:
            deferred.callback(work())
        del self.jobs[:count]


class Bench:
    """One reception with its surroundings."""

    def __init__(self, folder: Path, size: int, here: bytes = b"", start: int = 0) -> None:
        self.clock = Clock()
        self.worker = SlowWorker()
        self.transport = FakeTransport()
        self.part = PartialFile(Place(folder, "song.mp3"))
        self.part.open()
        self.part.write(0, memoryview(here))
        target = Target(self.part, size)
        source = Source(Offer("alice", b"x"), Person(), from_start=True)
        self.team = Team(self.clock, self.worker, target, self.stored)
        self.progress: list[int] = []
        self.reception = Reception(
            self.team,
            Claims(self.team, source),
            Intake(target, start, source),
            Expected(size, start),
        )
        self.outcome: list[Any] = []
        self.reception.done.addBoth(
            lambda result: self.outcome.append(getattr(result, "value", result))
        )
        self.reception.connected(self.transport)

    def stored(self, here: int) -> None:
        self.progress.append(here)

    def receive(self, data: bytes, step: int = READ_SIZE) -> None:
        for at in range(0, len(data), step):
            self.reception.received(data[at : at + step])

    def pass_time(self, seconds: float) -> None:
        self.clock.pump([1] * int(seconds))

    @property
    def here(self) -> bytes:
        return self.part.read(0, 10**9)


@pytest.fixture
def make(tmp_path: Path) -> Iterator[Any]:
    made: list[Bench] = []

    def build(size: int, here: bytes = b"", start: int = 0) -> Bench:
        made.append(Bench(tmp_path, size, here, start))
        return made[-1]

    yield build
    for bench in made:
        bench.reception.abandon()
        bench.part.close()
        assert not bench.clock.getDelayedCalls()


def test_content_is_written_in_batches(make: Any) -> None:
    """Content goes to the disk in big pieces, and the end at once."""
    bench = make(len(DATA))
    bench.receive(DATA, 8192)
    assert len(bench.worker.jobs) == 3
    assert not bench.outcome
    bench.worker.let()
    assert bench.outcome == [None]
    assert bench.here == DATA
    assert bench.progress[-1] == len(DATA)
    assert bench.transport.disconnecting
    assert bench.transport.bufferSize == READ_SIZE


def test_slow_content_is_written_every_second(make: Any) -> None:
    """What a modem sends is on the disk a second later, not half a mebibyte later."""
    bench = make(10**6)
    bench.receive(b"x" * 4000)
    assert not bench.worker.jobs
    bench.pass_time(1)
    bench.worker.let()
    assert bench.here == b"x" * 4000


def test_a_source_waits_for_a_slow_disk(make: Any) -> None:
    """The queue to the disk is bounded: the source is paused, and goes on at half."""
    bench = make(10**10)
    block = bytes(READ_SIZE)
    while bench.transport.producerState == "producing":
        bench.reception.received(block)
        assert sum(1 for _ in bench.worker.jobs) * BATCH <= PAUSE_AT
    assert len(bench.worker.jobs) == PAUSE_AT // BATCH
    bench.worker.let((PAUSE_AT - RESUME_AT) // BATCH - 1)
    assert bench.transport.producerState == "paused"
    bench.worker.let(1)
    assert bench.transport.producerState == "producing"


def test_a_slow_disk_is_no_stall(make: Any) -> None:
    """A source that is paused by us is not blamed for its silence."""
    bench = make(10**10)
    while bench.transport.producerState == "producing":
        bench.reception.received(bytes(READ_SIZE))
    bench.pass_time(10 * STALL_TIME)
    assert not bench.outcome


@pytest.mark.parametrize("drip", [b"", b"x"])
def test_a_stall_is_named_within_its_time(make: Any, drip: bytes) -> None:
    """A source that sends nothing, or next to nothing, is given up after a minute."""
    bench = make(10**6)
    bench.receive(b"x" * 5000)
    for _ in range(int(STALL_TIME) + 2):
        bench.receive(drip, 1)
        bench.pass_time(1)
    (error,) = bench.outcome
    assert isinstance(error, StalledError)
    assert "60 s" in str(error)
    assert bench.transport.disconnecting
    bench.worker.let()
    assert bench.here.startswith(b"x" * 5000)


def test_a_modem_is_no_stall(make: Any) -> None:
    """The slowest link of the protocol is fast enough."""
    bench = make(10**6)
    for _ in range(300):
        bench.receive(b"x" * 1400)
        bench.pass_time(1)
    assert not bench.outcome


def test_a_source_that_leaves_early(make: Any) -> None:
    """What came before a connection broke is written; the error says how much that was."""
    bench = make(len(DATA))
    bench.receive(DATA[:5000])
    bench.reception.lost("connection reset")
    (error,) = bench.outcome
    assert isinstance(error, LostError)
    assert str(error) == "the connection ended after 4.88 KiB: connection reset"
    bench.worker.let()
    assert bench.here == DATA[:5000]


def test_a_source_that_leaves_when_all_has_come(make: Any) -> None:
    """A connection that ends with the last byte is as it should be, however slow the disk."""
    bench = make(len(DATA))
    bench.receive(DATA)
    bench.reception.lost("closed")
    assert not bench.outcome
    bench.worker.let()
    assert bench.outcome == [None]


@pytest.mark.parametrize("split", [0, 1, 1000])
def test_a_source_that_sends_more_than_it_said(make: Any, split: int) -> None:
    """Not one byte behind the announced size reaches the disk, and the source is named."""
    bench = make(len(DATA))
    bench.receive(DATA[: len(DATA) - split])
    bench.reception.received(DATA[len(DATA) - split :] + b"more")
    bench.worker.let()
    (error,) = bench.outcome
    assert isinstance(error, SurplusError)
    assert bench.here == DATA
    assert bench.transport.disconnecting
    bench.reception.received(b"and more")
    assert bench.here == DATA


def test_the_end_of_a_resumed_file_is_watched(make: Any) -> None:
    """A source that ignored the offset is found out by what it sends behind the end."""
    bench = make(5000, DATA[:3000], 2000)
    bench.receive(DATA[2000:5000])
    bench.worker.let()
    assert not bench.outcome
    bench.receive(b"more")
    bench.worker.let()
    assert isinstance(bench.outcome[0], SurplusError)
    assert bench.reception.began == 3000


@pytest.mark.parametrize("closes", [True, False])
def test_a_resumed_file_ends_when_nothing_more_comes(make: Any, *, closes: bool) -> None:
    """A resumed file is complete when its source hangs up, or stays silent for a moment."""
    bench = make(5000, DATA[:3000], 2000)
    bench.receive(DATA[2000:5000])
    bench.worker.let()
    if closes:
        bench.reception.lost("closed")
    else:
        bench.pass_time(2)
    assert bench.outcome == [None]
    assert bench.here == DATA[:5000]


def test_an_empty_file_is_complete_at_once(make: Any) -> None:
    """Nothing is waited for where nothing is to come."""
    assert make(0).outcome == [None]


def test_a_failing_disk(make: Any) -> None:
    """An error of the disk ends the connection and is told as it is."""
    bench = make(10**7)
    bench.receive(DATA)
    deferred, _ = bench.worker.jobs.pop(0)
    deferred.errback(OSError(28, "No space left on device"))
    (error,) = bench.outcome
    assert isinstance(error, OSError)
    assert bench.transport.disconnecting


def test_cancelling(make: Any) -> None:
    """Cancelling closes the connection; what came before is written."""
    bench = make(10**7)
    bench.receive(b"x" * 3000)
    bench.reception.done.cancel()
    assert isinstance(bench.outcome[0], CancelledError)
    assert bench.transport.disconnecting
    bench.reception.received(b"late")
    bench.worker.let()
    assert bench.here == b"x" * 3000


def test_a_connection_that_comes_too_late(make: Any, tmp_path: Path) -> None:
    """A connection handed over after the end is closed."""
    bench = make(10**7)
    bench.reception.done.cancel()
    late = FakeTransport()
    bench.reception.connected(late)
    assert late.disconnecting
