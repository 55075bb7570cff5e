"""Which terminal a command runs in, so that each has a last search of its own."""

import os
from collections.abc import Iterable
from pathlib import Path


def terminal_key(descriptors: Iterable[int] = (0, 1, 2)) -> str:
    """Name the terminal, fit for a file name; without one, the program that runs the commands.

    The time a shell began is part of the name: numbers of terminals and processes come again.
    """
    session = os.getsid(0)
    for descriptor in descriptors:
        try:
            name = os.ttyname(descriptor)
        except OSError:
            continue
        device = name.removeprefix("/dev/").replace("/", "-")
        return f"{device}-{session}-{_begun(session)}"
    parent = os.getppid()
    return f"process-{parent}-{_begun(parent)}"


def _begun(process: int) -> str:
    """Tell when a process began, in the kernel's ticks (proc(5), /proc/PID/stat, field 22)."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "0"
    return stat.rpartition(")")[2].split()[19]
