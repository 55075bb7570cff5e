"""The numbers of tokens."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napster.catalog.memory import token_table
from napster.catalog.memory.token_table import TokenTable
from napster.catalog.memory.vocabulary import COMPOUND, NO_WORD, Vocabulary
from napster.catalog.tokens import split
from napster.catalog.words import words

_LETTERS = st.sampled_from(
    ["a", "B", "1", "é", "½", "…", "'", " ", "-", "x" * 15, "x" * 16, "longer" * 4]
)
_NAMES = st.lists(st.lists(_LETTERS, max_size=6).map("".join).map(str.encode), min_size=1)


def _ignore() -> None:
    """Hear of new words."""


def _joined(names: list[bytes]) -> bytes:
    return b"".join(name + b"\0" for name in names)


def _numbers(table: TokenTable, names: list[bytes]) -> tuple[list[int], int]:
    """Return the numbers of all tokens, and how many steps that took but the last."""
    steps, count = table.numbers(split(_joined(names))), 0
    try:
        while True:
            next(steps)
            count += 1
    except StopIteration as stop:
        return stop.value.tolist(), count


def _words(table: TokenTable, vocabulary: Vocabulary, names: list[bytes]) -> list[list[bytes]]:
    found = split(_joined(names))
    result: list[list[bytes]] = [[] for _ in names]
    for rank, number in zip(found.ranks.tolist(), _numbers(table, names)[0], strict=True):
        parts = vocabulary.parts(number) if number >= COMPOUND else (number,)
        result[rank] += [vocabulary.word(part) for part in parts if part != NO_WORD]
    return result


@given(_NAMES, st.sampled_from([4, 8, 16, 1 << 14]))
def test_tokens_are_those_of_the_words(names: list[bytes], size: int) -> None:
    """What is found in bulk is what is found one by one, the second time too."""
    vocabulary = Vocabulary()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(token_table, "_SIZE", size)
        patch.setattr(token_table, "_CROWDED", 99)
        table = TokenTable(vocabulary, _ignore)
        for _ in range(2):
            assert _words(table, vocabulary, names) == list(map(words, names))


def test_known_tokens_are_not_asked_for_again(monkeypatch: pytest.MonkeyPatch) -> None:
    """Only longer tokens than a pair holds are looked up one by one each time."""
    monkeypatch.setattr(token_table, "_AT_ONCE", 1)
    vocabulary = Vocabulary()
    table = TokenTable(vocabulary, _ignore)
    names = [b"one two", b"sixteen-letters-x", b"abcdefghijklmnop", b"abcdefghijklmnopq"]
    assert _numbers(table, names)[1] == 7
    assert _numbers(table, names)[1] == 1


def test_a_long_token_is_not_taken_for_its_beginning(monkeypatch: pytest.MonkeyPatch) -> None:
    """A known token of the same first 16 bytes is another, wherever in its row it stands."""
    monkeypatch.setattr(token_table, "_SIZE", 4)
    monkeypatch.setattr(token_table, "_CROWDED", 99)
    vocabulary = Vocabulary()
    table = TokenTable(vocabulary, _ignore)
    names = [b"%016d" % number for number in range(4)]
    names += [name + b"more" for name in names]
    for _ in range(2):
        assert _words(table, vocabulary, names) == [[name] for name in names]


def test_a_table_grows(monkeypatch: pytest.MonkeyPatch) -> None:
    """More tokens than there is room for are still numbered rightly, and soon known again."""
    monkeypatch.setattr(token_table, "_SIZE", 64)
    vocabulary = Vocabulary()
    table = TokenTable(vocabulary, _ignore)
    names = [b"w%d" % number for number in range(1000)]
    for start in range(0, 1000, 50):
        some = names[start : start + 50]
        assert _words(table, vocabulary, some) == [[name] for name in some]
    assert _words(table, vocabulary, names) == [[name] for name in names]
    monkeypatch.setattr(token_table, "_AT_ONCE", 1)
    assert _numbers(table, names)[1] < 100


def test_tokens_move_to_a_larger_table(monkeypatch: pytest.MonkeyPatch) -> None:
    """A table that grows does so in steps, and few of the tokens it held are asked for again."""
    vocabulary = Vocabulary()
    table = TokenTable(vocabulary, _ignore)
    names = [b"w%d" % number for number in range(10_000)]
    numbers = _numbers(table, names)[0]
    monkeypatch.setattr(token_table, "_MOVED", token_table._SIZE // 8)
    monkeypatch.setattr(token_table, "_AT_ONCE", token_table._SIZE // 16)
    again, steps = _numbers(table, names)
    assert again == numbers
    assert 8 <= steps <= 9


def test_forgotten_tokens_are_asked_for_again() -> None:
    """A number that was given to another word is not found under the old one."""
    vocabulary = Vocabulary()
    table = TokenTable(vocabulary, _ignore)
    names = [b"old", "Öld".encode(), b"other"]
    before, _ = _numbers(table, names)
    table.forget(vocabulary.forget([before[0]]))
    assert _words(table, vocabulary, [b"new", *names]) == [[b"new"], [b"old"], [b"old"], [b"other"]]


def test_new_words_are_told_of_before_others_have_their_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Whoever asks for a word between two steps finds that there is room for it."""
    monkeypatch.setattr(token_table, "_AT_ONCE", 2)
    vocabulary = Vocabulary()
    told: list[int] = []
    table = TokenTable(vocabulary, lambda: told.append(vocabulary.top))
    for _ in table.numbers(split(_joined([b"one two three four five"]))):
        assert not told or told[-1] == vocabulary.top
    assert told == [4, 6, 7]
