"""Parts of a peer that start and stop."""

import gc

from napster.peer.lifetimes import GarbageService


def test_garbage() -> None:
    """What is here at the start is not looked through while a peer runs, but afterwards."""
    here: list[list[int]] = [[] for _ in range(10_000)]
    before = gc.get_freeze_count()
    service = GarbageService()
    service.startService()
    assert gc.get_freeze_count() >= before + len(here)
    service.stopService()
    assert gc.get_freeze_count() == 0
