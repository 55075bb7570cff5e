"""Noticing that a path is offered twice."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napster.catalog.memory import seen
from napster.catalog.memory.seen import Seen


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
