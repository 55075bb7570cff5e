"""Sampling frequencies as one byte per file: the ones in use are few."""

import numpy as np
import numpy.typing as npt

from napster.wire.search import Range

FREQUENCIES = (
    0, 4000, 8000, 11025, 12000, 16000, 22050, 24000, 32000, 37800, 44056, 44100, 47250, 48000,
    50000, 64000, 88200, 96000, 128000, 176400, 192000,
)  # fmt: skip
"""In Hz, by code."""
CODES = 64
"""So many codes there can be."""
OTHER = CODES - 1
"""The code of all other frequencies; their files are kept whole (see `columns`)."""
_ABOVE_ALL = 192_001
_CODES = np.full(_ABOVE_ALL + 1, OTHER, np.uint8)
_CODES[list(FREQUENCIES)] = range(len(FREQUENCIES))


def frequency_codes(frequencies: npt.NDArray[np.int64]) -> npt.NDArray[np.uint8]:
    """Return the codes of frequencies."""
    return _CODES[np.minimum(frequencies, _ABOVE_ALL)]


def codes_in(wanted: Range) -> npt.NDArray[np.bool_]:
    """Return for each possible code whether its frequency may lie in a range."""
    inside = np.zeros(CODES, np.bool_)
    inside[: len(FREQUENCIES)] = [value in wanted for value in FREQUENCIES]
    inside[OTHER] = True
    return inside
