"""The garbage collector does not hold a daemon up."""

import gc
import weakref
from collections.abc import Iterator

import pytest
from twisted.internet.task import Clock
from twisted.logger import LogLevel, capturedLogs

from napster.daemon.garbage import GarbageService


@pytest.fixture
def clock() -> Clock:
    """Return the service's clock."""
    return Clock()


@pytest.fixture
def service(clock: Clock) -> Iterator[GarbageService]:
    """Run the service for a test."""
    service = GarbageService(clock, full_collections=False)
    service.startService()
    yield service
    service.stopService()


class Cycle:
    """Refers to itself."""

    def __init__(self) -> None:
        self.itself = self


def test_full_collections(service: GarbageService) -> None:
    """None comes by itself, and none would look at what was here at the start."""
    full = gc.get_stats()[2]["collections"]
    kept: list[list[int]] = [[] for _ in range(300_000)]
    assert kept
    assert gc.get_stats()[2]["collections"] == full
    assert gc.get_freeze_count() > 10_000


def test_young_garbage(service: GarbageService) -> None:
    """What is made and thrown away as a cycle is still collected."""
    before = gc.get_stats()[0]["collected"]
    for _ in range(10_000):
        cycle: list[object] = []
        cycle.append(cycle)
    assert gc.get_stats()[0]["collected"] - before > 5_000


def test_young_garbage_among_what_comes_and_goes(service: GarbageService, clock: Clock) -> None:
    """What is young is looked at by time too, for as many objects go as come."""
    gc.disable()  # as if the number of objects never rose
    try:
        clock.advance(0.1)
        made = weakref.ref(Cycle())
        assert made() is not None
        clock.advance(0.1)
        assert made() is None
        counted = gc.get_stats()
        clock.advance(10)
        assert gc.get_stats()[2] == counted[2]
    finally:
        gc.enable()


def test_reload(service: GarbageService) -> None:
    """A reload looks through everything, and says what it found."""
    cycle: list[object] = []
    cycle.append(cycle)
    gc.collect(1)
    del cycle
    with capturedLogs() as events:
        service.reload(None)
    (event,) = events
    assert event["log_level"] is LogLevel.debug
    assert event["number"] >= 1


def test_afterwards() -> None:
    """Whatever runs later in the process finds the collector as it was."""
    before = gc.get_threshold()
    service = GarbageService(Clock(), full_collections=False)
    service.startService()
    assert gc.get_threshold() != before
    service.stopService()
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


def test_old_garbage() -> None:
    """Where it may be, it is looked for now and then; what was here at the start is not."""
    here: list[list[int]] = [[] for _ in range(10_000)]
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    service = GarbageService(Clock(), full_collections=True)
    service.startService()
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() >= frozen + len(here)
    service.stopService()
    assert gc.get_freeze_count() == 0
