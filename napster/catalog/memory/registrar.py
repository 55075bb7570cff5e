"""Deciding which offered files are taken in.

Most batches are of the usual shape and offer nothing twice; they are taken in as a whole. The
others are gone through file by file, and whatever cannot be taken is refused with a sentence.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence

from pyroaring import BitMap

from napster.catalog.admission import OWNER_FIELDS, RefusedError, read_record
from napster.catalog.interface import Refusal
from napster.catalog.memory.batch import of_files, read_usual
from napster.catalog.memory.blocks import Blocks
from napster.catalog.memory.intake import Intake
from napster.catalog.memory.lookup import Lookup
from napster.catalog.memory.shelf import Shelf
from napster.wire.framing import MAX_BODY
from napster.wire.messages.sharing import Share

_REMEMBERED = 32
"""Of so many shelves the path hashes are kept at hand."""


class Registrar:
    """Takes offers and passes on what is taken in."""

    def __init__(self, blocks: Blocks, intake: Intake, lookup: Lookup) -> None:
        self._blocks = blocks
        self._intake = intake
        self._lookup = lookup
        self._sharing: OrderedDict[Shelf, None] = OrderedDict()

    def take(self, shelf: Shelf, records: Sequence[bytes]) -> list[Refusal]:
        """Take files in; returns what was refused."""
        if self._blocks.left <= len(records):
            return [Refusal(b"", "the catalog is full") for _ in records]
        seen = self._seen(shelf)
        fit = max(map(len, records)) + len(shelf.owner.nick) + OWNER_FIELDS <= MAX_BODY
        batch = read_usual(records) if fit else None
        if batch is None or not _all_new(seen, batch.path_hashes):
            return self._take_one_by_one(shelf, records)
        self._intake.add(shelf, batch)
        return []

    def _take_one_by_one(self, shelf: Shelf, records: Iterable[bytes]) -> list[Refusal]:
        files: dict[bytes, Share] = {}
        refusals = []
        for record in records:
            try:
                file = read_record(record, shelf.owner.nick)
            except RefusedError as refused:
                refusals.append(Refusal(refused.path, refused.reason))
                continue
            if file.path in files or self._lookup.has(shelf, file.path):
                refusals.append(Refusal(file.path, "duplicate file"))
            else:
                files[file.path] = file
        for batch in of_files(list(files.values())):
            self._seen(shelf).update(batch.path_hashes)
            self._intake.add(shelf, batch)
        return refusals

    def _seen(self, shelf: Shelf) -> BitMap:
        """Return the hashes of all paths of a shelf; keeps them at hand for the next batch."""
        if shelf.seen is None:
            self._intake.settle()
            shelf.seen = BitMap(self._lookup.path_hashes(shelf).tolist())
        self._sharing[shelf] = None
        self._sharing.move_to_end(shelf)
        if len(self._sharing) > _REMEMBERED:
            idle, _ = self._sharing.popitem(last=False)
            idle.seen = None
        return shelf.seen

    def forget(self, shelf: Shelf) -> None:
        """Drop the hashes of a shelf."""
        self._sharing.pop(shelf, None)
        shelf.seen = None


def _all_new(seen: BitMap, hashes: Sequence[int]) -> bool:
    """Remember hashes; whether they were all new and different."""
    before = len(seen)
    seen.update(hashes)
    return len(seen) == before + len(hashes)
