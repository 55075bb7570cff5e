"""Files that have been taken in and are not settled yet.

They wait in the order of arrival; a file's place in it is its rank.
"""

from collections.abc import Sequence

import attrs

from napster.catalog.memory.batch import Batch, Hashes
from napster.catalog.memory.blocks import Blocks
from napster.catalog.memory.endings import strip
from napster.catalog.memory.pieces import Pieces
from napster.catalog.memory.prefixes import END, prefixed
from napster.catalog.memory.shelf import Shelf
from napster.wire.messages.sharing import Share


@attrs.frozen(eq=False)
class Offer:
    """A batch that waits, but for its names, which stand with all others; see `Batch`."""

    rank: int
    """Of its first file."""
    count: int
    """How many files there are."""
    shelf: Shelf
    lines: bytes
    width: int
    odd: dict[int, Share]
    contents: bytes
    since: int | Sequence[int]
    """When they were offered, all or each, in seconds since 1970."""
    path_hashes: Hashes


@attrs.define(eq=False)
class Waiting:
    """What is known of the waiting files, in the order of their ranks."""

    count: int = 0
    offers: list[Offer] = attrs.field(factory=list)
    pieces: Pieces = attrs.field(factory=Pieces)
    names: list[bytes] = attrs.field(factory=list)
    """Each name ended by NUL."""
    endings: list[bytes] = attrs.field(factory=list)

    def add(self, shelf: Shelf, batch: Batch, now: int, blocks: Blocks) -> None:
        """Add files, and give them their ids; `now` is in seconds since 1970."""
        listing, count = batch.listing, len(batch)
        self.offers.append(
            Offer(
                self.count,
                count,
                shelf,
                listing.lines,
                batch.width,
                batch.odd,
                batch.contents,
                batch.since or now,
                batch.path_hashes,
            )
        )
        self.count += count
        names, prefixes, lengths = prefixed(listing)
        self.pieces.add(prefixes, lengths, shelf, listing.longest_path, blocks)
        stems, endings = strip(END.join((*names, b"")), len(names))
        self.names.append(stems)
        self.endings.append(endings)
