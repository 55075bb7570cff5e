"""Which ids and prefixes files that wait have."""

from collections.abc import Sequence

import attrs
import numpy as np

from napster.catalog.memory.blocks import Blocks, Ids
from napster.catalog.memory.shelf import Shelf


@attrs.define(eq=False)
class Pieces:
    """Files in their order: each piece is some with successive ids, in one block, of one prefix."""

    prefixes: list[bytes] = attrs.field(factory=list)
    """One for each piece."""
    first_ids: list[int] = attrs.field(factory=list)
    lengths: list[int] = attrs.field(factory=list)
    """How many files each piece has."""

    def add(
        self,
        prefixes: Sequence[bytes],
        lengths: Sequence[int],
        shelf: Shelf,
        width: int,
        blocks: Blocks,
    ) -> None:
        """Give files their ids, so many with each prefix; `width` bytes of text do for each."""
        left = sum(lengths)
        next_id = room = 0
        for prefix, length in zip(prefixes, lengths, strict=True):
            missing = length
            while missing:
                if not room:
                    next_id, room = blocks.take(shelf, left, width)
                    left -= room
                count = min(missing, room)
                self.prefixes.append(prefix)
                self.first_ids.append(next_id)
                self.lengths.append(count)
                next_id += count
                room -= count
                missing -= count

    def ids(self) -> Ids:
        """Return the ids of all files."""
        lengths = np.array(self.lengths, np.int64)
        offsets = np.array(self.first_ids, np.int64) - lengths.cumsum() + lengths
        shifts = np.repeat(offsets, lengths).astype(np.uint32)
        return np.arange(len(shifts), dtype=np.uint32) + shifts
