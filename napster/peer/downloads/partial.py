"""What is here of a file under way: `NAME.part` and its marks. Blocking: for use in threads."""

import contextlib
import os
import stat
from pathlib import Path

import attrs
from blake3 import blake3

from napster.peer.downloads.marks import Mark, MarksFile
from napster.peer.downloads.paths import MARKS, PART, RECORD, SPARE
from napster.peer.library.hash import PIECE_SIZE


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


class PartialFile:
    """The part of a file that is here, up to `offset`, trusted because its marks vouch for it.

    Every call can raise OSError; the file must then be closed and opened again.
    """

    def __init__(self, place: Place, mode: int = 0o644) -> None:
        self._place = place
        self._mode = mode
        self._file = -1
        self._marks_file = MarksFile(place.marks)
        self._marks: list[int] = []
        self._hasher = blake3()
        self._sound = False
        self._stamp: tuple[int, int, int] | None = None
        self.offset = 0
        """How many bytes from the start of the file are here."""

    @property
    def path(self) -> Path:
        """The file under way."""
        return self._place.part

    def open(self) -> None:
        """Open the file, new if it is missing, and cut off what no mark vouches for.

        What was written by this object and left alone since is not read again.
        """
        flags = os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC
        self._file = os.open(self.path, flags, 0o600)
        marks = self._marks_file.open()
        if not stat.S_ISREG(os.fstat(self._file).st_mode):
            raise FileExistsError(f"{self.path} is not a file")
        with contextlib.suppress(PermissionError):  # some disks know no modes
            os.fchmod(self._file, self._mode)
        if self._stamp is None or self._stamp != self._stamp_now():
            self._trust(marks)
        os.ftruncate(self._file, self.offset)
        self._sound = True

    def close(self) -> None:
        """Close the file; what is marked is as safe as the operating system makes it."""
        self._marks_file.close()
        if self._file >= 0:
            self._stamp = self._stamp_now() if self._sound else None
            os.close(self._file)
            self._file = -1

    def append(self, data: memoryview) -> None:
        """Write what comes at `offset`, and mark it."""
        self._sound = False
        while data:
            step = data[: PIECE_SIZE - self.offset % PIECE_SIZE]
            self._write(step)
            self._mark(step)
            data = data[len(step) :]
        self._sound = True

    def sync(self) -> None:
        """Make sure that all that is here is on the disk.

        Only for a complete file. Syncing along the way would have network and disk take turns; the
        marks see to it that a power cut costs no more than what the system had not written yet.
        """
        os.fdatasync(self._file)

    def read(self, start: int, count: int) -> bytes:
        """Read what is here, fewer bytes at its end."""
        return os.pread(self._file, max(0, min(count, self.offset - start)), start)

    def first_difference(self, start: int, data: memoryview) -> int | None:
        """Compare `data` with what is here from `start` on; tell where they part, if they do."""
        here, there = self.read(start, len(data)), bytes(data)
        if here == there:
            return None
        pairs = enumerate(zip(here, there, strict=False), start)
        return next((at for at, (ours, theirs) in pairs if ours != theirs), start + len(here))

    def rewind(self, offset: int) -> None:
        """Forget what is here from `offset` on."""
        if offset >= self.offset:
            return
        self._sound = False
        os.ftruncate(self._file, offset)
        self._keep_marks(offset)
        self._rehash(offset)
        if offset and (not self._marks or self._marks[-1] < offset):
            self._add_mark()
        self._sound = True

    def _write(self, data: memoryview) -> None:
        at = self.offset
        while data:
            count = os.pwrite(self._file, data, at)
            at += count
            data = data[count:]

    def _mark(self, data: memoryview) -> None:
        if self.offset % PIECE_SIZE == 0:
            self._hasher = blake3()
        self._hasher.update(data)
        self.offset += len(data)
        self._add_mark()

    def _add_mark(self) -> None:
        self._marks_file.append(Mark(self.offset, self._hasher.digest()))
        self._marks.append(self.offset)

    def _trust(self, marks: list[Mark]) -> None:
        """Read back what is here, as far as it is what the marks say."""
        self.offset, trusted = 0, 0
        for mark in marks:
            if not self._read_up_to(mark.end) or self._hasher.digest() != mark.digest:
                break
            trusted = mark.end
        self._marks = [mark.end for mark in marks]
        self._keep_marks(trusted)
        self._rehash(trusted)

    def _read_up_to(self, end: int) -> bool:
        while self.offset < end:
            if self.offset % PIECE_SIZE == 0:
                self._hasher = blake3()
            step = min(end - self.offset, PIECE_SIZE - self.offset % PIECE_SIZE)
            data = os.pread(self._file, step, self.offset)
            if not data:
                return False
            self._hasher.update(data)
            self.offset += len(data)
        return True

    def _rehash(self, offset: int) -> None:
        """Set `offset`, with the hasher as it stands after hashing the piece that ends there."""
        if offset == self.offset:
            return
        self.offset = max(0, offset - 1) // PIECE_SIZE * PIECE_SIZE
        self._hasher = blake3()
        self._read_up_to(offset)

    def _keep_marks(self, end: int) -> None:
        self._marks = [mark for mark in self._marks if mark <= end]
        self._marks_file.keep(len(self._marks))

    def _stamp_now(self) -> tuple[int, int, int]:
        status = os.fstat(self._file)
        return status.st_ino, status.st_size, status.st_mtime_ns
