"""Memory that is free, given back to the system.

What is freed between things still in use stays with the process, for glibc does not look for it by
itself. Where files come and go that is a twentieth of all, and much more after many have left.

Large blocks stand apart and go back by themselves. But once one has been freed, glibc takes the
next of that size from the heap of the thread that asks, and there it stays.
"""

import ctypes
from contextlib import suppress

PERIOD = 1.0
"""Every so many seconds there is not much to give back, which takes a millisecond or two, and less
than ten when thousands come at once."""

_MMAP_THRESHOLD, _TRIM_THRESHOLD = -3, -1
"""M_MMAP_THRESHOLD and M_TRIM_THRESHOLD of mallopt(3)."""
_LARGE = 8 << 20
"""In bytes; to hash a password takes twice as many."""


def keep_large_blocks_apart() -> None:
    """Have large blocks go back when they are freed; does nothing where there is no glibc."""
    with suppress(AttributeError):  # others have no such function
        library = ctypes.CDLL(None)
        library.mallopt(_MMAP_THRESHOLD, _LARGE)
        library.mallopt(_TRIM_THRESHOLD, 2 * _LARGE)


async def give_back() -> None:
    """Give free memory back; does nothing where the C library is not glibc."""
    with suppress(AttributeError):  # others have no such function
        ctypes.CDLL(None).malloc_trim(0)
