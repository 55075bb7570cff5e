"""Writing the names of files to the texts of their blocks."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from napster.catalog.memory.blocks import SHIFT, Block, Blocks

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


class Piece(NamedTuple):
    """Files of successive ranks and successive ids, in one block, with the same prefix."""

    rank: int
    """The first rank."""
    first_id: int
    length: int
    prefix: bytes


def write(pieces: Sequence[Piece], names: bytes, blocks: Blocks) -> Places:
    """Write prefixes and names, the latter given in the order of ranks and each ended by NUL.

    Returns the places by rank.
    """
    ends = np.flatnonzero(np.frombuffer(names, np.uint8) == 0) + 1
    starts = np.concatenate(([0], ends[:-1]))
    counts = [piece.length for piece in pieces]
    first_starts = starts[[piece.rank for piece in pieces]].tolist()
    last_ends = ends[[piece.rank + piece.length - 1 for piece in pieces]].tolist()
    shifts, prefixes = [], []
    for piece, start, end in zip(pieces, first_starts, last_ends, strict=True):
        block = blocks[piece.first_id >> SHIFT]
        at = _append(block, piece.prefix + _END, names[start:end])
        shifts.append(at - start)
        prefixes.append(block.prefix_at)
    shift, prefix_at = np.repeat(shifts, counts), np.repeat(prefixes, counts)
    prefix_lengths = np.repeat([_length(piece.prefix) for piece in pieces], counts)
    lengths = ends - 1 - starts
    lengths[lengths > _LONGEST] = 0
    return Places(starts + shift, lengths, prefix_at, prefix_lengths)


def _length(prefix: bytes) -> int:
    return len(prefix) if len(prefix) <= _LONGEST else 0


def _append(block: Block, prefix: bytes, names: bytes) -> int:
    """Add names to a block's text, behind their prefix if the last one was another."""
    if block.text.startswith(prefix, block.prefix_at):
        prefix = b""
    else:
        block.prefix_at = len(block.text)
    at = len(block.text) + len(prefix)
    block.text += prefix + names
    return at
