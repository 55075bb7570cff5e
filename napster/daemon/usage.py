"""What this process uses of the machine."""

import os
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")
_STATM = Path("/proc/self/statm")


def resident_memory() -> int:
    """Return the bytes of memory that are resident; 0 where the system does not tell."""
    try:
        return int(_STATM.read_text("ascii").split()[1]) * _PAGE
    except OSError:
        return 0


def processor_seconds() -> float:
    """Return the seconds of processor time used since the start, by all threads."""
    times = os.times()
    return times.user + times.system
