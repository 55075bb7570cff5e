"""The piece map of a download: up to where each step of each piece was written, and its hash.

A file of entries of 40 bytes, only ever appended to: the offset up to which the download was
written (u64, little-endian) and the BLAKE3 of what lies between the start of the 1 MiB piece that
ends there, or that the offset cuts, and that offset. So the entries at whole pieces are the hashes
of those pieces. Pieces come in any order; the entries of one piece rise. An entry whose hash is
nothing but zeros takes back what was said of its piece before.

An entry is a claim, not a proof: it counts only if what is read back has that hash. So a mark that
reached the disk before its bytes did, which a power cut can bring about, does no harm.
"""

import errno
import os
import struct
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import attrs

from napster.peer.library.hash import PIECE_SIZE

_ENTRY: Final = struct.Struct("<Q32s")
_TAKEN_BACK: Final = bytes(32)
_HIGHEST: Final = 2**62


@attrs.frozen
class Mark:
    """The download was written up to `end`; `digest` is of its last piece, whole or not."""

    end: int
    digest: bytes

    @property
    def piece(self) -> int:
        """The number of the piece that ends here, or that is cut here."""
        return (self.end - 1) // PIECE_SIZE

    @property
    def length(self) -> int:
        """How many bytes of that piece this is about."""
        return self.end - self.piece * PIECE_SIZE


def taken_back(piece: int) -> Mark:
    """Make the mark that takes back what was said of a piece."""
    return Mark((piece + 1) * PIECE_SIZE, _TAKEN_BACK)


def claims(marks: Iterable[Mark]) -> Mapping[int, Sequence[Mark]]:
    """Sort marks that hold by their pieces, rising within each; what does not rise is garbage."""
    found: dict[int, list[Mark]] = {}
    for mark in marks:
        known = found.setdefault(mark.piece, [])
        if mark.digest == _TAKEN_BACK:
            known.clear()
        elif not known or mark.end > known[-1].end:
            known.append(mark)
    return {piece: known for piece, known in found.items() if known}


class MarksFile:
    """The marks of one download on disk. Blocking; every call can raise OSError."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._file = -1

    def open(self) -> list[Mark]:
        """Open the file, new if it is missing, and return its marks; half an entry is cut off."""
        flags = os.O_RDWR | os.O_CREAT | os.O_APPEND | os.O_NOFOLLOW | os.O_CLOEXEC
        self._file = os.open(self._path, flags, 0o600)
        raw = self._path.read_bytes()
        whole = len(raw) - len(raw) % _ENTRY.size
        os.ftruncate(self._file, whole)
        return _read(raw[:whole])

    def claimed(self) -> int:
        """Tell how many bytes the marks claim to be here; 0 if there are none."""
        try:
            raw = self._path.read_bytes()
        except FileNotFoundError:
            return 0
        marks = _read(raw[: len(raw) - len(raw) % _ENTRY.size])
        return sum(known[-1].length for known in claims(marks).values())

    def append(self, marks: Iterable[Mark]) -> None:
        """Add marks."""
        raw = b"".join(_ENTRY.pack(mark.end, mark.digest) for mark in marks)
        if os.write(self._file, raw) < len(raw):
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), str(self._path))

    def close(self) -> None:
        """Close the file, if it is open."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _read(raw: bytes) -> list[Mark]:
    marks = (Mark(*entry) for entry in _ENTRY.iter_unpack(raw))
    return [mark for mark in marks if 0 < mark.end <= _HIGHEST]
