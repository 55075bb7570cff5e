"""Waits between tries: growing, jittered, long where somebody else has the nick."""

import pytest

from napster.peer.index_link.backoff import Backoff, Ending, SessionEnd

LOST = SessionEnd(Ending.LOST, "gone")
REPLACED = SessionEnd(Ending.REPLACED, "somebody else", online_for=90_000)


def most(_: Backoff | None = None) -> float:
    return 0.999999999


def test_waits_grow_up_to_five_minutes() -> None:
    """An index that stays away is tried more and more rarely, but for ever."""
    backoff = Backoff(most)
    waits = [backoff.after(LOST) for _ in range(2000)]
    assert waits == sorted(waits)
    assert round(waits[0]) == 1
    assert {round(wait) for wait in waits[40:]} == {300}


def test_an_index_that_comes_back_is_found_again_soon() -> None:
    """The wait is a fifth of the time for which it has been away, or the shortest one."""
    backoff, away = Backoff(most), 0.0
    for _ in range(100):
        wait = backoff.after(LOST)
        assert wait <= 1.001 + away / 5
        away += wait


def test_jitter_takes_up_to_half_off() -> None:
    """Peers that lost the index together do not come back together."""
    assert Backoff(lambda: 0.0).after(LOST) == 0.5
    assert Backoff(lambda: 0.5).after(LOST) == 0.75


def test_a_steady_session_starts_again_from_the_shortest_wait() -> None:
    """A link that broke once after hours is tried at once; one that flaps is not."""
    backoff = Backoff(most)
    for _ in range(5):
        backoff.after(LOST)
    assert round(backoff.after(SessionEnd(Ending.LOST, "", online_for=59))) == 2
    assert round(backoff.after(SessionEnd(Ending.LOST, "", online_for=61))) == 1


@pytest.mark.parametrize(("ending", "first"), [(Ending.REFUSED, 30), (Ending.REPLACED, 300)])
def test_other_endings_wait_longer_from_the_start(ending: Ending, first: int) -> None:
    """Neither a wrong password nor a taken nick mends itself in a second."""
    backoff = Backoff(most)
    backoff.after(LOST)
    assert round(backoff.after(SessionEnd(ending, ""))) == first


def test_two_daemons_of_one_nick_displace_each_other_ever_more_rarely() -> None:
    """However long a session lasted before it was displaced, the wait grows to an hour."""
    backoff = Backoff(most)
    waits = [round(backoff.after(REPLACED)) for _ in range(6)]
    assert waits == [300, 600, 1200, 2400, 3600, 3600]
