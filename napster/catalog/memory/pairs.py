"""Pairs of a word and a file, sorted by word.

A pair is one 64-bit number, the word's number above and the file's rank below. So sorting a plain
array sorts pairs, and a word that occurs twice in a name shows as two equal neighbours.
"""

from collections.abc import Callable, Sequence
from itertools import pairwise

import numpy as np

from napster.catalog.memory.blocks import Ids
from napster.catalog.memory.recent import Numbers
from napster.catalog.memory.vocabulary import COMPOUND, EVERY

_RANK_BITS = np.uint64(32)


def expand(stream: Numbers, parts: Callable[[int], Sequence[int]]) -> Numbers:
    """Replace each compound number of a stream by the numbers of its words."""
    compound = np.flatnonzero(stream >= COMPOUND).tolist()
    if not compound:
        return stream
    pieces = [stream[: compound[0]]]
    for here, following in pairwise([*compound, len(stream)]):
        pieces += [np.array(parts(int(stream[here])), np.uint32), stream[here + 1 : following]]
    return np.concatenate(pieces)


def sort(stream: Numbers, ids: Ids) -> tuple[Numbers, Ids]:
    """Sort the words of files, given one file after another and each ended by EVERY.

    Returns the words in ascending order, and the id that belongs to each; `ids` are by rank.
    """
    ends = stream == EVERY
    ranks = np.cumsum(ends) - ends
    pairs = (stream.astype(np.uint64) << _RANK_BITS | ranks.astype(np.uint64))[~ends]
    pairs.sort()
    pairs = pairs[np.diff(pairs, prepend=~np.uint64(0)) != 0]
    return (pairs >> _RANK_BITS).astype(np.uint32), ids[pairs.astype(np.uint32)]
