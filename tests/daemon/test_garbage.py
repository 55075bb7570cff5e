"""The garbage collector does not hold a daemon up."""

import gc
from collections.abc import Iterator

import pytest
from twisted.logger import LogLevel, capturedLogs

from napster.daemon.garbage import GarbageService


@pytest.fixture
def service() -> Iterator[GarbageService]:
    """Run the service for a test."""
    service = GarbageService(full_collections=False)
    service.startService()
    yield service
    service.stopService()


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
    service = GarbageService(full_collections=False)
    service.startService()
    assert gc.get_threshold() != before
    service.stopService()
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() == 0


def test_old_garbage() -> None:
    """Where it may be, it is looked for now and then; what was here at the start is not."""
    here: list[list[int]] = [[] for _ in range(10_000)]
    before, frozen = gc.get_threshold(), gc.get_freeze_count()
    service = GarbageService(full_collections=True)
    service.startService()
    assert gc.get_threshold() == before
    assert gc.get_freeze_count() >= frozen + len(here)
    service.stopService()
    assert gc.get_freeze_count() == 0
