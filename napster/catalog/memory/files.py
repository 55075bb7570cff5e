"""Reading files back from the columns and from the texts of their blocks."""

from collections.abc import Iterator

import attrs
import numpy as np

from napster.catalog.interface import Hit
from napster.catalog.memory.blocks import BLOCK, SHIFT, Block, Blocks, Ids
from napster.catalog.memory.columns import MD5_BYTES, ODD, WITH_SIZE, Columns
from napster.catalog.memory.endings import SUFFIXES
from napster.catalog.memory.frequencies import FREQUENCIES, OTHER
from napster.catalog.memory.shelf import Shelf
from napster.wire.framing import encode
from napster.wire.messages.searching import SearchHit
from napster.wire.messages.sharing import Share

_HEX = 2 * MD5_BYTES
_FREQUENCIES = np.zeros(OTHER + 1, np.uint32)
_FREQUENCIES[: len(FREQUENCIES)] = FREQUENCIES


@attrs.frozen
class Files:
    """Files as they were shared, one list per property."""

    shelves: list[Shelf]
    paths: list[bytes]
    md5: list[bytes]
    sizes: list[int]
    bitrates: list[int]
    frequencies: list[int]
    durations: list[int]

    def __len__(self) -> int:
        return len(self.paths)

    def _fields(self) -> Iterator[tuple[bytes, bytes, int, int, int, int]]:
        return zip(
            self.paths,
            self.md5,
            self.sizes,
            self.bitrates,
            self.frequencies,
            self.durations,
            strict=True,
        )

    def replace(self, row: int, file: Share) -> None:
        """Put what a file is in place of what its columns say."""
        self.md5[row] = file.md5
        self.sizes[row] = file.size
        self.bitrates[row] = file.bitrate
        self.frequencies[row] = file.frequency
        self.durations[row] = file.duration

    def shares(self) -> list[Share]:
        """Return each file as a value."""
        return [Share(*fields) for fields in self._fields()]

    def __iter__(self) -> Iterator[Hit]:
        """Return each file and its owner as values."""
        return map(Hit, self.shares(), (shelf.owner for shelf in self.shelves))

    def frames(self) -> bytes:
        """All of it as finished 201 frames, ready to be written to an old client."""
        bodies = (
            b'"%b" %b %d %d %d %d %b' % (*fields, shelf.owner_fields)
            for fields, shelf in zip(self._fields(), self.shelves, strict=True)
        )
        return b"".join([encode(SearchHit.type, body) for body in bodies])


class Reader:
    """Reads the files of ids that are alive."""

    def __init__(self, columns: Columns, blocks: Blocks) -> None:
        self.columns = columns
        self.blocks = blocks

    def read(self, ids: Ids) -> Files:
        """Read the files of these ids, in their order."""
        columns = self.columns
        blocks = [self.blocks[number] for number in (ids >> SHIFT).tolist()]
        hexadecimal = columns.md5[ids].tobytes().hex().encode()
        sizes = columns.size_high[ids].astype(np.int64) << 32 | columns.size_low[ids]
        files = Files(
            shelves=[block.shelf for block in blocks],
            paths=self._paths(ids, blocks),
            md5=[hexadecimal[at : at + _HEX] for at in range(0, len(hexadecimal), _HEX)],
            sizes=sizes.tolist(),
            bitrates=columns.bitrate[ids].tolist(),
            frequencies=_FREQUENCIES[columns.frequency[ids]].tolist(),
            durations=columns.duration[ids].tolist(),
        )
        self._correct(files, ids, blocks)
        return files

    def path(self, file_id: int) -> bytes:
        """Read the path of one id."""
        ids = np.array([file_id], np.uint32)
        return self._paths(ids, [self.blocks[file_id >> SHIFT]])[0]

    def _paths(self, ids: Ids, blocks: list[Block]) -> list[bytes]:
        columns = self.columns
        prefixes = columns.prefix_at[ids].tolist()
        names = columns.name_at[ids].tolist()
        endings = columns.ending[ids].tolist()
        paths = []
        for block, prefix, name, ending in zip(blocks, prefixes, names, endings, strict=True):
            text = block.text
            paths.append(
                text[prefix : text.index(b"\0", prefix)]
                + text[name : text.index(b"\0", name)]
                + SUFFIXES[ending]
            )
        return paths

    def _correct(self, files: Files, ids: Ids, blocks: list[Block]) -> None:
        """Complete the hashes that are more than 32 digits; take odd files from where they are."""
        forms = self.columns.form[ids]
        for row in np.flatnonzero(forms).tolist():
            form = forms[row]
            if form == WITH_SIZE:
                files.md5[row] += b"-%d" % files.sizes[row]
            elif form == ODD:
                files.replace(row, blocks[row].odd[int(ids[row])])
            else:
                suffixes = blocks[row].suffixes
                assert suffixes is not None, ids[row]  # noqa: S101  # the form promises it
                files.md5[row] += b"-%d" % suffixes[ids[row] % BLOCK]
