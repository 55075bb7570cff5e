"""Progress adds up, and the time left is told once it can be."""

import pytest
from twisted.internet.task import Clock

from napster.peer.library.inventory import Tally
from napster.peer.library.progress import Meter, Phase, Progress


def test_time_left() -> None:
    """At the pace so far, what is left takes as long as it is big."""
    clock = Clock()
    meter = Meter(clock)
    meter.start()
    big = 1 << 30
    assert meter.read(Phase.HASHING, Tally(4, 4 * big), 0).seconds_left is None
    clock.advance(10)
    meter.advance(1, big)
    progress = meter.read(Phase.HASHING, Tally(3, 3 * big), 0)
    assert progress == Progress(Phase.HASHING, 1, 4, big, 4 * big, progress.seconds_left)
    assert progress.seconds_left == pytest.approx(30)
    half_way = meter.read(Phase.HASHING, Tally(3, 3 * big), big // 2)
    assert half_way.bytes_done == big + big // 2
    assert half_way.seconds_left == pytest.approx(16.7, abs=0.1)


def test_small_files_count() -> None:
    """Files of no bytes take time as well."""
    clock = Clock()
    meter = Meter(clock)
    meter.start()
    clock.advance(1)
    meter.advance(100, 0)
    assert meter.read(Phase.HASHING, Tally(200, 0), 0).seconds_left == pytest.approx(2)


def test_no_promise_while_scanning() -> None:
    """While files are still being found, no time is told."""
    clock = Clock()
    meter = Meter(clock)
    meter.start()
    clock.advance(1)
    meter.advance(1, 1000)
    assert meter.read(Phase.SCANNING, Tally(5, 5000), 0).seconds_left is None


def test_a_new_run_starts_over() -> None:
    """The figures of one run do not count in the next."""
    clock = Clock()
    meter = Meter(clock)
    meter.start()
    meter.advance(5, 5000)
    meter.start()
    assert meter.read(Phase.HASHING, Tally(1, 10), 0) == Progress(Phase.HASHING, 0, 1, 0, 10, None)
