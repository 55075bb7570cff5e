"""Which terminal a command runs in, so that each has a last search of its own."""

import os
from pathlib import Path


def terminal_key() -> str:
    """Name the terminal, fit for a file name; without one, the program that runs the commands.

    A terminal is known by its login session, wherever the standard streams go. The time it began
    is part of the name, for numbers of processes come again.
    """
    kind, process = ("terminal", os.getsid(0)) if _has_terminal() else ("process", os.getppid())
    return f"{kind}-{process}-{_begun(process)}"


def _has_terminal() -> bool:
    try:
        os.close(os.open("/dev/tty", os.O_RDONLY | os.O_NOCTTY))
    except OSError:
        return False
    return True


def _begun(process: int) -> str:
    """Tell when a process began, in the kernel's ticks (proc(5), /proc/PID/stat, field 22)."""
    try:
        stat = Path(f"/proc/{process}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return "0"
    return stat.rpartition(")")[2].split()[19]
