"""The limits: exact, the same for everybody, heeded at once, and quiet when nobody waits."""

import random
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.task import Clock

from napster.peer.uploads.pacing import (
    LAG,
    LARGEST_PART,
    SMALLEST_PART,
    TICK,
    UNLIMITED_PART,
    Pace,
    Pacer,
)

ENDLESS = 2**40


class Sending:
    """An upload to somebody who takes everything at once, or nothing once it is `stuck`."""

    def __init__(self, pacer: Pacer, user: str) -> None:
        self.sent = 0
        self.stuck = False
        self.pace = pacer.join(user)
        self.done = Deferred.fromCoroutine(self._send(self.pace))
        self.done.addErrback(lambda failure: failure.trap(CancelledError))

    async def _send(self, pace: Pace) -> None:
        while not self.stuck:
            self.sent += await pace.part(ENDLESS)


def run(clock: Clock, seconds: float, step: Callable[[], float] = lambda: TICK) -> float:
    """Let time pass in steps; returns how much has."""
    begun = clock.seconds()
    while clock.seconds() - begun < seconds:
        clock.advance(step())
    return clock.seconds() - begun


def jain(shares: list[int]) -> float:
    """Tell how fair shares are: 1 if all are equal, 1/n if one has everything."""
    return sum(shares) ** 2 / (len(shares) * sum(share**2 for share in shares))


def end(uploads: list[Sending], clock: Clock) -> None:
    for each in uploads:
        each.pace.end()
    assert not clock.getDelayedCalls()


@pytest.mark.parametrize("number", [1, 50, 1000])
def test_the_total_is_exact_and_shared_fairly(number: int) -> None:
    """Within 2 %, and a Jain index of 0.99 at least, from the first ten seconds on."""
    clock = Clock()
    pacer = Pacer(clock, rate=10e6)
    uploads = [Sending(pacer, f"user{each}") for each in range(number)]
    seconds = run(clock, 10)
    sent = [each.sent for each in uploads]
    assert sum(sent) == pytest.approx(10e6 * seconds, rel=0.02)
    assert jain(sent) >= 0.99
    end(uploads, clock)


def test_late_ticks_are_made_up_for() -> None:
    """A reactor that is busy for up to half a second does not slow anybody down."""
    clock, late = Clock(), random.Random(1)
    pacer = Pacer(clock, rate=10e6)
    uploads = [Sending(pacer, f"user{each}") for each in range(50)]
    seconds = run(clock, 10, lambda: late.uniform(TICK, LAG))
    sent = [each.sent for each in uploads]
    assert sum(sent) == pytest.approx(10e6 * seconds, rel=0.02)
    assert jain(sent) >= 0.99
    end(uploads, clock)


def test_each_user_has_the_same_whatever_the_number_of_uploads() -> None:
    """The limit per user is for all uploads to one; the letter case of a nick is the caller's."""
    clock = Clock()
    pacer = Pacer(clock, rate_per_user=100e3)
    uploads = {
        user: [Sending(pacer, user) for _ in range(number)]
        for number, user in enumerate(("bob", "eve", "mia"), 1)
    }
    seconds = run(clock, 20)
    for each in uploads.values():
        assert sum(upload.sent for upload in each) == pytest.approx(100e3 * seconds, rel=0.02)
        assert jain([upload.sent for upload in each]) >= 0.99
        for upload in each:
            upload.pace.end()


@pytest.mark.parametrize(("users", "rate"), [(1, 80e3), (2, 50e3), (4, 25e3)])
def test_both_limits_hold(users: int, rate: float) -> None:
    """Whichever is the narrower."""
    clock = Clock()
    pacer = Pacer(clock, rate=100e3, rate_per_user=80e3)
    uploads = [Sending(pacer, f"user{each}") for each in range(users)]
    seconds = run(clock, 60)
    for each in uploads:
        assert each.sent == pytest.approx(rate * seconds, rel=0.02)
    end(uploads, clock)


def test_who_does_not_read_leaves_the_others_their_share() -> None:
    """Nothing is kept free for somebody who asks for nothing."""
    clock = Clock()
    pacer = Pacer(clock, rate=1e6)
    uploads = [Sending(pacer, f"user{each}") for each in range(4)]
    for each in uploads[:2]:
        each.stuck = True
    run(clock, 1)
    before = sum(each.sent for each in uploads)
    seconds = run(clock, 10)
    assert sum(each.sent for each in uploads) - before == pytest.approx(1e6 * seconds, rel=0.02)
    end(uploads, clock)


def test_after_a_rest_there_is_no_burst() -> None:
    """What nobody used is not saved up; of what somebody left, half a second's at most."""
    clock = Clock()
    pacer = Pacer(clock, rate=1e6)
    clock.advance(3600)
    upload = Sending(pacer, "bob")
    assert upload.sent == SMALLEST_PART
    clock.advance(3600)
    assert upload.sent <= 1e6 * LAG + 2 * LARGEST_PART
    end([upload], clock)


def test_other_rates_apply_at_once() -> None:
    """Also to whoever waits for a part that the old rate had put off for long."""
    clock = Clock()
    pacer = Pacer(clock, rate=100)
    uploads = [Sending(pacer, f"user{each}") for each in range(3)]
    run(clock, 1)
    before = [each.sent for each in uploads]
    pacer.set_rates(3e6, 0)
    seconds = run(clock, 10)
    for each, already in zip(uploads, before, strict=True):
        assert each.sent - already == pytest.approx(1e6 * seconds, rel=0.02)
    pacer.set_rates(0, 10)
    run(clock, 1)
    before = [each.sent for each in uploads]
    run(clock, 60)
    assert [each.sent for each in uploads] == before  # the next part of 2 KiB is not due yet
    end(uploads, clock)


def test_without_limits_nobody_waits_and_no_timer_runs() -> None:
    """All goes in large parts."""
    clock = Clock()
    pace = Pacer(clock).join("bob")
    parts: list[int] = []
    for left in (ENDLESS, 100):
        pace.part(left).addCallback(parts.append)
    assert parts == [UNLIMITED_PART, 100]
    assert not clock.getDelayedCalls()
    pace.end()


def test_who_leaves_while_waiting_is_told() -> None:
    """And the timer stops with the last one."""
    clock = Clock()
    pacer = Pacer(clock, rate=1000)
    first, second = pacer.join("bob"), pacer.join("eve")
    first.part(ENDLESS)
    failed: list[object] = []
    for each in (first, second):
        each.part(ENDLESS).addErrback(lambda failure: failed.append(failure.check(CancelledError)))
    first.end()
    assert len(clock.getDelayedCalls()) == 1
    second.end()
    assert failed == [CancelledError, CancelledError]
    assert not clock.getDelayedCalls()


@settings(max_examples=50, deadline=None)
@given(
    rate=st.integers(1, 10**8),
    per_user=st.integers(1, 10**8),
    users=st.integers(1, 5),
    steps=st.lists(st.floats(0.0001, 0.5), min_size=1, max_size=100),
)
def test_no_limit_is_ever_passed(rate: int, per_user: int, users: int, steps: list[float]) -> None:
    """Whatever the rates and however late the timer comes, but for what may be made up for."""
    clock = Clock()
    pacer = Pacer(clock, rate, per_user)
    uploads = [Sending(pacer, f"user{each}") for each in range(users)]
    for step in steps:
        clock.advance(step)
    seconds = clock.seconds() + LAG
    assert sum(each.sent for each in uploads) <= rate * seconds + LARGEST_PART
    assert all(each.sent <= per_user * seconds + LARGEST_PART for each in uploads)
    end(uploads, clock)
