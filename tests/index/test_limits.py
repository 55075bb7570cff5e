"""Buckets and limits."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock

from napster.index import limits as limits_module
from napster.index.buckets import Bucket, Rate
from napster.index.config import Settings
from napster.index.limits import Cost, LimitError, Limits

RATE = Rate(per_second=2, burst=10)


@given(st.lists(st.tuples(st.floats(0, 5), st.floats(0, 10)), max_size=50))
def test_bucket_never_gives_more(steps: list[tuple[float, float]]) -> None:
    """In no stretch of time is more spent than the burst and the rate allow."""
    bucket, now, spent = Bucket(), 0.0, 0.0
    for pause, amount in steps:
        now += pause
        if bucket.wait(RATE, amount, now) == 0:
            bucket.spend(RATE, amount, now)
            spent += amount
    assert spent <= RATE.burst + now * RATE.per_second + 1e-6


def test_bucket_says_how_long() -> None:
    """After the wait that was named, it works."""
    bucket = Bucket()
    bucket.spend(RATE, 10, 0)
    assert bucket.wait(RATE, 1, 0) == 0.5
    assert bucket.wait(RATE, 1, 0.5) == 0
    assert bucket.wait(RATE, 10, 100) == 0


def test_address_does_the_work_of_many() -> None:
    """Sessions of one address share what `address_users` users may do."""
    limits = Limits(Clock(), Settings(search_rate=1, burst_seconds=1, address_users=3))
    sessions = [limits.connect("a") for _ in range(5)]
    allowed = 0
    for session in sessions:
        try:
            session.spend(Cost.SEARCH)
            allowed += 1
        except LimitError:
            pass
    assert allowed == 3
    limits.connect("b").spend(Cost.SEARCH)


def test_refusal_costs_nothing() -> None:
    """Somebody who was refused does not have to wait longer for having asked."""
    clock = Clock()
    session = Limits(clock, Settings(search_rate=1, burst_seconds=1)).connect("a")
    session.spend(Cost.SEARCH)
    for _ in range(100):
        with pytest.raises(LimitError, match=r"Wait 1 s"):
            session.spend(Cost.SEARCH)
    clock.advance(1)
    session.spend(Cost.SEARCH)


def test_pace() -> None:
    """What is only slowed down says how long to wait, and counts."""
    clock = Clock()
    session = Limits(clock, Settings(share_rate=1, burst_seconds=1)).connect("a")
    assert session.pace(Cost.SHARE, 1024) == 0
    assert session.pace(Cost.SHARE, 2048) == 2
    clock.advance(2)
    assert session.pace(Cost.SHARE, 0) == 0


def test_short_waits_are_saved_up() -> None:
    """Nobody waits for less than 50 ms at a time, and what was not waited for counts."""
    session = Limits(Clock(), Settings(command_rate=100, burst_seconds=1)).connect("a")
    waits = [session.pace(Cost.COMMAND, 1) for _ in range(106)]
    assert waits == [0.0] * 104 + [pytest.approx(0.05), pytest.approx(0.06)]


def test_no_limit() -> None:
    """A rate of 0 means none."""
    session = Limits(Clock(), Settings(search_rate=0, share_rate=0)).connect("a")
    for _ in range(1000):
        session.spend(Cost.SEARCH)
    assert session.pace(Cost.SHARE, 1e9) == 0


def test_reload_applies_to_those_connected() -> None:
    """Other limits count at once for everybody."""
    clock = Clock()
    limits = Limits(clock, Settings(search_rate=1, burst_seconds=1))
    session = limits.connect("a")
    session.spend(Cost.SEARCH)
    limits.configure(Settings(search_rate=100, burst_seconds=1))
    session.spend(Cost.SEARCH)


def test_table_is_capped(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many addresses come, the table keeps only the last ones."""
    monkeypatch.setattr(limits_module, "_MOST_BUCKETS", 100)
    limits = Limits(Clock(), Settings())
    for number in range(1000):
        limits.count(Cost.WRONG_PASSWORD, str(number))
    assert len(limits._buckets) == 100


def test_connections_are_given_back() -> None:
    """After a connection has ended nothing is left of it."""
    limits = Limits(Clock(), Settings(max_connections_per_address=1))
    for _ in range(3):
        limits.connect("a").give_back()
    assert not limits._connections
