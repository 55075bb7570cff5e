"""When those who wait may begin."""

from hypothesis import given
from hypothesis import strategies as st

from napster.peer.uploads.estimate import starts

SECONDS = st.floats(0, 1e6)


def test_each_gets_the_slot_that_is_free_first() -> None:
    """Then it is taken for as long as that one takes."""
    assert starts([5, 1], [10, 10, 10]) == [1, 5, 11]
    assert starts([0], [3, 4, 5]) == [0, 3, 7]
    assert starts([7, 7], []) == []


@given(st.lists(SECONDS, min_size=1, max_size=5), st.lists(SECONDS, max_size=20))
def test_nobody_begins_before_those_ahead(slots: list[float], waiting: list[float]) -> None:
    """The estimates rise along the queue."""
    estimates = starts(slots, waiting)
    assert estimates == sorted(estimates)
    assert all(each >= min(slots) for each in estimates)
