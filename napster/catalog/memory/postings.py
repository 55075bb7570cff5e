"""Which files have a word.

A word that few files have is rare: the ids of its files stand one after another in a bytes object,
which is the smallest thing that can hold them. A word that many files have is common: its ids are
in a bitmap, which is then smaller than a list and quickly combined with others. Adding a few ids to
a bitmap is slow, so new ones are gathered in an array first, and go over to the bitmap when there
are many of them or when somebody searches for the word.
"""

from array import array
from collections.abc import Sequence
from itertools import repeat

import attrs
import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from napster.catalog.memory.vocabulary import EVERY

ID_BYTES = 4
_COMMON = 512
_COMMON_SHIFT = 11
_RECENT = 2048
_RARE_AGAIN = 4


def bitmap(ids: bytes) -> BitMap:
    """Make a bitmap of ids that stand one after another, in any order."""
    ordered = np.sort(np.frombuffer(ids, np.uint32))  # makes it several times faster
    return BitMap(array("I", ordered.tobytes()))


def _no_ids() -> "array[int]":
    return array("I")


@attrs.define(eq=False)
class Common:
    """The files of a common word."""

    bitmap: BitMap
    recent: "array[int]" = attrs.field(factory=_no_ids)
    """Ids that are not in the bitmap yet."""

    def ids(self) -> BitMap:
        """Return all ids, once the recent ones have gone over to the bitmap."""
        if self.recent:
            self.bitmap |= bitmap(self.recent.tobytes())
            del self.recent[:]
        return self.bitmap


class Postings:
    """The files of all words, by the words' numbers; dead files are among them until swept."""

    def __init__(self) -> None:
        self.rare: list[bytes | None] = [None]
        """The ids of each word, None for a common one."""
        self.common: dict[int, Common] = {EVERY: Common(BitMap())}
        self._limit = 0

    def make_room(self, word_count: int, top: int) -> None:
        """Prepare for words numbered up to before `word_count` and ids up to before `top`.

        A bitmap saves memory only if there are some ids in each 65,536; so how many files make a
        word common grows with the catalog.
        """
        self.rare.extend(repeat(b"", word_count - len(self.rare)))
        self._limit = ID_BYTES * max(_COMMON, top >> _COMMON_SHIFT)

    def add(self, numbers: Sequence[int], ends: Sequence[int], data: bytes) -> None:
        """Add ids to words: to the first those at the start of `data`, to the second the next, ...

        Ends say where in `data` the ids of each word end.
        """
        rare = self.rare
        start = 0
        for number, end in zip(numbers, ends, strict=True):
            ids = rare[number]
            if ids is None:
                self._add_to_common(number, data[start:end])
            else:
                ids = rare[number] = ids + data[start:end]
                if len(ids) > self._limit:
                    self._make_common(number)
            start = end

    def _add_to_common(self, number: int, ids: bytes) -> None:
        common = self.common[number]
        common.recent.frombytes(ids)
        if len(common.recent) > _RECENT:
            common.ids()

    def _make_common(self, number: int) -> None:
        self.common[number] = Common(self.ids(number))
        self.rare[number] = None

    def add_run(self, number: int, first: int, count: int) -> None:
        """Add successive ids to a word."""
        if number in self.common:
            self.common[number].bitmap.add_range(first, first + count)
        else:
            ids = array("I", range(first, first + count)).tobytes()
            self.add([number], [len(ids)], ids)

    def count(self, number: int) -> int:
        """How many files have a word."""
        ids = self.rare[number]
        if ids is not None:
            return len(ids) // ID_BYTES
        common = self.common[number]
        return len(common.bitmap) + len(common.recent)

    def sweep_rare(self, first: int, end: int, is_dead: npt.NDArray[np.bool_]) -> list[int]:
        """Remove dead ids from the rare words numbered from `first` to before `end`.

        Returns the words left without a file.
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
            del self.common[number]

    def ids(self, number: int) -> BitMap:
        """Return the files that have a word; the bitmap is not to be changed."""
        ids = self.rare[number]
        return self.common[number].ids() if ids is None else bitmap(ids)
