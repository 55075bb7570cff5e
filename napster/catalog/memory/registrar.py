"""Deciding which offered files are taken in.

Most batches are of the usual shape and offer nothing twice; they are taken in as a whole. The
others are gone through file by file, and whatever cannot be taken is refused with a sentence.
"""

from collections.abc import Sequence
from itertools import repeat

from napster.catalog.admission import OWNER_FIELDS, RefusedError, read_record
from napster.catalog.interface import Refusal
from napster.catalog.listing import listed
from napster.catalog.memory.batch import Batch, Single, hashes_of, of_listing, of_singles
from napster.catalog.memory.blocks import Blocks
from napster.catalog.memory.intake import Intake
from napster.catalog.memory.lookup import Lookup
from napster.catalog.memory.seen import SeenPaths
from napster.catalog.memory.shelf import Shelf
from napster.catalog.memory.slices import Steps
from napster.catalog.memory.texts import LONGEST
from napster.wire.framing import MAX_BODY
from napster.wire.messages.sharing import Share

_DUPLICATE = "duplicate file"
_AROUND_PATH = 80 + OWNER_FIELDS
"""As many bytes as can stand around a path in a search result if the fields are usual."""
_AT_ONCE = 256
"""So many files are read one by one in one step."""


class Registrar:
    """Takes offers and passes on what is taken in."""

    def __init__(self, blocks: Blocks, intake: Intake, lookup: Lookup) -> None:
        self._blocks = blocks
        self._intake = intake
        self._lookup = lookup
        self.seen = SeenPaths(lookup)

    def take(
        self, shelf: Shelf, records: Sequence[bytes], contents: Sequence[bytes]
    ) -> Steps[list[Refusal]]:
        """Take files in, with their content ids if there are any; returns what was refused.

        Raises KeyError if the owner leaves meanwhile.
        """
        batch = _usual(records, contents, shelf.owner.nick)
        offers = [] if batch else (yield from _read(records, shelf.owner.nick))
        if not self.seen.knows(shelf):
            yield from self._settled(shelf)
        known = self.seen.remember(shelf, batch.path_hashes) if batch else None
        if known is None or len(known):
            yield from self._settled(shelf)  # for what is offered is compared with what is there
        width = batch.listing.longest_path if batch else min(max(1, *map(len, records)), MAX_BODY)
        if not self._blocks.has_room(shelf, len(records), width):
            return [Refusal(b"", "the catalog is full") for _ in records]
        if batch is None or known is None:
            return self._take_unusual(shelf, offers, contents)
        if len(known):
            return self._sift(shelf, batch, self._lookup.paths(shelf, known), contents)
        self._intake.add(shelf, batch)
        return []

    def _settled(self, shelf: Shelf) -> Steps[None]:
        yield from self._intake.settled_of(shelf)
        if shelf.gone:
            raise KeyError(shelf.owner.nick)

    def _sift(
        self, shelf: Shelf, batch: Batch, shared: set[bytes], contents: Sequence[bytes]
    ) -> list[Refusal]:
        """Take in the files that are not shared yet, and refuse the others."""
        new: list[int] = []
        refusals = []
        for row, path in enumerate(batch.listing.paths()):
            if path in shared:
                refusals.append(Refusal(path, _DUPLICATE))
            else:
                shared.add(path)
                new.append(row)
        if new:
            ids = b"".join([contents[row] for row in new]) if contents else b""
            self._intake.add(shelf, Batch(batch.listing.some(new), batch.width, contents=ids))
        return refusals

    def _take_unusual(
        self, shelf: Shelf, offers: Sequence[Share | Refusal], contents: Sequence[bytes]
    ) -> list[Refusal]:
        """Take in what can be taken of files that were read one by one."""
        hashes = hashes_of([offer.path for offer in offers])
        shared = self._lookup.paths(shelf, hashes)
        new: list[Single] = []
        refusals = []
        for offer, content in zip(offers, contents or repeat(None, len(offers)), strict=True):
            if isinstance(offer, Refusal):
                refusals.append(offer)
            elif offer.path in shared:
                refusals.append(Refusal(offer.path, _DUPLICATE))
            else:
                shared.add(offer.path)
                new.append(Single(offer, content))
        for batch in of_singles(new):
            self.seen.remember(shelf, batch.path_hashes)
            self._intake.add(shelf, batch)
        return refusals


def _usual(records: Sequence[bytes], contents: Sequence[bytes], nick: str) -> Batch | None:
    """Make a batch of files, unless there is anything unusual about any of them."""
    listing = listed(records)
    if listing is None or listing.longest_path > min(LONGEST, MAX_BODY - _AROUND_PATH - len(nick)):
        return None
    return of_listing(listing, b"".join(contents))


def _read(records: Sequence[bytes], nick: str) -> Steps[list[Share | Refusal]]:
    """Read file by file."""
    offers = []
    for start in range(0, len(records), _AT_ONCE):
        offers += [_read_one(record, nick) for record in records[start : start + _AT_ONCE]]
        yield
    return offers


def _read_one(record: bytes, nick: str) -> Share | Refusal:
    try:
        return read_record(record, nick)
    except RefusedError as refused:
        return Refusal(refused.path, refused.reason)
