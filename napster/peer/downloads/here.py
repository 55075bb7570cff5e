"""Files that are wanted and here already, from an earlier download. Blocking."""

import os
import stat
from itertools import count
from pathlib import Path
from typing import Self

import attrs

from napster.peer.downloads.files import longest_name
from napster.peer.downloads.head import is_head
from napster.peer.downloads.intake import HEAD_CHECKED, UNCHECKED
from napster.peer.downloads.paths import numbered
from napster.peer.downloads.record import Record


@attrs.frozen
class Here:
    """A file that is what is wanted, as far as can be told."""

    path: Path
    verified: str


def find_here(folder: Path, record: Record) -> Here | None:
    """Find a file of this name, size and, where it is known, head; also under a numbered name.

    Raises OSError.
    """
    longest = longest_name(folder)
    for number in count(1):
        path = folder / numbered(record.name, number, longest)
        try:
            if _is(path, record):
                return Here(path, HEAD_CHECKED if record.md5 else UNCHECKED)
        except FileNotFoundError:
            return None
    raise AssertionError("numbers do not end")


def _is(path: Path, record: Record) -> bool:
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode) or status.st_size != record.size:
        return False
    if not record.md5:
        return True
    with _Saved(path) as file:
        return is_head(file, status.st_size, record.md5)


class _Saved:
    """A saved file, as the head of a file is read."""

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        os.close(self._file)

    def read(self, start: int, count: int) -> bytes:
        """Read a part."""
        return os.pread(self._file, count, start)
