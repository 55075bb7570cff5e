"""Reading files back from their rows and from the texts of their blocks."""

from binascii import hexlify
from collections.abc import Iterator

import attrs
import numpy as np

from napster.catalog.interface import Hit
from napster.catalog.memory.blocks import SHIFT, Blocks, Ids
from napster.catalog.memory.columns import (
    FORMS,
    MARKS_AT,
    ODD,
    PLAIN_MARKS,
    ROW,
    WITH_NUMBER,
    WITH_SIZE,
    Columns,
)
from napster.catalog.memory.endings import SUFFIXES
from napster.catalog.memory.fields import BEYOND, BITRATE
from napster.catalog.memory.frequencies import CODES, FREQUENCIES
from napster.catalog.memory.shelf import Shelf
from napster.wire.framing import encode_all
from napster.wire.messages.searching import SearchHit
from napster.wire.messages.sharing import Share

_DIGITS = 32
"""Of a hash."""
_ROW_DIGITS = 2 * ROW.size
"""Of a row, which begins with the hash."""
_FREQUENCIES = [*FREQUENCIES, *[0] * (CODES - len(FREQUENCIES))] * FORMS
"""By marks."""
_WRITTEN_FREQUENCIES = [b"%d " % frequency for frequency in _FREQUENCIES]
"""By marks, as they stand in a 201."""
_ENDS_OF_PATHS = [b'%b" ' % suffix for suffix in SUFFIXES]
"""By code, likewise."""
_WRITTEN = [b"%d " % number for number in range(BEYOND[BITRATE] + 1)]
"""All bit rates and durations there can be, likewise: to write one anew takes thrice as long."""


@attrs.frozen
class Files:
    """Files as they were shared, and who shares each: what is stored, read when it is asked for."""

    shelves: list[Shelf]
    _texts: list[bytes]
    """The texts the files are named in."""
    _hashes: list[bytes]
    _rows: bytes
    _odd: dict[int, Share]
    """Files that are otherwise than the rest says, by place."""

    def __len__(self) -> int:
        return len(self.shelves)

    def shares(self) -> list[Share]:
        """Return each file as a value."""
        files = [
            Share(
                text[prefix : prefix + prefix_length]
                + text[name : name + length]
                + SUFFIXES[ending],
                md5,
                size,
                bitrate,
                _FREQUENCIES[marks],
                duration,
            )
            for text, md5, (
                size, bitrate, duration, name, prefix, length, prefix_length, ending, marks,
            ) in zip(self._texts, self._hashes, ROW.iter_unpack(self._rows), strict=True)
        ]  # fmt: skip
        for place, file in self._odd.items():
            files[place] = file
        return files

    def paths(self) -> list[bytes]:
        """Return the path of each file."""
        return [file.path for file in self.shares()]

    def __iter__(self) -> Iterator[Hit]:
        """Return each file and its owner as values."""
        return map(Hit, self.shares(), (shelf.owner for shelf in self.shelves))

    def frames(self) -> bytes:
        """All of it as finished 201 frames, ready to be written to an old client."""
        join = b"".join
        bodies = [
            join((
                b'"',
                text[prefix : prefix + prefix_length],
                text[name : name + length],
                _ENDS_OF_PATHS[ending],
                md5,
                b" %d " % size,
                _WRITTEN[bitrate],
                _WRITTEN_FREQUENCIES[marks],
                _WRITTEN[duration],
                shelf.owner_fields,
            ))
            for shelf, text, md5, (
                size, bitrate, duration, name, prefix, length, prefix_length, ending, marks,
            ) in zip(
                self.shelves, self._texts, self._hashes, ROW.iter_unpack(self._rows), strict=True
            )
        ]  # fmt: skip
        for place, file in self._odd.items():
            bodies[place] = file.body() + b" " + self.shelves[place].owner_fields
        return encode_all(SearchHit.type, bodies)


NO_FILES = Files([], [], [], b"", {})


class Reader:
    """Reads the files of ids that are alive."""

    def __init__(self, columns: Columns, blocks: Blocks) -> None:
        self.columns = columns
        self.blocks = blocks

    def read(self, ids: Ids) -> Files:
        """Read the files of these ids, in their order."""
        blocks, rows = self.blocks.of(ids), self.columns.rows(ids)
        digits = hexlify(rows)
        hashes = [digits[start : start + _DIGITS] for start in range(0, len(digits), _ROW_DIGITS)]
        odd = {}
        if rows[MARKS_AT :: ROW.size].translate(None, PLAIN_MARKS):
            odd = self._correct(hashes, ids)
        shelves, texts = [block.shelf for block in blocks], [block.text for block in blocks]
        return Files(shelves, texts, hashes, rows, odd)

    def _correct(self, hashes: list[bytes], ids: Ids) -> dict[int, Share]:
        """Write whole those hashes that are more than 32 digits; returns the odd files."""
        odd: dict[int, Share] = {}
        forms, sizes = self.columns.forms(ids).tolist(), self.columns.size[ids].tolist()
        for place, (form, file_id) in enumerate(zip(forms, ids.tolist(), strict=True)):
            if form == WITH_SIZE:
                hashes[place] += b"-%d" % sizes[place]
            elif form == WITH_NUMBER:
                hashes[place] += b"-%d" % self.blocks.suffix(file_id)
            elif form == ODD:
                odd[place] = self.blocks[file_id >> SHIFT].odd[file_id]
        return odd

    def size(self, ids: Ids) -> int:
        """Return the bytes of some files together."""
        usual = self.columns.forms(ids) != ODD
        odd = [self.blocks[file_id >> SHIFT].odd[file_id] for file_id in ids[~usual].tolist()]
        sizes = self.columns.size[ids[usual]]
        return int(sizes.sum(dtype=np.int64)) + sum(file.size for file in odd)

    def path(self, file_id: int) -> bytes:
        """Read the path of one id."""
        return self.read(np.array([file_id], np.uint32)).paths()[0]
