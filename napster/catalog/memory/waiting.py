"""Files that have been taken in and are not settled yet.

They wait in the order of arrival; a file's place in it is its rank. Pieces tell which ids files
have: a piece is a run of files with ids in a row, in one block, with the same prefix.
"""

import attrs
import numpy as np

from napster.catalog.memory.batch import Batch
from napster.catalog.memory.blocks import Blocks, Ids
from napster.catalog.memory.endings import strip
from napster.catalog.memory.prefixes import Run, separate
from napster.catalog.memory.shelf import Shelf
from napster.catalog.memory.texts import Piece


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
        names, runs = separate(batch.paths, batch.text)
        width = max(map(len, batch.paths)) + 2
        for run in runs:
            self._place(shelf, run, width, blocks)
        stems, endings = strip(names, len(batch.paths))
        self.names.append(stems)
        self.endings.append(endings)

    def _place(self, shelf: Shelf, run: Run, width: int, blocks: Blocks) -> None:
        """Give the files of a run their ids; `width` bytes of text are enough for each."""
        left = run.length
        while left:
            first_id, count = blocks.take(shelf, left, width)
            self.pieces.append(Piece(self.count, first_id, count, run.prefix))
            self.count += count
            left -= count

    def ids(self) -> Ids:
        """Return the ids of all files."""
        counts = [piece.length for piece in self.pieces]
        offsets = np.array([piece.first_id - piece.rank for piece in self.pieces], np.int64)
        return (np.arange(sum(counts)) + np.repeat(offsets, counts)).astype(np.uint32)
