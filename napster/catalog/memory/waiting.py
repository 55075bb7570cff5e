"""Files that have been taken in and are not settled yet.

They wait in the order of arrival; a file's place in it is its rank. Pieces tell which ids files
have: a piece is a run of files with ids in a row, in one block, with the same prefix.
"""

from collections.abc import Sequence

import attrs
import numpy as np

from napster.catalog.listing import Run
from napster.catalog.memory.batch import Batch
from napster.catalog.memory.blocks import Blocks, Ids
from napster.catalog.memory.endings import strip
from napster.catalog.memory.prefixes import END, prefixed
from napster.catalog.memory.shelf import Shelf
from napster.catalog.memory.texts import Piece

TEXT_ENDS = 2
"""Bytes behind a prefix and a name."""


@attrs.frozen(eq=False)
class Offer:
    """A batch that waits."""

    rank: int
    """Of its first file."""
    shelf: Shelf
    batch: Batch
    since: int
    """When it came, in seconds since 1970."""


@attrs.define(eq=False)
class Waiting:
    """What is known of the waiting files, in the order of their ranks."""

    count: int = 0
    offers: list[Offer] = attrs.field(factory=list)
    pieces: list[Piece] = attrs.field(factory=list)
    names: list[bytes] = attrs.field(factory=list)
    """Each name ended by NUL."""
    endings: list[bytes] = attrs.field(factory=list)

    def add(self, offer: Offer, blocks: Blocks) -> None:
        """Add files, and give them their ids."""
        shelf, batch = offer.shelf, offer.batch
        self.offers.append(offer)
        names, runs = prefixed(batch.listing)
        self._place(shelf, runs, batch.listing.longest_path + TEXT_ENDS, blocks)
        stems, endings = strip(END.join((*names, b"")), len(names))
        self.names.append(stems)
        self.endings.append(endings)

    def _place(self, shelf: Shelf, runs: Sequence[Run], width: int, blocks: Blocks) -> None:
        """Give the files of some runs their ids; `width` bytes of text are enough for each."""
        left = sum(run.length for run in runs)
        first_id = room = 0
        for prefix, length in runs:
            end = self.count + length
            while self.count < end:
                if not room:
                    first_id, room = blocks.take(shelf, left, width)
                    left -= room
                count = min(end - self.count, room)
                self.pieces.append(Piece(self.count, first_id, count, prefix))
                self.count += count
                first_id += count
                room -= count

    def ids(self) -> Ids:
        """Return the ids of all files."""
        counts = [piece.length for piece in self.pieces]
        offsets = np.array([piece.first_id - piece.rank for piece in self.pieces], np.int64)
        return (np.arange(sum(counts)) + np.repeat(offsets, counts)).astype(np.uint32)
