"""The numbers of many tokens at once.

Known tokens stand in a table; its rows have four places, and the hash of a token tells its row. The
table stands in front of the vocabulary and never has to be complete: a token that is longer than
its two halves, or new, or whose row was full is looked up there by itself. When the words have
become too many for a table, its tokens move to one with twice as many places.
"""

from collections.abc import Callable, Iterable

import numpy as np
import numpy.typing as npt

from napster.catalog.memory.pairs import Numbers
from napster.catalog.memory.room import reserve
from napster.catalog.memory.slices import Steps
from napster.catalog.memory.vocabulary import Vocabulary
from napster.catalog.tokens import WIDTH, Halves, Places, Tokens, halves, hashes

_ROW = 4
_SIZE = 1 << 14
"""Places of the first table; each later one has twice as many."""
_CROWDED = 0.6
"""With so many words for each place a table is too small."""
_AT_ONCE = 256
"""So many tokens are looked up one by one in one step."""
_MOVED = 1 << 14
"""The tokens in so many places move to another table in one step."""


class TokenTable:
    """Numbers of tokens, learnt from a vocabulary."""

    def __init__(self, vocabulary: Vocabulary, learnt: Callable[[], None]) -> None:
        """`learnt` is called each time the vocabulary has learnt tokens, before anybody's turn."""
        self._vocabulary = vocabulary
        self._learnt = learnt
        self._make_table(_SIZE)

    def _make_table(self, size: int) -> None:
        """Make an empty table with so many places, a power of two."""
        self._first: Halves = reserve(size, np.uint64)
        self._second: Halves = reserve(size, np.uint64)
        self._numbers: Numbers = reserve(size, np.uint32)
        self._shift = np.uint64(64 - size.bit_length() + 1)

    def numbers(self, tokens: Tokens) -> Steps[Numbers]:
        """Return the number of each token, in steps."""
        if self._vocabulary.top > _CROWDED * len(self._numbers):
            yield from self._grow()
        places = self._places(tokens.first, tokens.second)
        numbers = self._numbers[places]
        is_long = tokens.ends - tokens.starts > WIDTH
        left = np.flatnonzero(~(self._stands(places, tokens.first, tokens.second) | is_long))
        for place in range(1, _ROW):
            first, second = tokens.first[left], tokens.second[left]
            others = places[left] ^ place
            found = self._stands(others, first, second)
            numbers[left[found]] = self._numbers[others[found]]
            left = left[~found]
        unknown = np.concatenate((left, np.flatnonzero(is_long)))
        for start in range(0, len(unknown), _AT_ONCE):
            yield
            self._ask(tokens, unknown[start : start + _AT_ONCE], numbers)
        self._put(tokens.first[left], tokens.second[left], numbers[left])
        return numbers

    def _stands(self, places: Places, first: Halves, second: Halves) -> npt.NDArray[np.bool_]:
        """Tell which tokens stand at some places."""
        found: npt.NDArray[np.bool_] = self._first[places] == first
        found &= self._second[places] == second
        return found

    def _places(self, first: Halves, second: Halves) -> Places:
        """Return where in its row each token is looked for first."""
        places: Places = (hashes(first, second) >> self._shift).astype(np.int64)
        return places

    def _ask(self, tokens: Tokens, unknown: Places, numbers: Numbers) -> None:
        """Look tokens up in the vocabulary, which learns those that are new."""
        texts = tokens.texts(unknown)
        found = {text: self._vocabulary.number(text) for text in set(texts)}
        self._learnt()
        numbers[unknown] = [*map(found.__getitem__, texts)]

    def _put(self, first: Halves, second: Halves, numbers: Numbers) -> None:
        """Put tokens into their rows, as far as there is room."""
        places = self._places(first, second)
        for place in range(_ROW):
            here = places ^ place
            free = self._numbers[here] == 0
            taken = here[free]  # by the last of those that would have the same
            self._first[taken] = first[free]
            self._second[taken] = second[free]
            self._numbers[taken] = numbers[free]
            left = ~self._stands(here, first, second)
            places, first, second, numbers = places[left], first[left], second[left], numbers[left]

    def _grow(self) -> Steps[None]:
        """Move all tokens to a table that is twice as large."""
        first, second, numbers = self._first, self._second, self._numbers
        self._make_table(2 * len(numbers))
        for start in range(0, len(numbers), _MOVED):
            used = start + np.flatnonzero(numbers[start : start + _MOVED])
            self._put(first[used], second[used], numbers[used])
            yield

    def forget(self, tokens: Iterable[bytes]) -> None:
        """Take tokens out that have a number no longer."""
        first, second = halves(token for token in tokens if len(token) <= WIDTH)
        places = self._places(first, second)
        for place in range(_ROW):
            here = places ^ place
            gone = here[self._stands(here, first, second)]
            self._first[gone] = self._second[gone] = self._numbers[gone] = 0
