"""Comparing what is known of many files with what is asked for."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from napster.catalog.memory.sieve import _between
from napster.wire.search import Range

BEYOND = 255
numbers = st.sampled_from([0, 1, 2, 5, 128, 254, 255, 256, 2**64 - 1])
ends = st.none() | numbers


@given(st.lists(numbers), ends, ends)
def test_ranges(values: list[int], lowest: int | None, highest: int | None) -> None:
    """Each end may be open, beyond what a column holds, or on the wrong side of the other."""
    held = [min(value, BEYOND) for value in values]
    asked = Range(lowest, highest)
    accepted = _between(np.array(held, np.uint8), asked, BEYOND)(slice(None))
    for value, accepts in zip(held, accepted.tolist(), strict=True):
        if value < BEYOND:
            assert accepts == (value in asked)
        else:
            assert accepts == (highest is None or highest >= BEYOND)
