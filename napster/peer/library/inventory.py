"""What is on disk and what became of it: shared, waiting to be hashed, or refused.

A million files must fit into memory: a shared file is one entry of its folder's dict, its facts
packed into 92 bytes, and becomes a SharedFile only where one is asked for.
"""

import struct
from collections.abc import Iterator

import attrs

from napster.peer.library.beneath import Place, Stamp
from napster.peer.library.names import SEPARATOR, escape_name
from napster.peer.library.remember import Facts
from napster.peer.library.rules import Refusal
from napster.peer.library.shared_file import SharedFile
from napster.peer.library.tags import Tags

_STAMP = struct.Struct("<QqQQ")
_FACTS = struct.Struct("<16sIII32s")


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

    __slots__ = (
        "_files",
        "_hashing",
        "_refused",
        "_tallies",
        "_waiting",
        "folders",
        "place",
        "watch",
    )

    def __init__(self, place: Place, tallies: Tallies) -> None:
        self.place = place
        self.folders: dict[bytes, Folder] = {}
        self.watch: int | None = None
        self._tallies = tallies
        self._files: dict[bytes, bytes] = {}
        self._waiting: dict[bytes, bytes] = {}
        self._hashing: dict[bytes, bytes] = {}
        self._refused: dict[bytes, str] = {}

    def add_folder(self, name: bytes) -> "Folder":
        """Add an empty folder."""
        folder = self.folders[name] = Folder(self.place.child(name), self._tallies)
        return folder

    def names(self) -> set[bytes]:
        """Collect the names of all files and folders, whatever their state."""
        return {*self._files, *self._waiting, *self._hashing, *self._refused, *self.folders}

    def holds(self, name: bytes, stamp: Stamp) -> bool:
        """Whether a file in this very state is shared or will be."""
        packed = _pack(stamp)
        shared = self._files.get(name)
        if shared is not None:
            return shared.startswith(packed)
        return self.awaits(name, stamp) or self._waiting.get(name) == packed

    def awaits(self, name: bytes, stamp: Stamp) -> bool:
        """Whether a file in this very state was taken to be hashed."""
        return self._hashing.get(name) == _pack(stamp)

    def share(self, name: bytes, stamp: Stamp, facts: Facts) -> SharedFile:
        """Offer a file."""
        self.withdraw(name)
        self._files[name] = _pack(stamp) + _pack_facts(facts)
        self._tallies.shared.add(stamp.size)
        return SharedFile.of(self.place.virtual_path(name), stamp, facts)

    def expect(self, name: bytes, stamp: Stamp) -> None:
        """Note that a file is to be hashed."""
        self.withdraw(name)
        self._waiting[name] = _pack(stamp)
        self._tallies.waiting.add(stamp.size)

    def refuse(self, name: bytes, reason: str) -> None:
        """Note why a file or folder is not shared."""
        self.withdraw(name)
        self._refused[name] = reason
        self._tallies.refused += 1

    def take(self) -> tuple[bytes, Stamp] | None:
        """Take one of the files that wait to be hashed; None if there is none."""
        if not self._waiting:
            return None
        name, packed = self._waiting.popitem()
        _give_back(self._waiting)
        self._hashing[name] = packed
        return name, Stamp(*_STAMP.unpack(packed))

    def withdraw(self, name: bytes) -> SharedFile | None:
        """Forget a file, whatever its state; returns it if it was shared."""
        if self._refused.pop(name, None) is not None:
            self._tallies.refused -= 1
        waiting = self._waiting.pop(name, None) or self._hashing.pop(name, None)
        if waiting is not None:
            self._tallies.waiting.remove(_size(waiting))
            _give_back(self._hashing)
        record = self._files.pop(name, None)
        if record is None:
            return None
        self._tallies.shared.remove(_size(record))
        return _unpack(self.place.virtual_path(name), record)

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

    def shared(self) -> Iterator[SharedFile]:
        """Go through the files on offer here; one withdrawn meanwhile does not come."""
        path = self.place.virtual_path() + SEPARATOR
        for name in list(self._files):
            record = self._files.get(name)
            if record is not None:
                yield _unpack(path + escape_name(name), record)

    def shared_file(self, name: bytes) -> SharedFile | None:
        """Find a file on offer by its name."""
        record = self._files.get(name)
        return None if record is None else _unpack(self.place.virtual_path(name), record)

    def shared_alike(self, name: bytes) -> Iterator[SharedFile]:
        """Find the files on offer whose names differ from `name` in letter case at most."""
        lower = name.lower()
        for each, record in self._files.items():
            if each.lower() == lower:
                yield _unpack(self.place.virtual_path(each), record)

    def refusals(self) -> Iterator[Refusal]:
        """Go through what is not shared."""
        for name, reason in self._refused.items():
            yield Refusal(self.place.path_of(name), reason)


def _give_back(emptied: dict[bytes, bytes]) -> None:
    """Give the memory of a dict back, which it keeps for as many entries as it ever had."""
    if not emptied:
        emptied.clear()


def _pack(stamp: Stamp) -> bytes:
    return _STAMP.pack(stamp.size, stamp.mtime_ns, stamp.device, stamp.inode)


def _pack_facts(facts: Facts) -> bytes:
    tags = facts.tags
    return _FACTS.pack(facts.md5, tags.bitrate, tags.frequency, tags.duration, facts.content)


def _size(record: bytes) -> int:
    (size,) = struct.unpack_from("<Q", record)
    return int(size)


def _unpack(path: bytes, record: bytes) -> SharedFile:
    stamp = Stamp(*_STAMP.unpack_from(record))
    md5, *tags, content = _FACTS.unpack_from(record, _STAMP.size)
    return SharedFile.of(path, stamp, Facts(md5, Tags(*tags), content))
