"""Room for large arrays, which uses memory only as far as something has been written to it."""

import mmap
from typing import Any

import numpy as np
import numpy.typing as npt


def reserve(count: int, dtype: type[np.generic], width: int = 1) -> npt.NDArray[Any]:
    """Make an array of zeros at once, however large; with a `width` over 1, of such rows."""
    size = count * width * np.dtype(dtype).itemsize
    # numpy would ask for huge pages, much of which a small index would leave unused, or for memory
    # that was used before, and take milliseconds to clear it
    memory = mmap.mmap(-1, size, flags=mmap.MAP_PRIVATE | mmap.MAP_ANONYMOUS)
    array = np.frombuffer(memory, dtype)
    return array.reshape(count, width) if width > 1 else array
