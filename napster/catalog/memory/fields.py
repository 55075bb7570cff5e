"""Reading the fields of many files at once.

The hashes are lifted out of the text by position, since 32 digits stand there in every line; what
is left are decimal numbers, read in one go.
"""

import attrs
import numpy as np
import numpy.typing as npt
from numpy.lib.stride_tricks import sliding_window_view

from napster.catalog.memory.frequencies import OTHER, frequency_codes

SUFFIX, SIZE, BITRATE, FREQUENCY, DURATION = range(5)
"""The columns of `Fields.numbers`."""
BEYOND = (2**32 - 1, 2**32 - 1, 2**16 - 1, 2**32 - 1, 2**16 - 1)
"""What stands in the column for every number that is as high or higher."""
_DIGITS = 32
"""Of a hash."""
_NEWLINE = 10


@attrs.frozen(eq=False)
class Fields:
    """The fields of some files, one row each."""

    md5: npt.NDArray[np.uint8]
    """16 bytes each."""
    numbers: npt.NDArray[np.int64]
    """The number behind the hash (0 if there is none), size, bit rate, frequency and duration."""
    unfit: dict[int, bytes]
    """The lines with a number that does not fit its column, by row; their numbers are zeros."""


def read(text: bytes, width: int) -> Fields:
    r"""Read lines of ` md5 size bitrate frequency duration\n`, or ` md5-suffix size ...`.

    The lines have been checked; `width` is how many numbers they have, the hash among them.
    """
    data = np.frombuffer(text.replace(b"-", b" "), np.uint8)
    ends = np.flatnonzero(data == _NEWLINE)
    starts = np.concatenate(([0], ends[:-1] + 1))
    digits = sliding_window_view(data, _DIGITS)[starts + 1].tobytes().decode()
    numbers = _numbers(data, starts + 1, width - 1)
    fit = (numbers < BEYOND).all(axis=1) & (frequency_codes(numbers[:, FREQUENCY]) != OTHER)
    unfit = {row: text[starts[row] : ends[row]] for row in np.flatnonzero(~fit).tolist()}
    numbers[~fit] = 0
    return Fields(np.frombuffer(bytes.fromhex(digits), np.uint8).reshape(-1, 16), numbers, unfit)


def _numbers(
    data: npt.NDArray[np.uint8], hashes_at: npt.NDArray[np.int64], width: int
) -> npt.NDArray[np.int64]:
    outside = np.ones(len(data), np.bool_)
    sliding_window_view(outside, _DIGITS, writeable=True)[hashes_at] = False
    found = np.fromstring(data[outside].tobytes(), np.int64, sep=" ").reshape(-1, width)
    if width < len(BEYOND):
        found = np.insert(found, SUFFIX, 0, axis=1)
    return found
