"""Reading files back from the rows of the columns and from the texts of their blocks."""

from binascii import hexlify
from collections.abc import Iterator
from itertools import starmap

import attrs
import numpy as np

from napster.catalog.interface import Hit
from napster.catalog.memory.blocks import BLOCK, Block, Blocks, Ids
from napster.catalog.memory.columns import FORM_AT, ODD, PLAIN, ROW, WITH_SIZE, Columns
from napster.catalog.memory.endings import SUFFIXES
from napster.catalog.memory.frequencies import FREQUENCIES
from napster.catalog.memory.shelf import Shelf
from napster.wire.framing import encode_all
from napster.wire.messages.searching import SearchHit
from napster.wire.messages.sharing import Share

_FILE = b'"%b" %b %d %d %d %d '
_NUL = 0
_FREQUENCIES = [*FREQUENCIES, *[0] * (256 - len(FREQUENCIES))]
"""By code."""

File = tuple[bytes, bytes, int, int, int, int]
"""The fields of a `Share`, in their order."""


@attrs.frozen
class Files:
    """Files as they were shared, and who shares each."""

    shelves: list[Shelf]
    files: list[File]

    def __len__(self) -> int:
        return len(self.files)

    def paths(self) -> list[bytes]:
        """Return the path of each file."""
        return [file[0] for file in self.files]

    def shares(self) -> list[Share]:
        """Return each file as a value."""
        return list(starmap(Share, self.files))

    def __iter__(self) -> Iterator[Hit]:
        """Return each file and its owner as values."""
        return map(Hit, self.shares(), (shelf.owner for shelf in self.shelves))

    def frames(self) -> bytes:
        """All of it as finished 201 frames, ready to be written to an old client."""
        pairs = zip(self.files, self.shelves, strict=True)
        bodies = [_FILE % file + shelf.owner_fields for file, shelf in pairs]
        return encode_all(SearchHit.type, bodies)


NO_FILES = Files([], [])


class Reader:
    """Reads the files of ids that are alive."""

    def __init__(self, columns: Columns, blocks: Blocks) -> None:
        self.columns = columns
        self.blocks = blocks

    def read(self, ids: Ids) -> Files:
        """Read the files of these ids, in their order."""
        blocks = self.blocks.of(ids)
        texts = [block.text for block in blocks]
        rows = self.columns.rows(ids)
        files = [
            (
                text[prefix : text.index(_NUL, prefix)]
                + text[name : text.index(_NUL, name)]
                + SUFFIXES[ending],
                hexlify(md5),
                size_low | size_high << 32,
                bitrate,
                _FREQUENCIES[frequency],
                duration,
            )
            for text, (
                md5, size_low, name, prefix, bitrate, duration, size_high, frequency, ending, _form,
            ) in zip(texts, ROW.iter_unpack(rows), strict=True)
        ]  # fmt: skip
        forms = rows[FORM_AT :: ROW.size]
        if forms.count(PLAIN) < len(forms):
            _correct(files, forms, ids.tolist(), blocks)
        return Files([block.shelf for block in blocks], files)

    def path(self, file_id: int) -> bytes:
        """Read the path of one id."""
        return self.read(np.array([file_id], np.uint32)).paths()[0]


def _correct(files: list[File], forms: bytes, ids: list[int], blocks: list[Block]) -> None:
    """Put right what rows do not tell: hashes that are more than 32 digits, odd files."""
    for place, form in enumerate(forms):
        if form == ODD:
            odd = blocks[place].odd[ids[place]]
            files[place] = odd.path, odd.md5, odd.size, odd.bitrate, odd.frequency, odd.duration
        elif form != PLAIN:
            path, md5, size, bitrate, frequency, duration = files[place]
            suffix = size if form == WITH_SIZE else _suffix(blocks[place], ids[place])
            files[place] = path, b"%b-%d" % (md5, suffix), size, bitrate, frequency, duration


def _suffix(block: Block, file_id: int) -> int:
    suffixes = block.suffixes
    assert suffixes is not None, file_id  # noqa: S101  # the form promises it
    return suffixes[file_id % BLOCK]
