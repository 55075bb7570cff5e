"""Writing the names of files to the texts of their blocks."""

from itertools import groupby
from operator import itemgetter
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from napster.catalog.memory.blocks import SHIFT, Block, Blocks
from napster.catalog.memory.pieces import Pieces

_END = b"\0"
_LONGEST = 255
Offsets = npt.NDArray[np.int64]


class Places(NamedTuple):
    """Where in their blocks' texts the names of files and what comes before these are.

    Lengths are in bytes, 0 for all over 255.
    """

    name_at: Offsets
    name_length: Offsets
    prefix_at: Offsets
    prefix_length: Offsets


def write(pieces: Pieces, names: bytes, blocks: Blocks) -> Places:
    """Write prefixes and names, the latter given in the order of files and each ended by NUL.

    Returns the places of the files.
    """
    ends = np.flatnonzero(np.frombuffer(names, np.uint8) == 0) + 1
    starts = np.concatenate(([0], ends[:-1]))
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
                parts.append(prefix + _END)
                at += len(prefix) + 1
            parts.append(names[start:end])
            shifts.append(at - start)
            prefixes_at.append(prefix_at)
            at += end - start
        block.text, block.prefix_at = b"".join(parts), prefix_at
    return Places(
        starts + np.repeat(shifts, lengths),
        _stored(ends - 1 - starts),
        np.repeat(prefixes_at, lengths),
        np.repeat(_stored(np.array(list(map(len, pieces.prefixes)))), lengths),
    )


def _stored(lengths: Offsets) -> Offsets:
    return np.where(lengths > _LONGEST, 0, lengths)


def _last_prefix(block: Block) -> bytes | None:
    text, start = block.text, block.prefix_at
    return text[start : text.index(_END, start)] if text else None
