"""Recipients send what was put for them in few pieces."""

from collections.abc import Callable
from typing import Any

from twisted.internet.task import Clock

from napster.index.flusher import APART, Flusher


class Recipient:
    """Notes when it sends."""

    def __init__(self, clock: Clock, act: Callable[[], None] = lambda: None) -> None:
        self._clock = clock
        self._act = act
        self.times: list[float] = []

    def flush(self) -> None:
        self.times.append(self._clock.seconds())
        self._act()


def test_first_at_once() -> None:
    """Who comes first sends at once; who comes soon after sends once with the others."""
    clock = Clock()
    flusher = Flusher(clock)
    anna, berta = Recipient(clock), Recipient(clock)
    flusher.add(anna)
    assert anna.times == [0]
    for each in (anna, berta, anna, berta):
        flusher.add(each)
    assert (anna.times, berta.times) == ([0], [])
    clock.advance(APART)
    assert (anna.times, berta.times) == ([0, APART], [APART])
    clock.advance(APART)
    flusher.add(berta)
    assert berta.times == [APART, 2 * APART]
    flusher.stop()


def test_stopped() -> None:
    """After a stop nothing is sent, and nothing of it is left in the clock."""
    clock = Clock()
    flusher = Flusher(clock)
    anna = Recipient(clock)
    flusher.add(anna)
    flusher.add(anna)
    flusher.stop()
    assert not clock.getDelayedCalls()
    assert anna.times == [0]
    flusher.stop()


def test_who_fails(logged_failures: list[dict[str, Any]]) -> None:
    """A failure of one is logged; the others send all the same, now and later."""

    def fail() -> None:
        raise OSError

    clock = Clock()
    flusher = Flusher(clock)
    anna, berta = Recipient(clock, fail), Recipient(clock)
    for _ in range(2):
        flusher.add(anna)
        flusher.add(berta)
        clock.advance(APART)
    clock.advance(APART)
    assert (len(anna.times), len(berta.times)) == (2, 2)
    assert [str(each["recipient"]) for each in logged_failures] == [str(anna)] * 2
    logged_failures.clear()
    assert not clock.getDelayedCalls()
