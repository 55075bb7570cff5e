"""Noticing that a path is offered twice."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napster.catalog.interface import Owner
from napster.catalog.memory import seen
from napster.catalog.memory.batch import Hashes
from napster.catalog.memory.seen import Seen, SeenPaths
from napster.catalog.memory.shelf import Shelf, Tally


@given(st.lists(st.lists(st.integers(0, 60), max_size=8), max_size=12))
def test_hashes_are_known_from_the_second_time_on(batches: list[list[int]]) -> None:
    """Whether they came lately, long ago or are there twice; nothing else is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(seen, "_LATEST", 10)
        known = Seen(np.array([5, 3], np.uint32))
        before = {3, 5}
        for batch in batches:
            twice = {each for each in batch if batch.count(each) > 1}
            expected = before.intersection(batch) | twice
            assert set(known.remember(np.array(batch, np.uint32)).tolist()) == expected
            before.update(batch)


def test_hashes_of_many_shelves_are_dropped(monkeypatch: pytest.MonkeyPatch) -> None:
    """Those of who shared longest ago, and what they were is looked up when asked for again."""
    monkeypatch.setattr(seen, "_MOST", 10)
    shelves = [Shelf(Owner(f"user{number}", 0, 0, 0), number, Tally()) for number in range(5)]
    shared: dict[Shelf, list[int]] = {shelf: [] for shelf in shelves}

    class Lookup:
        def path_hashes(self, shelf: Shelf) -> Hashes:
            return np.array(shared[shelf], np.uint32)

    paths = SeenPaths(Lookup())
    for shelf in shelves:
        assert not len(paths.remember(shelf, np.array([1, 2, 3], np.uint32)))
        shared[shelf] = [1, 2, 3]
    assert [*paths._seen] == shelves[2:]
    assert paths.remember(shelves[0], np.array([3, 4], np.uint32)).tolist() == [3]
    assert [*paths._seen] == [shelves[4], shelves[0]]
    paths.forget(shelves[4])
    assert paths._count == sum(map(len, paths._seen.values())) == 5
