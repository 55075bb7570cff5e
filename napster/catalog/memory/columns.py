"""What is known of each file besides its text and its words, by file id.

All that a search result needs stands together in a row, so that to read it touches one place in
memory. The fields of the rows are columns as well: what searches compare in many files at once.

There is room for the whole capacity from the start. That costs address space only: memory is used
as far as ids have been handed out.

A file with a property that its field cannot hold (a size of 4 GiB, a hash that is none, a path of
more than 255 bytes) is odd: its block keeps it whole, and its row says as much as it can.
"""

from struct import Struct
from typing import Any

import numpy as np
import numpy.typing as npt

from napster.catalog.admission import md5_key
from napster.catalog.memory.blocks import Ids
from napster.catalog.memory.contents import CONTENT_BYTES
from napster.catalog.memory.fields import (
    BEYOND,
    BITRATE,
    DURATION,
    FREQUENCY,
    SIZE,
    SUFFIX,
    Fields,
)
from napster.catalog.memory.frequencies import CODES, OTHER, frequency_codes
from napster.catalog.memory.room import reserve
from napster.catalog.memory.texts import Places
from napster.wire.messages.sharing import Share

MD5_BYTES = 16
PLAIN, WITH_SIZE, WITH_NUMBER, ODD = range(4)
"""What the hash field of a file is: 32 hexadecimal digits; those, `-` and the size; those, `-` and
another number; or the file is odd."""
FORMS = 4
PLAIN_MARKS = bytes(range(OTHER + 1))
"""The marks of all files with plain hashes."""

ROW = Struct("<16xIHHHHBBBB")
"""How a row is laid out, but for the hash at its beginning."""
_FIELDS = {
    "md5": "V16",
    "size": "<u4",
    "bitrate": "<u2",
    "duration": "<u2",
    "name_at": "<u2",  # where in the block's text the name starts
    "prefix_at": "<u2",  # where in the block's text that starts which comes before the name
    "name_length": "u1",
    "prefix_length": "u1",
    "ending": "u1",
    "marks": "u1",
}
MARKS_AT = ROW.size - 1
"""Where in a row the marks stand."""
Values = npt.NDArray[np.integer[Any]]


class Columns:
    """The properties of all files."""

    def __init__(self, capacity: int) -> None:
        self._rows: npt.NDArray[np.uint64] = reserve(capacity, np.uint64, ROW.size // 8)
        self._fields = self._rows.view(list(_FIELDS.items()))[:, 0]
        self.md5: npt.NDArray[np.uint8] = self._rows.view(np.uint8)[:, :MD5_BYTES]
        self.size: npt.NDArray[np.uint32] = self._fields["size"]
        """In bytes."""
        self.bitrate: npt.NDArray[np.uint16] = self._fields["bitrate"]
        self.duration: npt.NDArray[np.uint16] = self._fields["duration"]
        self.ending: npt.NDArray[np.uint8] = self._fields["ending"]
        """A code for the end of the name; see `endings`."""
        self.marks: npt.NDArray[np.uint8] = self._fields["marks"]
        """The form of the hash, times 64, and the code of the frequency; see `frequencies`."""
        self.content: npt.NDArray[np.uint8] = reserve(capacity, np.uint8, CONTENT_BYTES)
        """Content ids; see `contents`."""
        self.path_hash: npt.NDArray[np.uint32] = reserve(capacity, np.uint32)
        """Hashes of paths, for look-ups by path; see `batch`."""

    def rows(self, ids: Ids) -> bytes:
        """Return the rows of files, one after another."""
        return self._rows.take(ids, axis=0).tobytes()

    def forms(self, ids: Ids) -> npt.NDArray[np.uint8]:
        """Tell of files whether each is PLAIN, WITH_SIZE, WITH_NUMBER or ODD."""
        forms: npt.NDArray[np.uint8] = self.marks[ids] // CODES
        return forms

    def write_texts(self, ids: Ids, endings: Values, places: Places) -> None:
        """Write how names of files end, and where in their blocks' texts they are."""
        self.ending[ids] = endings
        for name, values in places._asdict().items():
            self._fields[name][ids] = values

    def write(self, ids: Ids, fields: Fields) -> None:
        """Write the fields of files."""
        numbers = fields.numbers
        self.md5[ids] = fields.md5
        self.size[ids] = numbers[:, SIZE]
        self.bitrate[ids] = numbers[:, BITRATE]
        self.marks[ids] = self._form(numbers) * CODES + frequency_codes(numbers[:, FREQUENCY])
        self.duration[ids] = numbers[:, DURATION]

    @staticmethod
    def _form(numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.integer[Any]]:
        suffixes = numbers[:, SUFFIX]
        form = np.where(suffixes == numbers[:, SIZE], WITH_SIZE, WITH_NUMBER)
        return np.where(suffixes == 0, PLAIN, form)

    def write_odd(self, file_id: int, file: Share) -> None:
        """Write what a row can hold of an odd file, for searches to compare."""
        key = md5_key(file.md5) or b"0" * 2 * MD5_BYTES
        self.md5[file_id] = list(bytes.fromhex(key.decode()))
        self.size[file_id] = min(file.size, BEYOND[SIZE])
        self.bitrate[file_id] = min(file.bitrate, BEYOND[BITRATE])
        self.marks[file_id] = ODD * CODES + OTHER
        self.duration[file_id] = min(file.duration, BEYOND[DURATION])
