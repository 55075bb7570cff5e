"""Pairs of words in many files at once."""

from collections.abc import Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napster.catalog import pair_filter
from napster.catalog.listing import separate
from napster.catalog.pair_filter import PairFilter
from napster.catalog.words import words

Pairs = Sequence[tuple[bytes, bytes]]


def found(pairs: PairFilter, *paths: bytes) -> list[list[tuple[int, int]]]:
    """Return what is found in files, part by part."""
    return [part for part in pairs.find(*separate(paths)) if part]


def having(pairs: Pairs, paths: Sequence[bytes]) -> list[tuple[int, int]]:
    """Look at each word of each file."""
    numbers = [
        {PairFilter.number(*pair) for pair in pairs if set(words(path)).issuperset(pair)}
        for path in paths
    ]
    return [(place, number) for place, some in enumerate(numbers) for number in sorted(some)]


some_words = st.sampled_from(
    ["a", "b", "ab", "mp3", "Björk", "½x", "…", "don't", "x" * 16, "y" * 17]
)
some_paths = st.lists(
    st.lists(st.tuples(some_words, st.sampled_from([" ", "\\", "-"])).map("".join), max_size=6)
    .map("".join)
    .map(str.encode),
    min_size=1,
)
folded = some_words.map(str.encode).map(words).filter(bool).map(lambda found: found[0])


@given(st.lists(st.tuples(folded, folded), max_size=8), some_paths)
def test_what_is_found(wanted: Pairs, paths: Sequence[bytes]) -> None:
    """In each file every pair is found that it has, once, and no other of so few."""
    pairs = PairFilter()
    for number in {PairFilter.number(*pair) for pair in wanted}:
        pairs.add(number)
    assert [*map(sorted, found(pairs, *paths))] == [
        every for every in [having(wanted, paths)] if every
    ]


def test_many_pairs_come_in_parts(monkeypatch: pytest.MonkeyPatch) -> None:
    """However many pairs files have, few are looked at together, but all of each file."""
    wanted = [(first, second) for first in (b"a", b"b", b"c") for second in (b"x", b"y")]
    pairs = PairFilter()
    for pair in wanted:
        pairs.add(PairFilter.number(*pair))
    paths = [b"a x", b"a b c x y", b"none", b"c y", b"b x", b"a b x", b"c y x"]
    (whole,) = found(pairs, *paths)
    assert sorted(whole) == having(wanted, paths)
    monkeypatch.setattr(pair_filter, "_AT_ONCE", 3)
    parts = found(pairs, *paths)
    assert [each for part in parts for each in part] == whole
    assert [{place for place, _ in part} for part in parts] == [{0}, {1, 3}, {4, 5}, {6}]


def test_a_pair_is_found_until_it_is_removed() -> None:
    """Another pair that shares a word with it does not take it along."""
    pairs = PairFilter()
    numbers = [PairFilter.number(*pair) for pair in ((b"a", b"b"), (b"a", b"c"), (b"b", b"a"))]
    for number in numbers:
        pairs.add(number)
        pairs.add(number)
    left = set(numbers)
    for number in numbers:
        pairs.remove(number)
        assert {each for part in found(pairs, b"a b c") for _, each in part} == left
        pairs.remove(number)
        left.remove(number)
        assert {each for part in found(pairs, b"a b c") for _, each in part} == left
    assert not pairs._words.bits.any()
    assert not pairs._pairs.bits.any()
    assert pairs._words._again.total() == pairs._pairs._again.total() == 0
