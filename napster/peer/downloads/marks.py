"""The piece map of a download: up to where each step of the file was written, and its hash.

A file of entries of 40 bytes, only ever appended to: the offset up to which the download was
written (u64, little-endian) and the BLAKE3 of what lies between the start of the 1 MiB piece that
ends there, or that the offset cuts, and that offset. So the entries at whole pieces are the hashes
of those pieces.

An entry is a claim, not a proof: it counts only if what is read back has that hash. So a mark that
reached the disk before its bytes did, which a power cut can bring about, does no harm.
"""

import errno
import os
import struct
from itertools import pairwise
from pathlib import Path

import attrs

_ENTRY = struct.Struct("<Q32s")


@attrs.frozen
class Mark:
    """The download was written up to `end`; `digest` is of its last piece, whole or not."""

    end: int
    digest: bytes


class MarksFile:
    """The marks of one download on disk. Blocking; every call can raise OSError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = -1

    def open(self) -> list[Mark]:
        """Open the file, new if it is missing, and return the marks that make sense."""
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        self._file = os.open(self._path, flags, 0o600)
        raw = self._path.read_bytes()
        whole = len(raw) - len(raw) % _ENTRY.size
        return _rising([Mark(*entry) for entry in _ENTRY.iter_unpack(raw[:whole])])

    def append(self, mark: Mark) -> None:
        """Add a mark."""
        if os.write(self._file, _ENTRY.pack(mark.end, mark.digest)) < _ENTRY.size:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._path))

    def keep(self, count: int) -> None:
        """Forget all marks but the first `count`."""
        os.ftruncate(self._file, count * _ENTRY.size)

    def close(self) -> None:
        """Close the file, if it is open."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _rising(marks: list[Mark]) -> list[Mark]:
    """Cut a list of marks off where its offsets stop to rise: what follows is garbage."""
    for place, (before, after) in enumerate(pairwise([Mark(0, b""), *marks])):
        if after.end <= before.end:
            return marks[:place]
    return marks
