"""Which files have a word.

A word that few files have is rare: the ids of its files stand one after another in a bytes object,
which is the smallest thing that can hold them. A word that many files have is common: its ids are
in a bitmap, which is then smaller than a list and quickly combined with others. Adding a few ids to
a bitmap is slow, so new ones are gathered in an array first, and go over to the bitmap when there
are many of them, when somebody searches for the word, or when no more have come for a while. New
ids of rare words wait as well, all together; see `recent`.
"""

from array import array
from bisect import bisect_right
from collections.abc import Iterator, Sequence
from itertools import accumulate, repeat
from typing import Self

import attrs
import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from napster.catalog.memory.blocks import Ids
from napster.catalog.memory.pairs import ID_BYTES, MERGING, Numbers, groups
from napster.catalog.memory.recent import Recent
from napster.catalog.memory.slices import Steps
from napster.catalog.memory.vocabulary import EVERY

_COMMON = 512
_COMMON_SHIFT = 11
_RARE_AGAIN = 4
_GATHERED = 2048
_AT_ONCE = 512
_SWEPT = 1 << 15
_SWEPT_WORDS = 256
"""So many ids of so many words are swept at once."""
_SORTED = 64 * ID_BYTES
"""Fewer ids make a bitmap as fast unsorted."""


_MARKED = (1 << 20) - 1
"""Ids are marked by so many of their bits: in a larger catalog an id may stand for others."""


@attrs.frozen(eq=False)
class Among:
    """The only files that are wanted."""

    ids: BitMap
    _marks: npt.NDArray[np.bool_] | None = None

    @classmethod
    def marked(cls, ids: BitMap) -> Self:
        """Mark the files; worthwhile if many others are to be sorted out."""
        marks = np.zeros(_MARKED + 1, np.bool_)
        marks[np.frombuffer(ids.to_array(), np.uint32) & _MARKED] = True
        return cls(ids, marks)

    def pick(self, ids: bytes) -> bytes:
        """Return those that are marked of ids that stand one after another, and maybe others."""
        if self._marks is None:
            return ids
        every = np.frombuffer(ids, np.uint32)
        return every[self._marks.take(every & _MARKED)].tobytes()


def bitmap(ids: bytes, *, small: bool = False) -> BitMap:
    """Make a bitmap of ids that stand one after another, in any order.

    To make it as small as it can be takes time, and so does whatever is done with it then.
    """
    if len(ids) > _SORTED:
        # makes it several times faster
        ids = np.sort(np.frombuffer(ids, np.uint32), kind=MERGING).tobytes()
    return BitMap(array("I", ids), optimize=small)


def _frequent(numbers: Numbers) -> npt.NDArray[np.bool_]:
    """Tell which of some sorted numbers occur so often that there is no need to gather more."""
    lasts = np.flatnonzero(np.diff(numbers, append=~numbers[-1:]))
    counts = np.diff(lasts, prepend=-1)
    return np.repeat(counts > _COMMON, counts)


def _no_ids() -> "array[int]":
    return array("I")


@attrs.define(eq=False)
class Common:
    """The files of a common word."""

    bitmap: BitMap
    gathered: "array[int]" = attrs.field(factory=_no_ids)
    """Ids that are not in the bitmap yet."""

    def add(self, ids: bytes) -> None:
        """Add files."""
        self.gathered.frombytes(ids)
        if len(self.gathered) > _GATHERED:
            self.ids()

    def ids(self) -> BitMap:
        """Return all ids, once the gathered ones have gone over to the bitmap."""
        if self.gathered:
            self.bitmap |= bitmap(self.gathered.tobytes(), small=True)
            del self.gathered[:]
        return self.bitmap


class Postings:
    """The files of all words, by the words' numbers; dead files are among them until swept."""

    def __init__(self) -> None:
        self.rare: list[bytes | None] = [None]
        """The ids of each word but the recent ones; None for a common word."""
        self.common: dict[int, Common] = {EVERY: Common(BitMap())}
        self._is_common = np.ones(1, np.bool_)
        self._limit = 0
        self.recent = Recent()

    def make_room(self, word_count: int, top: int) -> None:
        """Prepare for words numbered up to before `word_count` and ids up to before `top`.

        A bitmap saves memory only if there are some ids in each 65,536; so how many files make a
        word common grows with the catalog.
        """
        self.rare.extend(repeat(b"", word_count - len(self.rare)))
        if word_count > len(self._is_common):
            more = np.zeros(2 * word_count - len(self._is_common), np.bool_)
            self._is_common = np.concatenate((self._is_common, more))
        self._limit = ID_BYTES * max(_COMMON, top >> _COMMON_SHIFT)

    def add(self, numbers: Numbers, ids: Ids) -> None:
        """Add files to words: each id to the word beside it. Words come in ascending order."""
        common = self._is_common[numbers]
        for number, data in groups(numbers[common], ids[common]):
            self.common[number].add(data)
        numbers, ids = numbers[~common], ids[~common]
        frequent = _frequent(numbers)
        for number, data in groups(numbers[frequent], ids[frequent]):
            self.extend(number, data)
        if not frequent.all():
            self.recent.add(numbers[~frequent], ids[~frequent])

    def extend(self, number: int, ids: bytes) -> None:
        """Add files to one word at once."""
        held = self.rare[number]
        if held is None:
            self.common[number].add(ids)
            return
        held = self.rare[number] = held + ids
        if len(held) > self._limit:
            self.common[number] = Common(bitmap(held, small=True))
            self.rare[number] = None
            self._is_common[number] = True

    def add_range(self, number: int, first: int, count: int) -> None:
        """Add successive ids to a word."""
        if self.rare[number] is None:
            self.common[number].bitmap.add_range(first, first + count)
        else:
            self.extend(number, array("I", range(first, first + count)).tobytes())

    def hand_out(self) -> Steps[None]:
        """Hand everything that is recent now out to its words."""
        while self._hand_some_out():
            yield
        self.recent.leave()
        while self._hand_some_out():
            yield

    def _hand_some_out(self) -> bool:
        """Go on handing out; returns whether there was anything left to do."""
        rare, limit = self.rare, self._limit
        taken = self.recent.take(_AT_ONCE)
        for number, ids in taken:
            held = rare[number]
            if held is not None and len(held) + len(ids) <= limit:
                rare[number] = held + ids
            else:
                self.extend(number, ids)
        return bool(taken)

    def hand_over(self) -> Steps[None]:
        """Let all ids that are gathered now go over to their bitmaps."""
        for common in [each for each in self.common.values() if each.gathered]:
            common.ids()
            yield

    def count(self, number: int) -> int:
        """How many files have a word."""
        ids = self.rare[number]
        recent = len(self.recent.of(number)) // ID_BYTES
        if ids is not None:
            return len(ids) // ID_BYTES + recent
        common = self.common[number]
        return len(common.bitmap) + len(common.gathered) + recent

    def unused(self, numbers: Sequence[int]) -> list[int]:
        """Return those of some words that no file has."""
        waiting = self.recent.has(np.array(numbers, np.uint32)).tolist()
        pairs = zip(numbers, waiting, strict=True)
        return [number for number, waits in pairs if self.rare[number] == b"" and not waits]

    def rare_portions(self) -> Iterator[tuple[int, int]]:
        """Divide all words so that the rare ones of each portion have few files, or are but one.

        Yields the first word of each portion, and the one behind its last. Words may get and lose
        files meanwhile.
        """
        first = 0
        while first < len(self.rare):
            sizes = accumulate(len(ids or b"") for ids in self.rare[first : first + _SWEPT_WORDS])
            end = first + max(1, bisect_right([*sizes], _SWEPT * ID_BYTES))
            yield first, end
            first = end

    def sweep_rare(self, first: int, end: int, is_dead: npt.NDArray[np.bool_]) -> list[int]:
        """Remove dead ids from the rare words numbered from `first` to before `end`.

        Returns the words left without a file. Recent files are not looked at.
        """
        chosen = {number: ids for number, ids in enumerate(self.rare[first:end], first) if ids}
        ids = np.frombuffer(b"".join(chosen.values()), np.uint32)
        dead = is_dead[ids]
        if not dead.any():
            return []
        numbers = list(chosen)
        ends = np.cumsum([len(ids) // ID_BYTES for ids in chosen.values()])
        gone = np.diff(np.cumsum(dead)[ends - 1], prepend=0)
        kept_ends = (ends - np.cumsum(gone)) * ID_BYTES
        kept = ids[~dead].tobytes()
        for row in np.flatnonzero(gone).tolist():
            start = kept_ends[row - 1] if row else 0
            self.rare[numbers[row]] = kept[start : kept_ends[row]]
        return [number for number in numbers if not self.rare[number]]

    def sweep_common(self, number: int, dead: BitMap) -> None:
        """Remove dead ids from a common word, which may be rare afterwards."""
        common = self.common[number]
        ids = common.ids()
        ids -= dead
        ids.run_optimize()
        ids.shrink_to_fit()
        if number != EVERY and len(ids) * _RARE_AGAIN * ID_BYTES < self._limit:
            self.rare[number] = ids.to_array().tobytes()
            self._is_common[number] = False
            del self.common[number]

    def ids(self, number: int) -> BitMap:
        """Return the files that have a word; the bitmap is not to be changed."""
        recent, ids = self.recent.of(number), self.rare[number]
        if ids is not None:
            return bitmap(ids + recent)
        found = self.common[number].ids()
        return found | bitmap(recent) if recent else found

    def ids_of_any(self, numbers: Sequence[int], among: Among | None = None) -> BitMap:
        """Return the files that have any of some words; not wanted ones may be left out."""
        held = [self.rare[number] for number in numbers]
        ids = b"".join(filter(None, held)) + self.recent.of_any(numbers)
        found = bitmap(among.pick(ids) if among else ids)
        for number, rare in zip(numbers, held, strict=True):
            if rare is None:
                common = self.common[number].ids()
                found |= common & among.ids if among else common
        return found
