"""Words and files, paired and sorted by word.

A pair is made one 64-bit number, the word's number above and the file's id below. So sorting a
plain array sorts pairs, and a word that occurs twice in a name shows as two equal neighbours.
"""

from collections.abc import Callable, Iterator, Sequence
from typing import Final

import numpy as np
import numpy.typing as npt

from napster.catalog.memory.blocks import Ids
from napster.catalog.memory.vocabulary import COMPOUND

ID_BYTES = 4
MERGING: Final = "stable"
"""How numpy is to sort what consists of sorted runs: merging these is several times faster."""
Numbers = npt.NDArray[np.uint32]


def expand(
    numbers: Numbers, ids: Ids, parts: Callable[[int], Sequence[int]]
) -> tuple[Numbers, Ids]:
    """Replace each compound number by the numbers of its words."""
    compound = np.flatnonzero(numbers >= COMPOUND)
    if not len(compound):
        return numbers, ids
    words = [parts(number) for number in numbers[compound].tolist()]
    more = np.array([word for each in words for word in each], np.uint32)
    beside = np.repeat(ids[compound], [len(each) for each in words])
    return (
        np.concatenate((np.delete(numbers, compound), more)),
        np.concatenate((np.delete(ids, compound), beside)),
    )


def sort(numbers: Numbers, ids: Ids, *, runs: bool = False) -> tuple[Numbers, Ids]:
    """Sort pairs, and leave out repeated ones; quicker for `runs` that are sorted already."""
    halves = np.empty((len(ids), 2), "<u4")
    halves[:, 0], halves[:, 1] = ids, numbers
    pairs = halves.view("<u8").ravel()
    pairs.sort(kind=MERGING if runs else None)
    repeated = pairs[1:] == pairs[:-1]
    if repeated.any():
        pairs = np.concatenate((pairs[:1], pairs[1:][~repeated]))
    ids, numbers = pairs.view("<u4").reshape(-1, 2).T
    return numbers.copy(), ids.copy()


def groups(numbers: Numbers, ids: Ids) -> Iterator[tuple[int, bytes]]:
    """Go through sorted pairs word by word: each once, with all its ids, one after another."""
    last = np.flatnonzero(np.diff(numbers, append=~numbers[-1:]))
    ends = ((last + 1) * ID_BYTES).tolist()
    data = ids.tobytes()
    start = 0
    for number, end in zip(numbers[last].tolist(), ends, strict=True):
        yield number, data[start:end]
        start = end
