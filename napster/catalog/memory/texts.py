"""Writing the names of files to the texts of their blocks."""

from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from napster.catalog.memory.blocks import SHIFT, Block, Blocks
from napster.catalog.memory.pieces import Pieces

_END = b"\0"
LONGEST = 255
"""Bytes that a prefix or a name may have; the file is odd if its path has more."""
Offsets = npt.NDArray[np.int64]


class Places(NamedTuple):
    """Where in their blocks' texts the names of files and what comes before these are.

    Lengths are in bytes, at most LONGEST.
    """

    name_at: Offsets
    name_length: Offsets
    prefix_at: Offsets
    prefix_length: Offsets


def write(pieces: Pieces, names: bytes, blocks: Blocks) -> Places:
    """Write prefixes and names, the latter given in the order of files and each ended by NUL.

    Returns the places of the files.
    """
    nuls = np.flatnonzero(np.frombuffer(names, np.uint8) == 0)
    name_lengths = np.diff(nuls, prepend=-1) - 1
    ends = name_lengths.cumsum()
    starts = ends - name_lengths
    names = names.replace(_END, b"")
    lengths = np.array(pieces.lengths)
    behind = lengths.cumsum()
    first_starts, last_ends = starts[behind - lengths].tolist(), ends[behind - 1].tolist()
    numbers = (np.array(pieces.first_ids) >> SHIFT).tolist()
    each = zip(numbers, pieces.prefixes, first_starts, last_ends, strict=True)
    shifts: list[int] = []
    prefixes_at: list[int] = []
    for number, some in groupby(each, itemgetter(0)):
        block = blocks[number]
        at, prefix_at, known = len(block.text), block.prefix_at, _last_prefix(block)
        parts = [block.text]
        for _, prefix, start, end in some:
            if prefix != known:
                known, prefix_at = prefix, at
                parts.append(prefix)
                at += len(prefix)
            parts.append(names[start:end])
            shifts.append(at - start)
            prefixes_at.append(prefix_at)
            at += end - start
        block.text = b"".join(parts)
        block.prefix_at, block.prefix_end = prefix_at, prefix_at + len(known or b"")
    return Places(
        starts + np.repeat(shifts, lengths),
        np.minimum(name_lengths, LONGEST),
        np.repeat(prefixes_at, lengths),
        np.repeat([min(len(prefix), LONGEST) for prefix in pieces.prefixes], lengths),
    )


def _last_prefix(block: Block) -> bytes | None:
    return block.text[block.prefix_at : block.prefix_end] if block.text else None
