"""Files that have been taken in and are not settled yet.

They wait in the order of arrival; a file's place in it is its rank.
"""

import attrs

from napster.catalog.memory.batch import Batch
from napster.catalog.memory.blocks import Blocks
from napster.catalog.memory.endings import strip
from napster.catalog.memory.pieces import Pieces
from napster.catalog.memory.prefixes import END, prefixed
from napster.catalog.memory.shelf import Shelf


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
    pieces: Pieces = attrs.field(factory=Pieces)
    names: list[bytes] = attrs.field(factory=list)
    """Each name ended by NUL."""
    endings: list[bytes] = attrs.field(factory=list)

    def add(self, offer: Offer, blocks: Blocks) -> None:
        """Add files, and give them their ids."""
        shelf, batch = offer.shelf, offer.batch
        self.offers.append(offer)
        self.count += len(batch)
        names, prefixes, lengths = prefixed(batch.listing)
        self.pieces.add(prefixes, lengths, shelf, batch.listing.longest_path, blocks)
        stems, endings = strip(END.join((*names, b"")), len(names))
        self.names.append(stems)
        self.endings.append(endings)
