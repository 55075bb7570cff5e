"""What is known of each file besides its text: arrays indexed by file id.

The hash of a file stands together with where its text is, in a row, so that to read them touches
one place in memory. What searches compare in many files at once stands in an array per property.

The arrays have room for the whole capacity from the start. That costs address space only; memory is
used as far as ids have been handed out.

A file with a property that its column cannot hold (a size of 4 GiB, a hash that is none, a path of
more than 255 bytes) is odd: its block keeps it whole, and its columns say as much as they can.
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
from napster.catalog.memory.frequencies import OTHER, frequency_codes
from napster.catalog.memory.room import reserve
from napster.catalog.memory.texts import Places
from napster.wire.messages.sharing import Share

MD5_BYTES = 16
PLAIN, WITH_SIZE, WITH_NUMBER, ODD = range(4)
"""What the hash field of a file is: 32 hexadecimal digits; those, `-` and the size; those, `-` and
another number; or the file is odd."""

ROW = Struct("<16xHHBBBB")
"""How a row is laid out, but for the hash at its beginning."""
_FIELDS = {
    "md5": "V16",
    "name_at": "<u2",  # where in the block's text the name starts
    "prefix_at": "<u2",  # where in the block's text that starts which comes before the name
    "name_length": "u1",
    "prefix_length": "u1",
    "ending": "u1",
    "form": "u1",
}
FORM_AT = ROW.size - 1
"""Where in a row the form stands."""
Values = npt.NDArray[np.integer[Any]]


class Columns:
    """The properties of all files."""

    def __init__(self, capacity: int) -> None:
        self._rows: npt.NDArray[np.uint64] = reserve(capacity, np.uint64, ROW.size // 8)
        self._fields = self._rows.view(list(_FIELDS.items()))[:, 0]
        self.md5: npt.NDArray[np.uint8] = self._rows.view(np.uint8)[:, :MD5_BYTES]
        self.form: npt.NDArray[np.uint8] = self._fields["form"]
        """PLAIN, WITH_SIZE, WITH_NUMBER or ODD."""
        self.size: npt.NDArray[np.uint32] = reserve(capacity, np.uint32)
        """The size in bytes."""
        self.bitrate: npt.NDArray[np.uint16] = reserve(capacity, np.uint16)
        self.frequency: npt.NDArray[np.uint8] = reserve(capacity, np.uint8)
        """A code; see `frequencies`."""
        self.duration: npt.NDArray[np.uint16] = reserve(capacity, np.uint16)
        self.ending: npt.NDArray[np.uint8] = reserve(capacity, np.uint8)
        """A code for the end of the name; see `endings`."""
        self.content: npt.NDArray[np.uint8] = reserve(capacity, np.uint8, CONTENT_BYTES)
        """Content ids; see `contents`."""
        self.path_hash: npt.NDArray[np.uint32] = reserve(capacity, np.uint32)
        """Hashes of paths, for look-ups by path; see `batch`."""

    def rows(self, ids: npt.NDArray[np.intp]) -> bytes:
        """Return the rows of files, one after another."""
        return self._rows.take(ids, axis=0).tobytes()

    def write_texts(self, ids: Ids, endings: Values, places: Places) -> None:
        """Write how names of files end, and where in their blocks' texts they are."""
        self._fields["ending"][ids] = self.ending[ids] = endings
        for name, values in places._asdict().items():
            self._fields[name][ids] = values

    def write(self, ids: Ids, fields: Fields) -> None:
        """Write the fields of files."""
        numbers = fields.numbers
        self.md5[ids] = fields.md5
        self.form[ids] = self._form(numbers)
        self.size[ids] = numbers[:, SIZE]
        self.bitrate[ids] = numbers[:, BITRATE]
        self.frequency[ids] = frequency_codes(numbers[:, FREQUENCY])
        self.duration[ids] = numbers[:, DURATION]

    @staticmethod
    def _form(numbers: npt.NDArray[np.int64]) -> npt.NDArray[np.integer[Any]]:
        suffixes = numbers[:, SUFFIX]
        form = np.where(suffixes == numbers[:, SIZE], WITH_SIZE, WITH_NUMBER)
        return np.where(suffixes == 0, PLAIN, form)

    def write_odd(self, file_id: int, file: Share) -> None:
        """Write what columns can hold of an odd file, for searches to compare."""
        self.form[file_id] = ODD
        key = md5_key(file.md5) or b"0" * 2 * MD5_BYTES
        self.md5[file_id] = list(bytes.fromhex(key.decode()))
        self.size[file_id] = min(file.size, BEYOND[SIZE])
        self.bitrate[file_id] = min(file.bitrate, BEYOND[BITRATE])
        self.frequency[file_id] = OTHER
        self.duration[file_id] = min(file.duration, BEYOND[DURATION])
