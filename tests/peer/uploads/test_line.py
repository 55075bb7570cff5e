"""The queue: fair, told in places, and not held up by those who have left."""

from collections import Counter

import pytest
from hypothesis import given
from hypothesis import strategies as st
from twisted.internet.task import Clock

from napster.peer.uploads.line import FORGET, HOLD, QueueFullError, UploadLimits, WaitingLine


def line(
    slots: int = 1, per_user: int = 1, length: int = 10, clock: Clock | None = None
) -> WaitingLine:
    return WaitingLine(clock or Clock(), UploadLimits(slots, per_user, length))


FULL = Counter({"somebody": 1})


def test_a_free_slot_is_given_at_once() -> None:
    """Nobody waits while there is room, and nobody is remembered as waiting."""
    waiting = line()
    assert waiting.ask(("bob", b"a"), {}) == 0
    assert len(waiting) == 0


def test_places_are_told_in_the_order_of_asking() -> None:
    """Asking again keeps the place."""
    waiting = line()
    assert [waiting.ask((nick, b"a"), FULL) for nick in ("bob", "eve", "bob", "mia")] == [
        1,
        2,
        1,
        3,
    ]


def test_the_first_in_line_gets_the_slot() -> None:
    """Whoever asks while somebody is ahead goes on waiting."""
    waiting = line()
    waiting.ask(("bob", b"a"), FULL)
    waiting.ask(("eve", b"a"), FULL)
    assert waiting.ask(("eve", b"a"), {}) == 2
    assert waiting.ask(("bob", b"a"), {}) == 0
    assert waiting.ask(("eve", b"a"), {}) == 0


def test_users_take_turns() -> None:
    """Somebody who asks for a hundred files does not keep the others from their first."""
    waiting = line(length=200)
    for number in range(100):
        waiting.ask(("greedy", b"%d" % number), FULL)
    assert waiting.ask(("bob", b"a"), FULL) == 2
    assert waiting.ask(("bob", b"b"), FULL) == 4


def test_what_a_user_is_being_sent_counts() -> None:
    """A user with a slot comes after one without."""
    waiting = line(slots=3, per_user=3)
    taken = Counter({"bob": 2, "mia": 1})
    assert waiting.ask(("bob", b"c"), taken) == 1
    assert waiting.ask(("eve", b"a"), taken) == 1
    assert waiting.ask(("bob", b"c"), taken) == 2


def test_no_user_has_more_slots_than_allowed() -> None:
    """Also when there are free ones; and those do not stay free for others because of it."""
    waiting = line(slots=3, per_user=1)
    assert waiting.ask(("bob", b"b"), Counter({"bob": 1})) == 1
    assert waiting.ask(("eve", b"a"), Counter({"bob": 1})) == 0


def test_slots_of_friends() -> None:
    """They have their own besides the others, which nobody else ever gets."""
    limits = UploadLimits(slots=1, slots_per_user=5, queue_length=10, friend_slots=1)
    waiting = WaitingLine(Clock(), limits, friends={"bob"})
    assert waiting.ask(("eve", b"a"), {}) == 0
    assert waiting.ask(("mia", b"a"), {"eve": 1}) == 1
    assert waiting.ask(("bob", b"a"), {"eve": 1}) == 0
    assert waiting.ask(("bob", b"b"), {"eve": 1, "bob": 1}) == 2
    assert waiting.ask(("mia", b"a"), {"bob": 1}) == 0
    assert waiting.ask(("tom", b"a"), {"bob": 2}) == 1


def test_somebody_who_has_left_holds_nobody_up() -> None:
    """A free slot is held for the next in line for a while only."""
    clock = Clock()
    waiting = line(clock=clock)
    waiting.ask(("gone", b"a"), FULL)
    clock.advance(HOLD - 10)
    waiting.ask(("bob", b"a"), FULL)
    assert waiting.ask(("bob", b"a"), {}) == 2
    clock.advance(11)
    assert waiting.ask(("bob", b"a"), {}) == 0


def test_places_are_lost_after_a_long_silence() -> None:
    """Who comes back much later begins anew."""
    clock = Clock()
    waiting = line(clock=clock)
    waiting.ask(("gone", b"a"), FULL)
    clock.advance(FORGET + 1)
    assert waiting.ask(("bob", b"a"), FULL) == 1
    assert waiting.ask(("gone", b"a"), FULL) == 2


def test_a_full_queue_takes_nobody_more() -> None:
    """Those in it keep asking; a queue of none means that nobody waits."""
    waiting = line(length=1)
    waiting.ask(("bob", b"a"), FULL)
    with pytest.raises(QueueFullError):
        waiting.ask(("eve", b"a"), FULL)
    assert waiting.ask(("bob", b"a"), FULL) == 1
    none = line(length=0)
    assert none.ask(("bob", b"a"), {}) == 0
    with pytest.raises(QueueFullError):
        none.ask(("bob", b"a"), FULL)
    assert len(none) == 0


ASKS = st.lists(st.tuples(st.sampled_from("abcde"), st.sampled_from([b"1", b"2", b"3"])))


@given(ASKS, st.integers(1, 4), st.integers(1, 3), st.data())
def test_slots_are_never_given_out_beyond_the_limits(
    asks: list[tuple[str, bytes]], slots: int, per_user: int, data: st.DataObject
) -> None:
    """Whoever asks in whatever order, and whichever uploads end in between."""
    waiting = line(slots, per_user, length=100)
    taken: Counter[str] = Counter()
    for nick, path in asks:
        place = waiting.ask((nick, path), taken)
        assert 0 <= place <= len(waiting)
        taken[nick] += place == 0
        assert taken.total() <= slots
        assert max(taken.values()) <= per_user
        if taken.total() and data.draw(st.booleans()):
            taken[data.draw(st.sampled_from(sorted(taken.elements())))] -= 1
            taken = +taken


def test_nobody_waits_for_ever() -> None:
    """With slots that become free, everybody who keeps asking is served."""
    waiting = line(slots=2, per_user=1, length=100)
    wishes = [(nick, b"%d" % number) for nick in "abc" for number in range(5)]
    taken: list[str] = []
    for _ in range(60):
        for nick, path in list(wishes):
            if waiting.ask((nick, path), Counter(taken)) == 0:
                taken.append(nick)
                wishes.remove((nick, path))
        taken = taken[1:]
    assert not wishes
