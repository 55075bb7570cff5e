"""What is on disk and what became of it: shared, waiting to be hashed, or refused.

A million files must fit into memory: a file is one entry of its folder's dict, all that is kept of
it packed into 93 bytes, and becomes a SharedFile only where one is asked for. It takes as much room
while it waits to be hashed: what grew would leave a gap of its old size between the names.
"""

import struct
from collections.abc import Iterator, Sequence

import attrs

from napster.peer.library.beneath import Place, Stamp
from napster.peer.library.names import SEPARATOR, escape_name
from napster.peer.library.remember import Facts
from napster.peer.library.rules import Refusal
from napster.peer.library.shared_file import SharedFile

_STAMP = struct.Struct("<QqQQ")
_KNOWN = struct.Struct("<QqQQ16sIII32s")
"""A stamp and facts: the fields of a SharedFile but for its path."""
_UNKNOWN = bytes(_KNOWN.size - _STAMP.size)
"""Stands for facts."""
_WAITS, _TAKEN, _SHARED = b"\0", b"\1", b"\2"
"""How a record ends: a file is to be hashed; it was taken to be hashed; it is on offer."""

_MOST_EMPTY = 1000
"""So many folders are looked at to find out whether one is empty."""


@attrs.define
class Tally:
    """A number of files and their bytes."""

    files: int = 0
    size: int = 0

    def add(self, size: int) -> None:
        """Count one file more."""
        self.files += 1
        self.size += size

    def remove(self, size: int) -> None:
        """Count one file less."""
        self.files -= 1
        self.size -= size


@attrs.define
class Tallies:
    """The figures of one shared folder."""

    shared: Tally = attrs.Factory(Tally)
    waiting: Tally = attrs.Factory(Tally)
    refused: int = 0


class Folder:
    """One folder: its files by name, each in exactly one state, and the folders in it."""

    __slots__ = ("_files", "_refused", "_tallies", "_waiting", "folders", "place", "watch")

    def __init__(self, place: Place, tallies: Tallies) -> None:
        self.place = place
        self.folders: dict[bytes, Folder] = {}
        self.watch: int | None = None
        self._tallies = tallies
        # Never taken out and put in again: a dict that fills its gaps at the end grows.
        self._files: dict[bytes, bytes] = {}
        self._waiting: list[bytes] = []
        self._refused: dict[bytes, str] = {}

    def add_folder(self, name: bytes) -> "Folder":
        """Add an empty folder."""
        folder = self.folders[name] = Folder(self.place.child(name), self._tallies)
        return folder

    def names(self) -> set[bytes]:
        """Collect the names of all files and folders, whatever their state."""
        return {*self._files, *self._refused, *self.folders}

    def holds(self, name: bytes, stamp: Stamp) -> bool:
        """Whether a file in this very state is shared or will be."""
        record = self._files.get(name)
        return record is not None and record.startswith(_pack(stamp))

    def awaits(self, name: bytes, stamp: Stamp) -> bool:
        """Whether a file in this very state was taken to be hashed."""
        return self._files.get(name) == _pack(stamp) + _UNKNOWN + _TAKEN

    def share(self, name: bytes, stamp: Stamp, facts: Facts) -> SharedFile:
        """Offer a file."""
        self._uncount(name)
        file = SharedFile.of(self.place.virtual_path(name), stamp, facts)
        self._files[name] = _KNOWN.pack(*file[1:]) + _SHARED
        self._tallies.shared.add(stamp.size)
        return file

    def expect(self, name: bytes, stamp: Stamp) -> None:
        """Note that a file is to be hashed."""
        self._uncount(name)
        self._files[name] = _pack(stamp) + _UNKNOWN + _WAITS
        self._waiting.append(name)
        self._tallies.waiting.add(stamp.size)

    def refuse(self, name: bytes, reason: str) -> None:
        """Note why a file or folder is not shared."""
        self.withdraw(name)
        self._refused[name] = reason
        self._tallies.refused += 1

    def take(self) -> tuple[bytes, Stamp] | None:
        """Take one of the files that wait to be hashed; None if there is none."""
        while self._waiting:
            name = self._waiting.pop()
            record = self._files.get(name)
            if record is not None and record.endswith(_WAITS):
                stamp = Stamp(*_STAMP.unpack_from(record))
                self._files[name] = _pack(stamp) + _UNKNOWN + _TAKEN
                return name, stamp
        return None

    def withdraw(self, name: bytes) -> SharedFile | None:
        """Forget a file, whatever its state; returns it if it was shared."""
        record = self._uncount(name)
        if record is None:
            return None
        del self._files[name]
        return _unpack(self.place.virtual_path(name), record) if _is_shared(record) else None

    def _uncount(self, name: bytes) -> bytes | None:
        """Take a name out of the figures; returns what is kept of it if it is that of a file."""
        if self._refused.pop(name, None) is not None:
            self._tallies.refused -= 1
        record = self._files.get(name)
        if record is not None:
            tally = self._tallies.shared if _is_shared(record) else self._tallies.waiting
            tally.remove(_size(record))
        return record

    def withdraw_all(self) -> Iterator[SharedFile]:
        """Forget all files here and in the folders below; yields those that were shared."""
        for folder in self.walk():
            for name in folder.names():
                file = folder.withdraw(name)
                if file is not None:
                    yield file

    def walk(self) -> Iterator["Folder"]:
        """Go through this folder and all below it; what changes meanwhile may be missed."""
        stack = [self]
        while stack:
            folder = stack.pop()
            yield folder
            stack.extend(folder.folders.values())

    @property
    def holds_more(self) -> bool:
        """Whether there is anything here but folders."""
        return bool(self._files or self._refused)

    def empty(self) -> Sequence["Folder"]:
        """List the innermost folders if there is nothing but folders in this one.

        Of more than `_MOST_EMPTY` folders nothing is said.
        """
        innermost = []
        for number, folder in enumerate(self.walk(), 1):
            if number > _MOST_EMPTY or folder.holds_more:
                return ()
            if not folder.folders:
                innermost.append(folder)
        return innermost

    def shared(self) -> Iterator[SharedFile]:
        """Go through the files on offer here; one withdrawn meanwhile does not come."""
        path = self.place.virtual_path() + SEPARATOR
        for name in list(self._files):
            record = self._files.get(name)
            if record is not None and _is_shared(record):
                yield _unpack(path + escape_name(name), record)

    def shared_file(self, name: bytes) -> SharedFile | None:
        """Find a file on offer by its name."""
        record = self._files.get(name)
        if record is None or not _is_shared(record):
            return None
        return _unpack(self.place.virtual_path(name), record)

    def shared_alike(self, name: bytes) -> Iterator[SharedFile]:
        """Find the files on offer whose names differ from `name` in letter case at most."""
        lower = name.lower()
        for each, record in self._files.items():
            if _is_shared(record) and each.lower() == lower:
                yield _unpack(self.place.virtual_path(each), record)

    def refusals(self) -> Iterator[Refusal]:
        """Go through what is not shared."""
        for name, reason in self._refused.items():
            yield Refusal(self.place.path_of(name), reason)


def _pack(stamp: Stamp) -> bytes:
    return _STAMP.pack(stamp.size, stamp.mtime_ns, stamp.device, stamp.inode)


def _size(record: bytes) -> int:
    (size,) = struct.unpack_from("<Q", record)
    return int(size)


def _is_shared(record: bytes) -> bool:
    return record.endswith(_SHARED)


def _unpack(path: bytes, record: bytes) -> SharedFile:
    return SharedFile(path, *_KNOWN.unpack_from(record))
