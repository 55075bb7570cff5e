"""A number for every word.

The vocabulary maps raw tokens, as they stand in paths (see `napster.catalog.words`), straight to
the numbers of their words, so that a known token is not folded again. Three kinds of tokens are not
words themselves: another spelling of a word (`Björk`) has the number of that word; a token of
several words (`½`) has a compound number, behind which their numbers stand; a token that folds to
nothing is NO_WORD, and not kept. All spellings of a word go when the word goes.

Growing a dict of a million keys holds the reactor for tens of milliseconds. So the tokens are
spread over many dicts, each of which grows in less than one.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterable

from napster.catalog.words import fold

EVERY = 0
"""The number of the empty word, which every path has."""
NO_WORD = 1
"""The number of tokens that fold to nothing."""
COMPOUND = 1 << 31
"""The lowest number that stands for several words."""

_DICTS = 256
_BEGINNING = 3
_HIGHEST = b"\xff"
"""Higher than every byte of UTF-8."""


class Vocabulary:
    """Numbers by raw token; a token not known yet is numbered when it is asked for."""

    def __init__(self) -> None:
        self._numbers: list[dict[bytes, int]] = [{} for _ in range(_DICTS)]
        self._words = [b"", b""]
        self._spellings: dict[int, set[bytes]] = {}
        """Other spellings of words, where there are any."""
        self._unused: array[int] = array("I")
        self._compounds: dict[int, tuple[int, ...]] = {}
        self._next_compound = COMPOUND
        self._beginnings: dict[bytes, array[int]] = {}
        """The words with the same first bytes, in any order."""
        self._places: array[int] = array("I", (0, 0))
        """Where each word stands among those."""
        self._sorted: dict[bytes, tuple[list[bytes], list[int]]] = {}
        """The same and their numbers in order, where asked for since they changed."""

    @property
    def top(self) -> int:
        """The number before which all numbers of words lie."""
        return len(self._words)

    def __len__(self) -> int:
        """How many tokens have a number."""
        return sum(map(len, self._numbers))

    def number(self, token: bytes) -> int:
        """Return the number of a token."""
        number = self._numbers[hash(token) % _DICTS].get(token)
        if number is None:
            return self._add_word(token) if token.isascii() else self._learn(token)
        return number

    def known(self, word: bytes) -> int | None:
        """Return the number of a folded word, or None if no path has it."""
        return self._numbers[hash(word) % _DICTS].get(word)

    def word(self, number: int) -> bytes:
        """Return the word of a number."""
        return self._words[number]

    def starting(self, prefix: bytes) -> list[int]:
        """Return the numbers of all words that start with a prefix."""
        if len(prefix) < _BEGINNING:
            beginnings = [each for each in self._beginnings if each.startswith(prefix)]
            return [number for each in beginnings for number in self._beginnings[each]]
        sharing = self._beginnings.get(prefix[:_BEGINNING])
        if not sharing:
            return []
        if len(prefix) == _BEGINNING:
            return sharing.tolist()
        words, numbers = self._in_order(prefix[:_BEGINNING], sharing)
        first = bisect_left(words, prefix)
        return numbers[first : bisect_left(words, prefix + _HIGHEST, first)]

    def _in_order(self, beginning: bytes, sharing: "array[int]") -> tuple[list[bytes], list[int]]:
        found = self._sorted.get(beginning)
        if found is None:
            numbers = sorted(sharing, key=self.word)
            found = self._sorted[beginning] = [self._words[each] for each in numbers], numbers
        return found

    def parts(self, number: int) -> tuple[int, ...]:
        """Return the numbers of the words behind a compound number."""
        return self._compounds[number]

    def _learn(self, token: bytes) -> int:
        words = fold(token)
        if words == [token]:
            return self._add_word(token)
        if not words:
            return NO_WORD
        numbers = tuple(map(self.number, words))
        return self._add_spelling(token, numbers)

    def _add_word(self, word: bytes) -> int:
        if self._unused:
            number = self._unused.pop()
            self._words[number] = word
        else:
            number = len(self._words)
            self._words.append(word)
            self._places.append(0)
        beginning = word[:_BEGINNING]
        if (sharing := self._beginnings.get(beginning)) is None:
            sharing = self._beginnings[beginning] = array("I")
        self._places[number] = len(sharing)
        sharing.append(number)
        self._sorted.pop(beginning, None)
        self._numbers[hash(word) % _DICTS][word] = number
        return number

    def _add_spelling(self, token: bytes, numbers: tuple[int, ...]) -> int:
        number = numbers[0]
        if len(numbers) > 1:
            number = self._next_compound
            self._next_compound += 1
            self._compounds[number] = numbers
        for each in set(numbers):
            self._spellings.setdefault(each, set()).add(token)
        self._numbers[hash(token) % _DICTS][token] = number
        return number

    def forget(self, numbers: Iterable[int]) -> list[bytes]:
        """Forget words that no path has any more; returns all tokens that have no number now."""
        tokens: list[bytes] = []
        for number in numbers:
            word = self._words[number]
            self._take_out(word)
            self._forget_beginning(word, number)
            tokens.append(word)
            for spelling in self._spellings.pop(number, ()):
                self._forget_spelling(spelling, number)
                tokens.append(spelling)
            self._words[number] = b""
            self._unused.append(number)
        return tokens

    def _forget_beginning(self, word: bytes, number: int) -> None:
        beginning = word[:_BEGINNING]
        sharing = self._beginnings[beginning]
        last = sharing.pop()
        if last != number:  # which leaves its place to the last one
            place = self._places[last] = self._places[number]
            sharing[place] = last
        self._sorted.pop(beginning, None)
        if not sharing:
            del self._beginnings[beginning]

    def _forget_spelling(self, token: bytes, number: int) -> None:
        compound = self._take_out(token)
        for part in set(self._compounds.pop(compound, ())) - {number}:
            self._spellings[part].discard(token)

    def _take_out(self, token: bytes) -> int:
        return self._numbers[hash(token) % _DICTS].pop(token)
