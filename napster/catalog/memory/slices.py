"""Running what takes long a slice at a time, so that the reactor can do other things in between."""

from collections import deque
from collections.abc import Generator
from typing import Any, TypeVar

import attrs
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

T = TypeVar("T")
Steps = Generator[None, None, T]
"""Work that yields wherever it may be interrupted, and returns its result."""

_SLICE = 0.002


@attrs.frozen(eq=False)
class _Job:
    steps: Steps[Any]
    done: "Deferred[Any]"


class Slices:
    """Runs jobs: each a first slice at once, and what is left in turns with the others.

    A slice takes `_SLICE` seconds and as much longer as the step takes that is under way then.
    """

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._waiting: deque[_Job] = deque()
        self._turn_is_due = False

    def run(self, steps: Steps[T]) -> "Deferred[T]":
        """Run steps; fires with what they return. Cancelling stops them."""
        job = _Job(steps, Deferred(lambda _: self._cancel(job)))
        self._advance(job)
        return job.done

    def run_later(self, steps: Steps[T]) -> "Deferred[T]":
        """Run steps, from the next turn on; fires with what they return."""
        job = _Job(steps, Deferred(lambda _: self._cancel(job)))
        self._waiting.append(job)
        self._schedule()
        return job.done

    def _advance(self, job: _Job) -> None:
        end = self._clock.seconds() + _SLICE
        try:
            next(job.steps)
            while self._clock.seconds() < end:
                next(job.steps)
        except StopIteration as stop:
            job.done.callback(stop.value)
        except Exception:  # noqa: BLE001  # whoever waits for the job is told
            job.done.errback()
        else:
            self._waiting.append(job)
            self._schedule()

    def _schedule(self) -> None:
        if self._waiting and not self._turn_is_due:
            self._turn_is_due = True
            self._clock.callLater(0, self._turn)

    def _turn(self) -> None:
        self._turn_is_due = False
        if self._waiting:
            self._advance(self._waiting.popleft())
        self._schedule()

    def _cancel(self, job: _Job) -> None:
        self._waiting.remove(job)
        job.steps.close()
