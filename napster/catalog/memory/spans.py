"""Which files a token is of: one by its name, or all of a piece by their prefix.

Most words of a path stand in its directory. To sort them by word for each of its files would cost
twice as much as for all at once, so a token of a prefix is sorted once, and then spread.
"""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from napster.catalog.memory.blocks import Ids
from napster.catalog.memory.pairs import Numbers

Ints = npt.NDArray[np.int64]


class Spans:
    """Numbers for the files of successive pieces, and for those of each piece together.

    A span's number is twice the rank of its first file, and one more if it is of that file alone.
    """

    def __init__(self, ids: Ids, lengths: Sequence[int]) -> None:
        """Take the ids of all files, by rank, and how many each piece has."""
        self._ids = ids
        sizes = np.array(lengths, np.int64)
        self._starts: Ints = sizes.cumsum() - sizes
        self._lengths = np.ones(len(ids), np.int64)
        self._lengths[self._starts] = sizes

    def numbers(self, ranks: Ints) -> Numbers:
        """Return the spans of tokens: by rank, of names first, then of prefixes."""
        files = len(self._ids)
        names = np.searchsorted(ranks, files)
        of_prefixes = self._starts[ranks[names:] - files] << 1
        return np.concatenate((ranks[:names] << 1 | 1, of_prefixes)).astype(np.uint32)

    def spread(self, words: Numbers, spans: Numbers) -> tuple[Numbers, Ids]:
        """Make pairs of word and file of sorted pairs of word and span, each only once."""
        ranks, alone = (spans >> 1).astype(np.int64), (spans & 1).astype(np.bool_)
        lengths = self._lengths[ranks]
        lengths[alone] = 1
        places = (words.astype(np.int64) << 32) + ranks
        ends = np.maximum.accumulate(np.where(alone, 0, places + lengths))
        lengths[alone & (places < ends)] = 0  # the prefix has the word as well
        shifts = ranks - lengths.cumsum() + lengths
        files = np.repeat(shifts, lengths) + np.arange(lengths.sum())
        return np.repeat(words, lengths), self._ids[files]
