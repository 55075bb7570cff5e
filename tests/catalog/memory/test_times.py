"""When files were offered is kept, whether they came at once or not."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from napster.catalog.memory.times import Times

_BLOCK, _BLOCKS = 4, 3
_offers = st.lists(
    st.tuples(
        st.sets(st.integers(0, _BLOCK * _BLOCKS - 1), min_size=1),
        st.one_of(st.integers(0, 3), st.lists(st.integers(0, 3), min_size=12, max_size=12)),
    )
)


@given(offers=_offers)
def test_each_file_keeps_its_time(offers: list[tuple[set[int], int | list[int]]]) -> None:
    """A time for all of some files, or one for each."""
    times, expected = Times(_BLOCKS, _BLOCK), dict[int, int]()
    for number in range(_BLOCKS):
        times.begin(number)
    for chosen, since in offers:
        ids = sorted(chosen)
        each = [since] * len(ids) if isinstance(since, int) else since[: len(ids)]
        times.keep(np.array(ids, np.uint32), since if isinstance(since, int) else each)
        expected |= zip(ids, each, strict=True)
    known = np.array([*expected], np.uint32)
    assert times.of(known).tolist() == [*expected.values()]


def test_a_block_begins_anew() -> None:
    """Files that take the place of others have nothing of their times."""
    times = Times(1, _BLOCK)
    times.begin(0)
    times.keep(np.array([0, 1], np.uint32), [5, 6])
    times.begin(0)
    times.keep(np.array([2], np.uint32), 7)
    assert times.of(np.array([2], np.uint32)).tolist() == [7]
    assert not times._of_each
