"""Finding files by path, by content, or all of one owner."""

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from napster.catalog.admission import md5_key, path_key
from napster.catalog.interface import Hit
from napster.catalog.memory.batch import Hashes, Single, hashes_of
from napster.catalog.memory.blocks import BLOCK, SHIFT, Ids
from napster.catalog.memory.contents import Contents
from napster.catalog.memory.fields import BEYOND, SIZE
from napster.catalog.memory.files import Reader
from napster.catalog.memory.intake import Intake
from napster.catalog.memory.postings import Postings
from napster.catalog.memory.shelf import Shelf
from napster.catalog.memory.slices import Steps
from napster.catalog.memory.undisturbed import undisturbed
from napster.catalog.memory.vocabulary import EVERY
from napster.wire.messages.sharing import Share

Mask = npt.NDArray[np.bool_]
_WINDOW = 1 << 20


class Lookup:
    """Looks files up, those that wait to be settled included."""

    def __init__(
        self, reader: Reader, intake: Intake, postings: Postings, contents: Contents
    ) -> None:
        self._reader = reader
        self._contents = contents
        self._blocks = reader.blocks
        self._columns = reader.columns
        self._intake = intake
        self._postings = postings
        self._path_hashes = reader.columns.path_hash.reshape(-1, BLOCK)

    def path_hashes(self, shelf: Shelf) -> Ids:
        """Return the hashes of all paths of a shelf, and maybe a few more; none may be waiting."""
        return self._path_hashes[np.array(shelf.blocks, np.uint32)].ravel()

    def find(self, shelf: Shelf, path: bytes) -> Steps[int | None]:
        """Return the id of a path: exactly, else of the only one alike; None if there is none."""
        yield from self._intake.settled_of(shelf)
        file_id = self._having(shelf, hashes_of([path])).get(path)
        if file_id is None:
            alike = yield from self._alike(shelf, path)
            if len(alike) == 1:
                file_id = self._having(shelf, hashes_of(list(alike))).get(alike.pop())
        return file_id

    def _alike(self, shelf: Shelf, path: bytes) -> Steps[set[bytes]]:
        """Return all paths of a shelf that differ from a path in case only."""
        key = path_key(path)
        stem = _stem(key)
        alike: set[bytes] = set()
        with shelf.in_place():
            for number in list(shelf.blocks):
                yield
                if number in shelf.blocks and stem in path_key(self._blocks[number].text):
                    paths = self._reader.read(self._ids(number)).paths()
                    alike.update(each for each in paths if path_key(each) == key)
        return alike

    def paths(self, shelf: Shelf, hashes: Hashes) -> set[bytes]:
        """Return the paths of a shelf that have any of some hashes; none may be waiting."""
        return set(self._having(shelf, hashes))

    def _having(self, shelf: Shelf, hashes: Hashes) -> dict[bytes, int]:
        """Return the ids of a shelf's paths that have any of some hashes."""
        numbers = np.array(shelf.blocks, np.uint32)
        rows, places = np.nonzero(np.isin(self._path_hashes[numbers], hashes))
        ids = self.alive(BitMap(((numbers[rows] << SHIFT) + places).tolist()))
        found = np.array(ids.to_array(), np.uint32)
        return dict(zip(self._reader.read(found).paths(), found.tolist(), strict=True))

    def alive(self, ids: BitMap) -> BitMap:
        """Return those of some ids that stand for a file now."""
        return (ids & self._postings.ids(EVERY)) - self._blocks.dead

    def _ids(self, number: int) -> Ids:
        ids = self.alive(BitMap(range(number << SHIFT, (number + 1) << SHIFT)))
        return np.array(ids.to_array(), np.uint32)

    def files(self, number: int) -> list[Share]:
        """Read all files of a block; none of them may be waiting to be settled."""
        return self._reader.read(self._ids(number)).shares()

    def singles(self, number: int) -> list[Single]:
        """Read all that is known of the files of a block; none of them may be waiting."""
        ids = self._ids(number)
        since = self._blocks.offered.of(ids).tolist()
        return list(map(Single, self._reader.read(ids).shares(), self._contents.of(ids), since))

    def read(self, file_id: int) -> Share:
        """Read one file."""
        return self._reader.read(np.array([file_id], np.uint32)).shares()[0]

    def listing(self, shelf: Shelf, limit: int | None) -> Steps[list[Share]]:
        """Read all files of a shelf, in the order shared; at most `limit`."""
        yield from self._intake.settled()
        files: list[Share] = []
        with shelf.in_place():
            for number in list(shelf.blocks):
                if limit is not None and len(files) >= limit:
                    break
                if number in shelf.blocks:
                    files += self.files(number)
                yield
        return files[:limit]

    def of_content(self, md5: bytes, size: int) -> Steps[list[Hit]]:
        """Find the files of an MD5 (32 hexadecimal digits in lower case) and size."""
        yield from self._intake.settled()
        return (yield from undisturbed(self._blocks, lambda: self._of_content(md5, size)))

    def _of_content(self, md5: bytes, size: int) -> Steps[list[Hit]]:
        digest = np.frombuffer(bytes.fromhex(md5.decode()), np.uint8)
        found = BitMap()
        for low in range(0, self._blocks.top, _WINDOW):
            ids = np.arange(low, min(low + _WINDOW, self._blocks.top), dtype=np.uint32)
            ids = ids[self._columns.size[ids[0] : ids[-1] + 1] == min(size, BEYOND[SIZE])]
            ids = ids[(self._columns.md5[ids] == digest).all(axis=1)]
            found.update(ids.tolist())
            yield
        hits = self._reader.read(np.array(self.alive(found).to_array(), np.uint32))
        return [hit for hit in hits if (md5_key(hit.file.md5), hit.file.size) == (md5, size)]


def _stem(path: bytes) -> bytes:
    """Return the part of a file's name that a block's text holds in any case."""
    name = path.rpartition(b"\\")[2]
    stem, dot, _ = name.rpartition(b".")
    return stem if dot else name
