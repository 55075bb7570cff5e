"""Which files have a word."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyroaring import BitMap

from napster.catalog.memory import pairs, postings, recent
from napster.catalog.memory.postings import Postings
from napster.catalog.memory.vocabulary import COMPOUND, EVERY

IDS = st.lists(st.integers(0, 5000), unique=True)


def _add(where: Postings, number: int, ids: list[int]) -> None:
    where.extend(number, np.array(ids, np.uint32).tobytes())


@pytest.mark.parametrize("count", [1, 512, 513, 5000])
def test_a_word_has_the_ids_it_was_given(count: int) -> None:
    """Few or many, given in any order, at once or bit by bit."""
    ids = [number * 7919 % 100_003 for number in range(count)]
    found = Postings()
    found.make_room(4, 1 << 20)
    _add(found, 2, ids)
    for one in ids:
        _add(found, 3, [one])
    assert found.ids(2) == found.ids(3) == BitMap(ids)
    assert found.count(2) == found.count(3) == count
    assert (found.rare[2] is None) == (count > 512)


def test_runs_of_ids() -> None:
    """Successive ids can be added to rare and common words."""
    found = Postings()
    found.make_room(3, 1)
    found.add_range(2, 10, 5)
    assert found.ids(2) == BitMap(range(10, 15))
    found.add_range(2, 20, 1000)
    found.add_range(2, 3000, 7)
    assert found.ids(2) == BitMap([*range(10, 15), *range(20, 1020), *range(3000, 3007)])


def test_what_is_common_grows_with_the_catalog() -> None:
    """A bitmap pays only if it has some ids per container."""
    found = Postings()
    found.make_room(3, 1 << 24)
    found.add_range(2, 0, 5000)
    assert found.rare[2] is not None


@given(st.lists(IDS, min_size=1, max_size=6), IDS)
def test_sweeping_leaves_what_is_alive(words: list[list[int]], dead: list[int]) -> None:
    """Dead ids go from rare and common words; the words left without any are named."""
    found = Postings()
    found.make_room(2 + len(words), 1)
    found.add_range(EVERY, 0, 5001)
    for number, ids in enumerate(words, 2):
        _add(found, number, ids)
    is_dead = np.zeros(8192, np.bool_)
    is_dead[dead] = True
    empty = [
        number
        for first, end in found.rare_portions()
        for number in found.sweep_rare(first, end, is_dead)
    ]
    for number in list(found.common):
        found.sweep_common(number, BitMap(dead))
    for number, ids in enumerate(words, 2):
        assert found.ids(number) == BitMap(ids) - BitMap(dead)
        assert (number in empty) == bool(ids and not found.ids(number))
    assert found.ids(EVERY) == BitMap(range(5001)) - BitMap(dead)


@pytest.mark.parametrize("sizes", [[], [9], [3, 4, 3], [4, 4, 0, 9, 0, 1, 0], [0] * 600, [1] * 600])
def test_portions(monkeypatch: pytest.MonkeyPatch, sizes: list[int]) -> None:
    """Each word is in one portion, with few files or no others."""
    monkeypatch.setattr(postings, "_SWEPT", 8)
    found = Postings()
    found.make_room(2 + len(sizes), 1)
    for number, size in enumerate(sizes, 2):
        _add(found, number, [*range(size)])
    portions = [range(first, end) for first, end in found.rare_portions()]
    assert [number for each in portions for number in each] == [*range(2 + len(sizes))]
    for each in portions:
        assert len(each) == 1 or sum(map(found.count, each)) <= 8
    assert len(portions) <= 4 + sum(sizes) // 4


def test_a_common_word_may_become_rare(monkeypatch: pytest.MonkeyPatch) -> None:
    """With few files left a bitmap is given up; the empty word keeps its own."""
    monkeypatch.setattr(postings, "_COMMON", 10)
    found = Postings()
    found.make_room(3, 1)
    for number in (EVERY, 2):
        found.add_range(number, 0, 100)
        found.sweep_common(number, BitMap(range(1, 100)))
    assert found.rare[2] == bytes(4)
    assert found.ids(2) == found.ids(EVERY) == BitMap([0])
    assert list(found.common) == [EVERY]


@given(st.lists(st.tuples(st.integers(2, 9), st.integers(0, 99))))
def test_pairs_are_sorted_by_word(given: list[tuple[int, int]]) -> None:
    """Each word comes once, with each of its files once."""
    numbers, ids = np.array(given, np.uint32).reshape(-1, 2).T
    found = list(pairs.groups(*pairs.sort(numbers, ids)))
    assert [number for number, _ in found] == sorted({number for number, _ in given})
    for number, data in found:
        files = np.frombuffer(data, np.uint32).tolist()
        assert files == sorted({file for word, file in given if word == number})


def test_compound_numbers_are_replaced_by_their_parts() -> None:
    """Each part has the files that the compound had."""
    parts = {COMPOUND: (7, 8), COMPOUND + 1: (9,)}
    numbers = np.array([COMPOUND, 2, COMPOUND + 1, COMPOUND], np.uint32)
    files = np.array([10, 11, 12, 13], np.uint32)
    expanded = np.column_stack(pairs.expand(numbers, files, parts.__getitem__)).tolist()
    assert sorted(expanded) == [[2, 11], [7, 10], [7, 13], [8, 10], [8, 13], [9, 12]]


@given(st.lists(st.lists(st.tuples(st.integers(2, 20), st.integers(0, 99))), max_size=8), st.data())
def test_recent_files_are_found_while_they_are_handed_out(
    batches: list[list[tuple[int, int]]], data: st.DataObject
) -> None:
    """Wherever a file is on its way to its words, it is found, and counted."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in (("_WINDOW", 4), ("_STRIDE", 1), ("_SMALL", 8), ("_RUNS", 2)):
            patch.setattr(recent, name, value)
        patch.setattr(postings, "_AT_ONCE", 2)
        _hand_out(batches, data)


def _hand_out(batches: list[list[tuple[int, int]]], data: st.DataObject) -> None:
    found = Postings()
    found.make_room(21, 1)
    found._limit = 20
    added: set[tuple[int, int]] = set()
    under_way = [found.hand_out()]
    for batch in batches:
        new = sorted(set(batch) - added)
        added.update(new)
        found.add(*np.array(new, np.uint32).reshape(-1, 2).T)
        under_way.append(found.hand_out())
        for steps in under_way[: data.draw(st.integers(0, len(under_way)))]:
            next(steps, None)
        for word in range(2, 21):
            expected = {file for number, file in added if number == word}
            assert found.ids(word) == BitMap(expected)
            assert found.count(word) == len(expected)
    for _ in under_way.pop():
        pass
    assert not len(found.recent)
    assert not found.recent._leaving


def test_gathered_ids_are_handed_over() -> None:
    """In the end none waits, though words come and go while it is done."""
    found = Postings()
    found.make_room(5, 1)
    for number in (2, 3, 4):
        found.add_range(number, 0, 600)
        _add(found, number, [1000 + number])
    steps = found.hand_over()
    next(steps)
    found.sweep_common(3, BitMap(range(600)))
    assert [*steps]
    assert not any(each.gathered for each in found.common.values())
    assert found.ids(2) == BitMap([*range(600), 1002])
    assert found.ids(3) == BitMap([1003])
    assert found.ids(4) == BitMap([*range(600), 1004])


def test_what_many_files_of_a_batch_have_is_not_gathered() -> None:
    """A new word that is common at once does not wait until all of its files are sorted again."""
    found = Postings()
    found.make_room(4, 1)
    numbers = np.repeat(np.array([2, 3], np.uint32), (600, 2))
    found.add(numbers, np.arange(602, dtype=np.uint32))
    assert len(found.recent) == 2
    assert found.ids(2) == BitMap(range(600))
    assert found.ids(3) == BitMap([600, 601])


def test_when_it_is_time_to_hand_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """That is when many pairs wait, or many were looked for, and no more once they leave."""
    monkeypatch.setattr(recent, "_MANY", 3)
    monkeypatch.setattr(recent, "_LOOKS", 2)
    waiting, some = recent.Recent(), np.arange(3, dtype=np.uint32)
    waiting.add(some, some)
    assert not waiting.crowded
    waiting.add(some[:1], some[:1])
    assert waiting.crowded
    waiting.leave()
    assert not waiting.crowded
    waiting.add(some, some)
    for _ in range(2):
        waiting.of(1)
    assert not waiting.crowded
    waiting.of(1)
    assert waiting.crowded
