"""Memory that is free, given back to the system.

What is freed between things still in use stays with the process, for glibc does not look for it by
itself. Where files come and go that is a twentieth of all, and much more after many have left.
"""

import ctypes
from contextlib import suppress

PERIOD = 2.0
"""Every so many seconds there is not much to give back, which takes a millisecond or two."""


async def give_back() -> None:
    """Give free memory back; does nothing where the C library is not glibc."""
    with suppress(AttributeError):  # others have no such function
        ctypes.CDLL(None).malloc_trim(0)
