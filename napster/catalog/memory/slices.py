"""Running what takes long a slice at a time, so that the reactor can do other things in between."""

from collections import deque
from collections.abc import Generator
from typing import Any, TypeVar

import attrs
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.interfaces import IDelayedCall, IReactorTime

T = TypeVar("T")
Steps = Generator[None, None, T]
"""Work that yields wherever it may be interrupted, and returns its result."""

_SLICE = 0.002
_SHORT = 0.001
"""A slice of work or tidying up is shorter if questions come: another may be waiting already."""
_SHORTEST = 0.0001
"""And shorter still, which takes more turns, while little work waits for them."""
_LITTLE = 2
_LATELY = 0.05
_REST = 0.001
"""For so long nothing is done between slices nobody waits for, while questions come."""
_ANSWER = 0.003
"""A slice of a question is longer: somebody waits for it, and most end with their first."""


@attrs.frozen(eq=False)
class _Job:
    steps: Steps[Any]
    done: "Deferred[Any]"
    line: "deque[_Job]"
    """Where it waits for its next slice."""
    awaited: bool = True
    """Whether somebody waits for the end of it."""


class Shared:
    """Steps that several jobs carry out together: whoever has a slice goes on with them."""

    def __init__(self, steps: Steps[None]) -> None:
        self._steps = steps
        self.over = False

    def go_on(self) -> None:
        """Carry out one step."""
        try:
            next(self._steps)
        except StopIteration:
            self.over = True

    def carry_out(self) -> Steps[None]:
        """Carry out all that is left, but for what others do meanwhile."""
        while not self.over:
            self.go_on()
            yield


class Slices:
    """Runs jobs slice by slice: in each turn one of a question, one of work and one of tidying up.

    So questions are answered soon, however much there is to take in, and what is taken in does not
    keep what has gone from being tidied up. A slice of a question takes 3 ms, one of the others
    2 ms or, if questions have come lately, 1 ms, a tenth of that while little work waits; and each
    as much longer as the step takes that is under way then. If nobody waits for any of it, there is
    a rest after each turn while questions come: whatever happens next is seen to at once then.
    """

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._questions: deque[_Job] = deque()
        self._work: deque[_Job] = deque()
        self._tidying: deque[_Job] = deque()
        self._lines = (self._questions, self._work, self._tidying)
        self._next_turn: IDelayedCall | None = None
        self._is_resting = False
        self._hurried_until = 0.0

    @property
    def in_short_steps(self) -> bool:
        """Whether work is to be done in short steps: questions come, and little work waits."""
        return len(self._work) <= _LITTLE and self._is_hurried

    def answer(self, steps: Steps[T]) -> "Deferred[T]":
        """Run the steps of a question, the first slice at once; fires with what they return."""
        now = self._clock.seconds()
        self._hurried_until = now + _LATELY
        try:
            self._go_on(steps, now + _ANSWER)
        except StopIteration as stop:
            return succeed(stop.value)
        except Exception:  # noqa: BLE001  # whoever asked is told
            return fail()
        job = self._job(steps, self._questions)
        self._wait(job)
        return job.done

    def run(self, steps: Steps[T]) -> "Deferred[T]":
        """Run other steps, at once unless work is waiting; fires with what they return."""
        job = self._job(steps, self._work)
        if self._work:
            self._wait(job)
        else:
            self._advance(job)
        return job.done

    def run_behind(self, steps: Steps[T]) -> "Deferred[T]":
        """Run steps nobody waits for behind the work that is waiting; fires with their result."""
        job = self._job(steps, self._work, awaited=False)
        self._wait(job)
        return job.done

    def run_later(self, steps: Steps[T]) -> "Deferred[T]":
        """Run steps nobody waits for, from the next turn on; fires with what they return."""
        job = self._job(steps, self._tidying, awaited=False)
        self._wait(job)
        return job.done

    def _job(self, steps: Steps[T], line: deque[_Job], *, awaited: bool = True) -> _Job:
        """Make a job; to cancel its Deferred stops it."""
        job = _Job(steps, Deferred(lambda _: self._cancel(job)), line, awaited)
        return job

    def _go_on(self, steps: Steps[Any], end: float) -> None:
        """Run steps until a time; raises StopIteration when they end, and what they raise."""
        next(steps)
        while self._clock.seconds() < end:
            next(steps)

    def _slice(self, job: _Job) -> float:
        """Return for how many seconds a job may go on."""
        if job.line is self._questions:
            return _ANSWER
        if self.in_short_steps:
            return _SHORTEST
        return _SHORT if self._is_hurried else _SLICE

    def _advance(self, job: _Job) -> None:
        length = self._slice(job)
        try:
            self._go_on(job.steps, self._clock.seconds() + length)
        except StopIteration as stop:
            job.done.callback(stop.value)
        except Exception:  # noqa: BLE001  # whoever waits for the job is told
            job.done.errback()
        else:
            self._wait(job)

    def _wait(self, job: _Job) -> None:
        job.line.append(job)
        self._schedule()

    def _schedule(self) -> None:
        if not any(self._lines):
            return
        rests = self._is_hurried and not self._is_awaited
        if self._next_turn is None:
            self._next_turn = self._clock.callLater(_REST if rests else 0, self._turn)
        elif self._is_resting and not rests:
            self._next_turn.reset(0)
        self._is_resting = rests

    @property
    def _is_hurried(self) -> bool:
        """Whether questions have come lately."""
        return self._clock.seconds() < self._hurried_until

    @property
    def _is_awaited(self) -> bool:
        """Whether somebody waits for anything."""
        return bool(self._questions) or any(job.awaited for job in self._work)

    def _turn(self) -> None:
        self._next_turn = None
        for line in self._lines:
            if line:
                self._advance(line.popleft())
        self._schedule()

    @staticmethod
    def _cancel(job: _Job) -> None:
        job.line.remove(job)
        job.steps.close()
