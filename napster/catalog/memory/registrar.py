"""Deciding which offered files are taken in.

Most batches are of the usual shape and offer nothing twice; they are taken in as a whole. The
others are gone through file by file, and whatever cannot be taken is refused with a sentence.
"""

from collections.abc import Iterable, Sequence

from napster.catalog.admission import OWNER_FIELDS, RefusedError, read_record
from napster.catalog.interface import Refusal
from napster.catalog.memory.batch import Batch, hashes_of, of_files, read_usual
from napster.catalog.memory.blocks import Blocks
from napster.catalog.memory.intake import Intake
from napster.catalog.memory.lookup import Lookup
from napster.catalog.memory.seen import SeenPaths
from napster.catalog.memory.shelf import Shelf
from napster.wire.framing import MAX_BODY
from napster.wire.messages.sharing import Share

_DUPLICATE = "duplicate file"


class Registrar:
    """Takes offers and passes on what is taken in."""

    def __init__(self, blocks: Blocks, intake: Intake, lookup: Lookup) -> None:
        self._blocks = blocks
        self._intake = intake
        self._lookup = lookup
        self.seen = SeenPaths(lookup)

    def take(self, shelf: Shelf, records: Sequence[bytes]) -> list[Refusal]:
        """Take files in; returns what was refused."""
        longest = max(map(len, records))
        if not self._blocks.has_room(shelf, len(records), min(longest, MAX_BODY) + 2):
            return [Refusal(b"", "the catalog is full") for _ in records]
        fit = longest + len(shelf.owner.nick) + OWNER_FIELDS <= MAX_BODY
        batch = read_usual(records) if fit else None
        if batch is None:
            return self._take_unusual(shelf, records)
        if not self.seen.of(shelf).all_new(batch.path_hashes):
            return self._take_new(shelf, records, batch)
        self._intake.add(shelf, batch)
        return []

    def _take_new(self, shelf: Shelf, records: Sequence[bytes], batch: Batch) -> list[Refusal]:
        """Take in what is not shared yet."""
        shared = self._lookup.paths(shelf, batch.path_hashes)
        new: dict[bytes, bytes] = {}
        refusals = []
        for path, record in zip(batch.paths, records, strict=True):
            if path in shared or path in new:
                refusals.append(Refusal(path, _DUPLICATE))
            else:
                new[path] = record
        if new and (rest := read_usual(list(new.values()))):
            self._intake.add(shelf, rest)
        return refusals

    def _take_unusual(self, shelf: Shelf, records: Iterable[bytes]) -> list[Refusal]:
        """Read file by file, and take in what can be taken."""
        offers = [_read(record, shelf.owner.nick) for record in records]
        hashes = hashes_of([offer.path for offer in offers])
        shared = self._lookup.paths(shelf, hashes)
        new: dict[bytes, Share] = {}
        refusals = []
        for offer in offers:
            if isinstance(offer, Refusal):
                refusals.append(offer)
            elif offer.path in shared or offer.path in new:
                refusals.append(Refusal(offer.path, _DUPLICATE))
            else:
                new[offer.path] = offer
        for batch in of_files(list(new.values())):
            self.seen.of(shelf).all_new(batch.path_hashes)
            self._intake.add(shelf, batch)
        return refusals


def _read(record: bytes, nick: str) -> Share | Refusal:
    try:
        return read_record(record, nick)
    except RefusedError as refused:
        return Refusal(refused.path, refused.reason)
