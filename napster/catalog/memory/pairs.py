"""Pairs of a word and a file, sorted by word.

A pair is one 64-bit number, the word's number above and the file's rank below. So sorting a plain
array sorts pairs, and a word that occurs twice in a name shows as two equal neighbours.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np
import numpy.typing as npt

from napster.catalog.memory.blocks import Ids
from napster.catalog.memory.vocabulary import COMPOUND, EVERY

Numbers = npt.NDArray[np.uint32]
_RANK_BITS = np.uint64(32)
_ID_BYTES = 4


def expand(stream: Numbers, parts: Callable[[int], Sequence[int]]) -> Numbers:
    """Replace each compound number of a stream by the numbers of its words."""
    compound = np.flatnonzero(stream >= COMPOUND).tolist()
    if not compound:
        return stream
    pieces = [stream[: compound[0]]]
    for here, following in pairwise([*compound, len(stream)]):
        pieces += [np.array(parts(int(stream[here])), np.uint32), stream[here + 1 : following]]
    return np.concatenate(pieces)


def sort(stream: Numbers, ids: Ids) -> tuple[list[int], list[int], bytes]:
    """Sort the words of files, given one file after another and each ended by EVERY.

    Returns the words in ascending order; where the ids of each end in the bytes that come third.
    """
    ends = stream == EVERY
    ranks = np.cumsum(ends) - ends
    pairs = (stream.astype(np.uint64) << _RANK_BITS | ranks.astype(np.uint64))[~ends]
    pairs.sort()
    pairs = pairs[np.diff(pairs, prepend=~np.uint64(0)) != 0]
    numbers = (pairs >> _RANK_BITS).astype(np.uint32)
    last = np.flatnonzero(np.diff(numbers, append=np.uint32(EVERY)))
    data = ids[pairs.astype(np.uint32)].tobytes()
    return numbers[last].tolist(), ((last + 1) * _ID_BYTES).tolist(), data
