"""Pairs of a rare word and a file that have not been handed out to the words yet.

Most words of a batch are rare and get one file each. To hand them out at once would cost more than
everything else together, as each means another place in memory. So they stay in runs, sorted by
word, in which a word's files are found by bisection. Once there are enough, all runs are merged and
handed out word by word; then a word gets several files at a time.
"""

from array import array
from bisect import bisect_left
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt

from napster.catalog.memory.blocks import Ids

ID_BYTES = 4
Numbers = npt.NDArray[np.uint32]
_NUMBER_BITS = np.uint64(32)


class Run:
    """Words in ascending order, and beside each an id; a word may occur repeatedly."""

    def __init__(self, numbers: Numbers, ids: Ids) -> None:
        self._numbers = array("I", numbers.tobytes())
        self.ids = ids

    def __len__(self) -> int:
        return len(self.ids)

    @property
    def numbers(self) -> Numbers:
        """The words."""
        return np.frombuffer(self._numbers, np.uint32)

    def of(self, number: int) -> bytes:
        """Return the ids of a word, one after another."""
        first = bisect_left(self._numbers, number)
        end = bisect_left(self._numbers, number + 1, first)
        return self.ids[first:end].tobytes() if end > first else b""


def merge(runs: Sequence[Run]) -> Run:
    """Make one run of several."""
    numbers = np.concatenate([run.numbers for run in runs]).astype(np.uint64)
    pairs = numbers << _NUMBER_BITS | np.concatenate([run.ids for run in runs])
    pairs.sort()
    return Run((pairs >> _NUMBER_BITS).astype(np.uint32), pairs.astype(np.uint32))


def groups(numbers: Numbers, ids: Ids) -> Iterator[tuple[int, bytes]]:
    """Go through words in ascending order: each once, with all its ids, one after another."""
    last = np.flatnonzero(np.diff(numbers, append=~numbers[-1:]))
    ends = ((last + 1) * ID_BYTES).tolist()
    data = ids.tobytes()
    start = 0
    for number, end in zip(numbers[last].tolist(), ends, strict=True):
        yield number, data[start:end]
        start = end
