"""What kind of file system a device holds, as far as it matters for watching and remembering."""

import os
from collections.abc import Callable
from pathlib import Path

_MOUNTS = Path("/proc/self/mountinfo")
_FLEETING = ("vfat", "msdos", "exfat", "fuse.", "cifs", "smb3", "9p")
"""File systems that may give a file a new number each time it is looked at."""
_REMOTE = ("nfs", "cifs", "smb3", "9p", "ceph", "afs", "fuse.")
"""File systems that others may change without the kernel of this machine telling us."""


def _read_mounts() -> str:
    try:
        return _MOUNTS.read_text(encoding="utf-8", errors="surrogateescape")
    except OSError:
        return ""  # not Linux, or /proc is hidden: every file system is taken for a local one


class Mounts:
    """The mounted file systems, by device number. Blocking: for use in threads.

    One that is not listed (btrfs gives each subvolume a number of its own) counts as local.
    """

    def __init__(self, read: Callable[[], str] = _read_mounts) -> None:
        self._read = read
        self._kinds: dict[int, str] = {}

    def refresh(self) -> None:
        """Look again what is mounted."""
        kinds = {}
        for line in self._read().splitlines():
            before, _, after = line.partition(" - ")  # proc(5)
            fields = before.split()
            if len(fields) > 2 and after:
                major, _, minor = fields[2].partition(":")
                kinds[os.makedev(int(major), int(minor))] = after.split()[0]
        self._kinds = kinds

    def numbers_are_stable(self, device: int) -> bool:
        """Whether a file keeps its inode number for as long as it exists."""
        return not self._kinds.get(device, "").startswith(_FLEETING)

    def is_remote(self, device: int) -> bool:
        """Whether the file system may change without an event on this machine."""
        return self._kinds.get(device, "").startswith(_REMOTE)
