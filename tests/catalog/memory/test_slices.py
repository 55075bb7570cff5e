"""Running what takes long a slice at a time."""

from collections.abc import Generator

import pytest
from twisted.internet.defer import CancelledError
from twisted.internet.task import Clock

from napster.catalog.memory.slices import Slices
from tests.catalog.helpers import BusyClock, fired


def _count(log: list[str], name: str, steps: int) -> Generator[None, None, str]:
    for step in range(steps):
        log.append(f"{name}{step}")
        yield
    return name


@pytest.mark.parametrize("kind", ["answer", "run"])
def test_quick_work_is_done_at_once(kind: str) -> None:
    """What fits into one slice needs no turn of the reactor."""
    clock = Clock()
    log: list[str] = []
    assert fired(getattr(Slices(clock), kind)(_count(log, "a", 100))) == "a"
    assert len(log) == 100
    assert not clock.getDelayedCalls()


def test_long_work_takes_turns() -> None:
    """One job after the other gets a slice a turn; a first one at once only if nobody waits."""
    clock = BusyClock()
    slices = Slices(clock)
    log: list[str] = []
    jobs = [slices.run(_count(log, name, 3)) for name in "ab"]
    assert log == ["a0"]
    clock.turn()
    assert log == ["a0", "a1"]
    clock.turn()
    clock.turn()
    assert log == ["a0", "a1", "b0", "a2"]
    while clock.getDelayedCalls():
        clock.turn()
    assert list(map(fired, jobs)) == ["a", "b"]


def test_questions_do_not_stand_in_the_line_of_work() -> None:
    """However many jobs there are, a question begins at once and gets a slice in every turn."""
    clock = BusyClock()
    slices = Slices(clock)
    log: list[str] = []
    jobs = [slices.run(_count(log, name, 3)) for name in "abc"]
    question = slices.answer(_count(log, "q", 3))
    assert log == ["a0", "q0"]
    clock.turn()
    clock.turn()
    assert log == ["a0", "q0", "q1", "a1", "q2", "b0"]
    while clock.getDelayedCalls():
        clock.turn()
    assert list(map(fired, [*jobs, question])) == ["a", "b", "c", "q"]


def test_work_for_later_starts_in_another_turn() -> None:
    """Nothing of it happens before the caller is done."""
    clock = BusyClock()
    slices = Slices(clock)
    log: list[str] = []
    job = slices.run_later(_count(log, "a", 1))
    assert not log
    while clock.getDelayedCalls():
        clock.turn()
    assert fired(job) == "a"


@pytest.mark.parametrize("kind", ["answer", "run", "run_later"])
@pytest.mark.parametrize("steps", [0, 2])
def test_a_failure_reaches_who_waits(kind: str, steps: int) -> None:
    """An exception ends the job, in its first slice or a later one, and not the others."""
    clock = BusyClock()
    slices = Slices(clock)

    def fail() -> Generator[None, None, None]:
        for _ in range(steps):
            yield
        raise ValueError("no")

    failing, log = getattr(slices, kind)(fail()), list[str]()
    other = slices.run(_count(log, "a", 3))
    while clock.getDelayedCalls():
        clock.turn()
    with pytest.raises(ValueError, match="no"):
        fired(failing)
    assert fired(other) == "a"


@pytest.mark.parametrize("kind", ["answer", "run"])
def test_a_cancelled_job_stops(kind: str) -> None:
    """Nothing more is done for nobody, and the steps can clean up."""
    clock = BusyClock()
    slices = Slices(clock)
    log: list[str] = []

    def work() -> Generator[None, None, None]:
        try:
            yield from _count(log, "a", 9)
        finally:
            log.append("closed")

    job = getattr(slices, kind)(work())
    job.cancel()
    with pytest.raises(CancelledError):
        fired(job)
    while clock.getDelayedCalls():
        clock.turn()
    assert log == ["a0", "closed"]


def test_slices_are_shorter_while_questions_come() -> None:
    """Another question may be waiting for the end of this one; once none come, turns are saved."""
    clock = BusyClock()
    clock.step = 0.0003
    slices = Slices(clock)
    log: list[str] = []

    def steps_of_a_slice() -> int:
        before = len(log)
        clock.turn()
        return len(log) - before

    slices.run(_count(log, "a", 1000))
    assert (len(log), steps_of_a_slice()) == (7, 7)
    assert fired(slices.answer(_count([], "q", 1))) == "q"
    assert (steps_of_a_slice(), steps_of_a_slice()) == (1, 1)
    for _ in range(3):
        slices.run(_count(log, "b", 1000))
    assert steps_of_a_slice() == 4
    clock.rightNow += 0.05
    assert steps_of_a_slice() == 7


def test_work_that_others_are_to_come_before() -> None:
    """It stands behind those that wait, and begins in another turn at the earliest."""
    clock = BusyClock()
    slices = Slices(clock)
    log: list[str] = []
    slices.run(_count(log, "a", 2))
    slices.run_behind(_count(log, "b", 1))
    assert log == ["a0"]
    while clock.getDelayedCalls():
        clock.turn()
    assert log == ["a0", "a1", "b0"]


def test_what_nobody_waits_for_rests_while_questions_come() -> None:
    """Whatever happens then is seen to at once; somebody who waits ends the rest."""
    clock = BusyClock()
    clock.step = 0.00005
    slices = Slices(clock)

    def pause() -> float:
        (call,) = clock.getDelayedCalls()
        return call.getTime() - clock.rightNow

    slices.run_later(_count([], "a", 10_000))
    slices.run_behind(_count([], "b", 10_000))
    clock.turn()
    assert pause() <= 0
    assert fired(slices.answer(_count([], "q", 1))) == "q"
    clock.turn()
    assert pause() > 0.0005
    job = slices.run(_count([], "c", 10_000))
    assert pause() <= 0
    clock.turn()
    assert pause() <= 0
    job.cancel()
    job.addErrback(lambda failure: failure.trap(CancelledError))
    clock.turn()
    assert pause() > 0.0005
    clock.rightNow += 0.05
    clock.turn()
    assert pause() <= 0
