"""The known word that is spelt most like one that is not.

A word one edit away is looked up: every such spelling in ASCII letters, and in the letters of the
word itself, is tried. Else a word up to two edits away is looked for among those that begin with
the same letters. Of words equally near, the one that more files have wins. An edit is a letter left
out, put in, replaced, or swapped with the next.
"""

from collections.abc import Generator, Iterable, Iterator, Mapping
from string import ascii_lowercase, digits
from typing import Protocol

_SHORTEST = 3
"""A shorter word is near to everything."""
_SHORTEST_FOR_TWO = 5
_BEGINNING = 3
_MOST_COMPARED = 50_000
_SLICE = 200


class Lexicon(Protocol):
    """Words that are known; all are folded and in UTF-8."""

    def frequency(self, word: bytes) -> int:
        """How many files have a word; 0 for an unknown one."""

    def starting(self, prefix: bytes) -> Iterable[bytes]:
        """List the words that begin with at least three letters; no file may have some of them."""


def nearest(word: bytes, lexicon: Lexicon) -> Generator[None, None, bytes | None]:
    """Find the known word nearest to an unknown one; yields where the work may be interrupted."""
    text = word.decode("utf-8", "replace")
    if len(text) < _SHORTEST or text.isdigit():
        return None
    found = _most_frequent((each.encode() for each in _one_edit(text)), lexicon)
    if found is None and len(text) >= _SHORTEST_FOR_TWO:
        yield
        near = yield from _compare(text, lexicon)
        found = _most_frequent(near[1], lexicon) or _most_frequent(near[2], lexicon)
    return found


def _most_frequent(words: Iterable[bytes], lexicon: Lexicon) -> bytes | None:
    counted = ((lexicon.frequency(word), word) for word in words)
    known = [pair for pair in counted if pair[0]]
    return max(known)[1] if known else None


def _one_edit(text: str) -> Iterator[str]:
    letters = {*ascii_lowercase, *digits, *text}
    for at in range(len(text) + 1):
        before, after = text[:at], text[at:]
        if after:
            yield before + after[1:]
            yield from (before + letter + after[1:] for letter in letters)
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
        yield from (before + letter + after for letter in letters)


def _compare(text: str, lexicon: Lexicon) -> Generator[None, None, Mapping[int, list[bytes]]]:
    """Pick the words of the same beginning that are one edit away, and those that are two."""
    near: dict[int, list[bytes]] = {1: [], 2: []}
    beginning, rest, letters = text[:_BEGINNING], text[_BEGINNING:], set(text)
    for number, word in enumerate(lexicon.starting(beginning.encode())):
        if number >= _MOST_COMPARED:
            break
        if number % _SLICE == _SLICE - 1:
            yield
        other = word.decode("utf-8", "replace")
        # Two edits change the length by two at most, and put four letters at most out of common.
        alike = abs(len(other) - len(text)) <= 2 and len(letters ^ set(other)) <= 4
        if alike and (distance := _distance(rest, other[_BEGINNING:])) in near:
            near[distance].append(word)
    return near


def _distance(one: str, two: str) -> int:
    """Count the edits between two words (optimal string alignment)."""
    before: list[int] = []
    row = list(range(len(two) + 1))
    for i, letter in enumerate(one, 1):
        before, above, row = row, before, [i]
        for j, other in enumerate(two, 1):
            cost = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (letter != other))
            if i > 1 and j > 1 and letter == two[j - 2] and one[i - 2] == other:
                cost = min(cost, above[j - 2] + 1)
            row.append(cost)
    return row[-1]
