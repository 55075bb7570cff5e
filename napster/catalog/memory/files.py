"""Reading files back from the columns and from the texts of their blocks."""

from collections.abc import Iterator

import attrs
import numpy as np
import numpy.typing as npt

from napster.catalog.interface import Hit
from napster.catalog.memory.blocks import BLOCK, Block, Blocks, Ids
from napster.catalog.memory.columns import MD5_BYTES, ODD, WITH_SIZE, Columns
from napster.catalog.memory.endings import SUFFIXES
from napster.catalog.memory.frequencies import FREQUENCIES, OTHER
from napster.catalog.memory.shelf import Shelf
from napster.wire.framing import encode
from napster.wire.messages.searching import SearchHit
from napster.wire.messages.sharing import Share

_HEX = 2 * MD5_BYTES
_BODY = b'"%b" %b %d %d %d %d %b'
_FREQUENCIES = np.zeros(OTHER + 1, np.uint32)
_FREQUENCIES[: len(FREQUENCIES)] = FREQUENCIES


@attrs.frozen
class Files:
    """Files as they were shared, one list per property."""

    shelves: list[Shelf]
    texts: list[bytes]
    """Of their blocks; there stand the prefix and the name of each path, ended by NUL."""
    prefixes_at: list[int]
    names_at: list[int]
    suffixes: list[bytes]
    """With which their paths end."""
    md5: list[bytes]
    sizes: list[int]
    bitrates: list[int]
    frequencies: list[int]
    durations: list[int]

    def __len__(self) -> int:
        return len(self.shelves)

    def paths(self) -> list[bytes]:
        """Return the path of each file."""
        places = zip(self.texts, self.prefixes_at, self.names_at, self.suffixes, strict=True)
        return [
            text[prefix : text.index(b"\0", prefix)] + text[name : text.index(b"\0", name)] + suffix
            for text, prefix, name, suffix in places
        ]

    def shares(self) -> list[Share]:
        """Return each file as a value."""
        numbers = (self.sizes, self.bitrates, self.frequencies, self.durations)
        return list(map(Share, self.paths(), self.md5, *numbers))

    def __iter__(self) -> Iterator[Hit]:
        """Return each file and its owner as values."""
        return map(Hit, self.shares(), (shelf.owner for shelf in self.shelves))

    def frames(self) -> bytes:
        """All of it as finished 201 frames, ready to be written to an old client."""
        numbers = (self.sizes, self.bitrates, self.frequencies, self.durations)
        owners = [shelf.owner_fields for shelf in self.shelves]
        fields = zip(self.paths(), self.md5, *numbers, owners, strict=True)
        return b"".join([encode(SearchHit.type, _BODY % each) for each in fields])


NO_FILES = Files([], [], [], [], [], [], [], [], [], [])


class Reader:
    """Reads the files of ids that are alive."""

    def __init__(self, columns: Columns, blocks: Blocks) -> None:
        self.columns = columns
        self.blocks = blocks

    def read(self, ids: Ids) -> Files:
        """Read the files of these ids, in their order."""
        columns = self.columns
        blocks = self.blocks.of(ids)
        hexadecimal = columns.md5[ids].tobytes().hex().encode()
        files = Files(
            shelves=[block.shelf for block in blocks],
            texts=[block.text for block in blocks],
            prefixes_at=columns.prefix_at[ids].tolist(),
            names_at=columns.name_at[ids].tolist(),
            suffixes=[SUFFIXES[code] for code in columns.ending[ids].tolist()],
            md5=[hexadecimal[at : at + _HEX] for at in range(0, len(hexadecimal), _HEX)],
            sizes=self.sizes(ids).tolist(),
            bitrates=columns.bitrate[ids].tolist(),
            frequencies=_FREQUENCIES[columns.frequency[ids]].tolist(),
            durations=columns.duration[ids].tolist(),
        )
        self._correct(files, ids, blocks)
        return files

    def sizes(self, ids: Ids) -> npt.NDArray[np.int64]:
        """Read the sizes of files, those too large for a column at its limit."""
        columns = self.columns
        return columns.size_high[ids].astype(np.int64) << 32 | columns.size_low[ids]

    def path(self, file_id: int) -> bytes:
        """Read the path of one id."""
        return self.read(np.array([file_id], np.uint32)).paths()[0]

    def _correct(self, files: Files, ids: Ids, blocks: list[Block]) -> None:
        """Put right what columns do not tell: hashes that are more than 32 digits, odd files."""
        forms = self.columns.form[ids]
        for row in np.flatnonzero(forms).tolist():
            form = forms[row]
            if form == WITH_SIZE:
                files.md5[row] += b"-%d" % files.sizes[row]
            elif form == ODD:
                _replace(files, row, blocks[row].odd[int(ids[row])])
            else:
                suffixes = blocks[row].suffixes
                assert suffixes is not None, ids[row]  # noqa: S101  # the form promises it
                files.md5[row] += b"-%d" % suffixes[ids[row] % BLOCK]


def _replace(files: Files, row: int, file: Share) -> None:
    files.md5[row] = file.md5
    files.sizes[row] = file.size
    files.bitrates[row] = file.bitrate
    files.frequencies[row] = file.frequency
    files.durations[row] = file.duration
