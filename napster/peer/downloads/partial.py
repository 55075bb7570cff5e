"""What is here of a file under way: `NAME.part` and its marks. Blocking: for use in threads."""

import contextlib
import os
import stat
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

import attrs
from blake3 import blake3

from napster.peer.downloads.marks import Mark, MarksFile, claims, taken_back
from napster.peer.downloads.paths import MARKS, PART, RECORD, SPARE
from napster.peer.library.hash import PIECE_SIZE

_NOTHING: Final = blake3().digest()


@attrs.frozen
class Place:
    """Where the working files of one download lie, all beside each other."""

    folder: Path
    stem: str

    @property
    def part(self) -> Path:
        """The file under way."""
        return self.folder / (self.stem + PART)

    @property
    def marks(self) -> Path:
        """Its piece map."""
        return self.folder / (self.stem + MARKS)

    @property
    def record(self) -> Path:
        """What is wanted, and from whom."""
        return self.folder / (self.stem + RECORD)

    @property
    def spare(self) -> Path:
        """A name in use while the record is written."""
        return self.folder / (self.stem + SPARE)


@attrs.define
class _Start:
    """What is here of one piece: its first `length` bytes. A whole piece needs no hasher."""

    length: int
    digest: bytes
    hasher: blake3 | None


class PartialFile:
    """The pieces of a file that are here, trusted because their marks vouch for them.

    Of each piece a first part is here, or nothing, or all of it. Every call can raise OSError; the
    file must then be closed and opened again.
    """

    def __init__(self, place: Place, mode: int = 0o644) -> None:
        self._place = place
        self._mode = mode
        self._file = -1
        self._marks = MarksFile(place.marks)
        self._starts: dict[int, _Start] = {}
        self._sound = False
        self._stamp: tuple[int, int, int] | None = None
        self.here = 0
        """How many bytes of the file are here."""

    @property
    def path(self) -> Path:
        """The file under way."""
        return self._place.part

    def open(self) -> None:
        """Open the file, new if it is missing, and forget what no mark vouches for.

        What was written by this object and left alone since is not read again.
        """
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        self._file = os.open(self.path, flags, 0o600)
        marks = self._marks.open()
        if not stat.S_ISREG(os.fstat(self._file).st_mode):
            raise FileExistsError(f"{self.path} is not a file")
        with contextlib.suppress(PermissionError):  # some disks know no modes
            os.fchmod(self._file, self._mode)
        if self._stamp is None or self._stamp != self._stamp_now():
            self._trust(claims(marks))
        os.ftruncate(self._file, self._end())
        self._sound = True

    def close(self) -> None:
        """Close the file; what is marked is as safe as the operating system makes it."""
        self._marks.close()
        if self._file >= 0:
            self._stamp = self._stamp_now() if self._sound else None
            os.close(self._file)
            self._file = -1

    def length(self, piece: int) -> int:
        """Tell how many bytes of a piece are here, from its start on."""
        start = self._starts.get(piece)
        return start.length if start else 0

    def digest(self, piece: int) -> bytes:
        """Tell the BLAKE3 of what is here of a piece."""
        start = self._starts.get(piece)
        return start.digest if start else _NOTHING

    def lengths(self) -> Mapping[int, int]:
        """Tell of which pieces how many bytes are here."""
        return {piece: start.length for piece, start in self._starts.items()}

    def gapless(self, at: int, most: int = sys.maxsize) -> int:
        """Tell how many bytes, at most `most`, are here from `at` on without a gap."""
        piece, within = divmod(at, PIECE_SIZE)
        found = self.length(piece) - within
        while found < most and self.length(piece) == PIECE_SIZE:
            piece += 1
            found += self.length(piece)
        return max(0, min(found, most))

    def write(self, at: int, data: memoryview) -> None:
        """Write what goes on where what is here of its piece ends, and mark it."""
        self._sound = False
        while data:
            piece, within = divmod(at, PIECE_SIZE)
            if within != self.length(piece):
                raise ValueError(f"piece {piece} goes on at {self.length(piece)}, not {within}")
            step = data[: PIECE_SIZE - within]
            self._write(at, step)
            self._marks.append([self._take(piece, step)])
            at, data = at + len(step), data[len(step) :]
        self._sound = True

    def sync(self) -> None:
        """Make sure that all that is here is on the disk.

        Only for a complete file. Syncing along the way would have network and disk take turns; the
        marks see to it that a power cut costs no more than what the system had not written yet.
        """
        os.fdatasync(self._file)

    def date(self, modified: int) -> None:
        """Say when the file was last changed, in seconds since 1970."""
        os.utime(self._file, (modified, modified))

    def read(self, start: int, count: int) -> bytes:
        """Read what is here without a gap, fewer bytes at its end."""
        return os.pread(self._file, self.gapless(start, count), start)

    def first_difference(self, start: int, data: memoryview) -> int | None:
        """Compare `data` with what is here from `start` on; tell where they part, if they do."""
        here, there = self.read(start, len(data)), bytes(data)
        if here == there:
            return None
        pairs = enumerate(zip(here, there, strict=False), start)
        return next((at for at, (ours, theirs) in pairs if ours != theirs), start + len(here))

    def rewind(self, offset: int) -> None:
        """Forget what is here from `offset` on."""
        first, within = divmod(offset, PIECE_SIZE)
        self.forget(piece for piece in self._starts if piece >= first + bool(within))
        if within:
            self.cut(offset)

    def cut(self, offset: int) -> None:
        """Forget what is here of one piece from `offset` on."""
        piece, length = divmod(offset, PIECE_SIZE)
        if length >= self.length(piece):
            return
        kept = os.pread(self._file, length, piece * PIECE_SIZE)
        self.forget([piece])
        self.write(piece * PIECE_SIZE, memoryview(kept))

    def forget(self, pieces: Iterable[int]) -> None:
        """Forget what is here of some pieces."""
        known = [piece for piece in pieces if piece in self._starts]
        if not known:
            return
        self._sound = False
        self._marks.append(map(taken_back, known))
        for piece in known:
            self.here -= self._starts.pop(piece).length
        os.ftruncate(self._file, self._end())
        self._sound = True

    def _write(self, at: int, data: memoryview) -> None:
        while data:
            count = os.pwrite(self._file, data, at)
            at += count
            data = data[count:]

    def _take(self, piece: int, data: memoryview) -> Mark:
        """Count what was written, and make its mark."""
        known = self._starts.get(piece)
        hasher = (known and known.hasher) or blake3()
        length = (known.length if known else 0) + len(data)
        digest = hasher.update(data).digest()
        self._starts[piece] = _Start(length, digest, None if length == PIECE_SIZE else hasher)
        self.here += len(data)
        return Mark(piece * PIECE_SIZE + length, digest)

    def _trust(self, claimed: Mapping[int, Sequence[Mark]]) -> None:
        """Read back what is here, as far as it is what the marks say; take back what is not."""
        self._starts, self.here = {}, 0
        for piece, marks in sorted(claimed.items()):
            start = self._read_back(piece, marks)
            if start is None or start.length < marks[-1].length:
                self._marks.append([taken_back(piece)])
                if start is not None:
                    self._marks.append([Mark(piece * PIECE_SIZE + start.length, start.digest)])
            if start is not None:
                self._starts[piece] = start
                self.here += start.length

    def _read_back(self, piece: int, marks: Sequence[Mark]) -> _Start | None:
        """Read a piece up to the last mark that holds."""
        data = memoryview(os.pread(self._file, marks[-1].length, piece * PIECE_SIZE))
        trusted: Mark | None = None
        hasher, done = blake3(), 0
        for mark in marks:
            hasher.update(data[done : mark.length])
            if mark.length > len(data) or hasher.digest() != mark.digest:
                break
            done = mark.length
            trusted = mark
        if trusted is None:
            return None
        goes_on = None if trusted.length == PIECE_SIZE else blake3(data[: trusted.length])
        return _Start(trusted.length, trusted.digest, goes_on)

    def _end(self) -> int:
        """Tell where the last of what is here ends."""
        last = max(self._starts, default=-1)
        return last * PIECE_SIZE + self._starts[last].length if last >= 0 else 0

    def _stamp_now(self) -> tuple[int, int, int]:
        status = os.fstat(self._file)
        return status.st_ino, status.st_size, status.st_mtime_ns
