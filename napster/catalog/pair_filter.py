"""Which of many files may have both words of one of many pairs.

All words of the files are hashed and looked up together, by a few operations on whole arrays. Each
word that is the first of a pair is put beside each word of the same file that is the second of one,
and marks tell whether the two are a pair. Hashes of different words are the same at times, so what
is found is to be looked at; but no file that has a pair is missed.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from functools import lru_cache
from itertools import chain, pairwise, starmap
from typing import TypeVar

import numpy as np

from napster.catalog.tokens import Halves, Places, halves, hashes, split
from napster.catalog.words import fold

_BITS = 31
"""Of the hash of a word."""
_WORD = (1 << _BITS) - 1
_WORD_MARKS = 18
_PAIR_MARKS = 22
"""Bits of the places of marks."""
_FACTOR, _OTHER_FACTOR = 0x4F1BBCDD, 0x5851F42D
"""Less than 32 bits, or their products would not fit in 64."""
_FIRST, _SECOND, _PAIR = 1, 2, 1
"""What a mark may stand for."""
_ROLES = 2
"""Bits of what words are marked for."""
_AT_ONCE = 1 << 16
"""So many pairs of words are looked at together."""


class _Marks:
    """Bits at places, each there until taken out as often as it was put in."""

    def __init__(self, places_bits: int) -> None:
        self.bits = np.zeros(1 << places_bits, np.uint8)
        self._again: Counter[tuple[int, int]] = Counter()
        """How many more times than once."""

    def put(self, place: int, bit: int) -> None:
        if self.bits[place] & bit:
            self._again[place, bit] += 1
        else:
            self.bits[place] |= bit

    def take(self, place: int, bit: int) -> None:
        if self._again[place, bit]:
            self._again[place, bit] -= 1
        else:
            del self._again[place, bit]
            self.bits[place] ^= bit


class PairFilter:
    """Pairs of words, each known by a number, as few others are."""

    def __init__(self) -> None:
        self._words, self._pairs = _Marks(_WORD_MARKS), _Marks(_PAIR_MARKS)

    @staticmethod
    def number(first: bytes, second: bytes) -> int:
        """Return the number of a pair of folded words."""
        high, low = _hashes(halves((first, second))).tolist()
        return int(high << _BITS | low)

    def add(self, number: int) -> None:
        """Let a pair be found."""
        self._words.put(_word_place(number >> _BITS), _FIRST)
        self._words.put(_word_place(number & _WORD), _SECOND)
        self._pairs.put(_pair_place(number), _PAIR)

    def remove(self, number: int) -> None:
        """Let a pair that was added be found no longer."""
        self._words.take(_word_place(number >> _BITS), _FIRST)
        self._words.take(_word_place(number & _WORD), _SECOND)
        self._pairs.take(_pair_place(number), _PAIR)

    def find(
        self, names: Sequence[bytes], directories: Sequence[bytes], lengths: Sequence[int]
    ) -> Iterator[list[tuple[int, int]]]:
        """Find files, and the numbers of pairs that they may have: in order, in several parts.

        `lengths` says how many of the names in a row are in each directory; nothing has a NUL.
        """
        ranks, words = _words(names, directories)
        roles = self._words.bits[_word_place(words)]
        wanted = roles.nonzero()[0]
        if not len(wanted):
            return
        roles, words = roles[wanted].astype(np.int64), words[wanted]
        found = _spread(ranks[wanted], words << _ROLES | roles, lengths)
        firsts = found[found & _FIRST != 0] >> _ROLES
        seconds = found[found & _SECOND != 0] >> _ROLES
        counts = np.bincount(seconds >> _BITS, minlength=len(names))
        starts = counts.cumsum() - counts
        files = firsts >> _BITS
        counts, starts = counts[files], starts[files]
        for some in _parts(files, counts):
            beside = seconds[_ranges(starts[some], counts[some])]
            numbers = (firsts[some] & _WORD).repeat(counts[some]) << _BITS | beside & _WORD
            there = self._pairs.bits[_pair_place(numbers)].nonzero()[0]
            yield [*zip((beside[there] >> _BITS).tolist(), numbers[there].tolist(), strict=True)]


def _spread(ranks: Places, words: Places, lengths: Sequence[int]) -> Places:
    """Return files and words that they have: both as one number, in order, each once.

    `ranks` says what each word is from: a name, or of the directories that come after the names.
    """
    sizes = np.array(lengths, np.int64)
    ends = sizes.cumsum()
    files = np.arange(ends[-1])
    starts = np.concatenate((files, ends - sizes))
    sizes = np.concatenate((np.ones_like(files), sizes))[ranks]
    found = _ranges(starts[ranks], sizes) << _BITS + _ROLES | words.repeat(sizes)
    found.sort()
    new = np.ones(len(found), np.bool_)
    np.not_equal(found[1:], found[:-1], out=new[1:])
    return found[new]


def _words(names: Sequence[bytes], directories: Sequence[bytes]) -> tuple[Places, Places]:
    """Return what each word is from, by rank, and its hash."""
    tokens = split(b"\0".join((*names, *directories, b"")))
    ranks, words = tokens.ranks, _hashes((tokens.first, tokens.second))
    if tokens.text.isascii():
        return ranks, words
    foreign = np.zeros(len(ranks), np.bool_)
    foreign[tokens.starts.searchsorted(_foreign(tokens.text), "right") - 1] = True
    places = foreign.nonzero()[0]
    folded = [*map(_hashes_of_words, tokens.texts(places))]
    more = np.array([*chain.from_iterable(folded)], np.int64)
    ranks_of_more = ranks[places].repeat([*map(len, folded)])
    return np.concatenate((ranks, ranks_of_more)), np.concatenate((words, more))


def _foreign(text: bytes) -> Places:
    """Find the bytes that are not ASCII."""
    return (np.frombuffer(text, np.int8) < 0).nonzero()[0]


@lru_cache(maxsize=16_384)
def _hashes_of_words(token: bytes) -> Sequence[int]:
    """Return the hashes of the words of a token that is not ASCII."""
    return tuple(_hashes(halves(fold(token))).tolist())


def _hashes(token_halves: tuple[Halves, Halves]) -> Places:
    """Return short hashes of tokens."""
    found: Places = (hashes(*token_halves) >> np.uint64(64 - _BITS)).astype(np.int64)
    return found


_Number = TypeVar("_Number", int, Places)


def _word_place(word: _Number) -> _Number:
    """Return the place of the mark of a word."""
    return word >> _BITS - _WORD_MARKS


def _pair_place(number: _Number) -> _Number:
    """Return the place of the mark of a pair."""
    mixed = (number >> _BITS) * _FACTOR ^ (number & _WORD) * _OTHER_FACTOR
    return mixed >> _BITS & (1 << _PAIR_MARKS) - 1


def _ranges(starts: Places, lengths: Places) -> Places:
    """Return the numbers of ranges, one after another."""
    shifts = starts - lengths.cumsum() + lengths
    found: Places = shifts.repeat(lengths) + np.arange(lengths.sum())
    return found


def _parts(files: Places, counts: Places) -> Iterator[slice]:
    """Take firsts apart so that not too many pairs come together, all of each file."""
    ends = counts.cumsum()
    over = ends.searchsorted(np.arange(_AT_ONCE, counts.sum(), _AT_ONCE))
    cuts = files.searchsorted(files[over]).tolist()
    return starmap(slice, pairwise((0, *cuts, len(files))))
