"""Reading files back from the rows of the columns and from the texts of their blocks."""

from binascii import hexlify
from collections.abc import Iterator

import attrs
import numpy as np

from napster.catalog.interface import Hit
from napster.catalog.memory.blocks import SHIFT, Blocks, Ids
from napster.catalog.memory.columns import FORM_AT, ODD, PLAIN, ROW, WITH_NUMBER, WITH_SIZE, Columns
from napster.catalog.memory.endings import SUFFIXES
from napster.catalog.memory.frequencies import FREQUENCIES
from napster.catalog.memory.shelf import Shelf
from napster.wire.framing import encode_all
from napster.wire.messages.searching import SearchHit
from napster.wire.messages.sharing import Share

_DIGITS = 32
"""Of a hash."""
_FREQUENCIES = [*FREQUENCIES, *[0] * (256 - len(FREQUENCIES))]
"""By code."""


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
                text[prefix:prefix_end] + text[name:name_end] + SUFFIXES[ending],
                md5,
                size_low | size_high << 32,
                bitrate,
                _FREQUENCIES[frequency],
                duration,
            )
            for text, md5, (
                size_low, name, name_end, prefix, prefix_end,
                bitrate, duration, size_high, frequency, ending, _form,
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
        bodies = [
            b'"%b%b%b" %b %d %d %d %d %b' % (
                text[prefix:prefix_end],
                text[name:name_end],
                SUFFIXES[ending],
                md5,
                size_low | size_high << 32,
                bitrate,
                _FREQUENCIES[frequency],
                duration,
                shelf.owner_fields,
            )
            for shelf, text, md5, (
                size_low, name, name_end, prefix, prefix_end,
                bitrate, duration, size_high, frequency, ending, _form,
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
        digits = hexlify(self.columns.md5[ids].tobytes())
        hashes = [digits[start : start + _DIGITS] for start in range(0, len(digits), _DIGITS)]
        forms, odd = rows[FORM_AT :: ROW.size], {}
        if forms.count(PLAIN) < len(forms):
            odd = self._correct(hashes, forms, ids)
        shelves, texts = [block.shelf for block in blocks], [block.text for block in blocks]
        return Files(shelves, texts, hashes, rows, odd)

    def _correct(self, hashes: list[bytes], forms: bytes, ids: Ids) -> dict[int, Share]:
        """Write whole those hashes that are more than 32 digits; returns the odd files."""
        odd: dict[int, Share] = {}
        sizes = self.columns.sizes(ids).tolist()
        for place, (form, file_id) in enumerate(zip(forms, ids.tolist(), strict=True)):
            if form == WITH_SIZE:
                hashes[place] += b"-%d" % sizes[place]
            elif form == WITH_NUMBER:
                hashes[place] += b"-%d" % self.blocks.suffix(file_id)
            elif form == ODD:
                odd[place] = self.blocks[file_id >> SHIFT].odd[file_id]
        return odd

    def path(self, file_id: int) -> bytes:
        """Read the path of one id."""
        return self.read(np.array([file_id], np.uint32)).paths()[0]
