"""Files below one shared folder, reached without ever leaving it.

A path is walked part by part, each opened relative to the one before and never through a link,
so that nobody who can write to the share can make a link lead out of it (CVE-2000-0412 and kin).
Everything here blocks: for use in threads.
"""

import errno
import hashlib
import os
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from io import FileIO

import attrs

from napster.peer.library.mounts import Mounts
from napster.peer.library.names import virtual_path
from napster.peer.library.roots import ShareRoot

_FOLDER = os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC
# O_NONBLOCK: opening a fifo must not wait for a writer.
_FILE = os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_NOCTTY | os.O_CLOEXEC
_LAST_TIME = 2**63 - 1
"""In ns: the year 2262. Some file systems know later ones, the tables that keep stamps do not."""
_VANISHED = frozenset({errno.ENOENT, errno.ENOTDIR, errno.ELOOP, errno.ESTALE})


def has_vanished(error: OSError) -> bool:
    """Whether an error means that the path no longer leads to the file or folder it did."""
    return error.errno in _VANISHED


@attrs.frozen
class Stamp:
    """What tells one state of a file from another: size in bytes, time, and where it is kept."""

    size: int
    mtime_ns: int
    device: int
    inode: int


@attrs.frozen(eq=False)
class SharedTree:
    """All that lies below one shared folder."""

    root: ShareRoot
    mounts: Mounts


@attrs.frozen
class Place:
    """One folder of a tree: the names that lead there from the shared folder."""

    tree: SharedTree
    parts: tuple[bytes, ...] = ()

    def child(self, name: bytes) -> "Place":
        """Go one folder deeper."""
        return Place(self.tree, (*self.parts, name))

    def split(self) -> "tuple[Place, bytes]":
        """Say in which folder this one lies, and its name there; not for the shared folder."""
        *above, name = self.parts
        return Place(self.tree, tuple(above)), name

    def path_of(self, *names: bytes) -> bytes:
        """Say where the folder, or a file in it, lies on the disk. Only for people to read."""
        return b"/".join((os.fsencode(self.tree.root.path), *self.parts, *names))

    def virtual_path(self, *names: bytes) -> bytes:
        """Say under which path the folder, or a file in it, is offered."""
        return virtual_path(self.tree.root.name, (*self.parts, *names))

    @contextmanager
    def open(self) -> Iterator[int]:
        """Open the folder; yields its descriptor. Raises OSError."""
        descriptor = os.open(self.tree.root.path, _FOLDER)  # the owner may well name a link here
        try:
            for part in self.parts:
                inner = os.open(part, _FOLDER | os.O_NOFOLLOW, dir_fd=descriptor)
                os.close(descriptor)
                descriptor = inner
            yield descriptor
        finally:
            os.close(descriptor)

    def open_file(self, name: bytes) -> FileIO:
        """Open a regular file in the folder, unbuffered. Raises OSError, also for a fifo."""
        with self.open() as folder:
            descriptor = os.open(name, _FILE, dir_fd=folder)
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            os.close(descriptor)
            raise OSError(errno.ENOENT, "not a regular file any more")
        return FileIO(descriptor)

    def stamp(self, name: bytes, status: os.stat_result) -> Stamp:
        """Make the stamp of a file in the folder from its status.

        Where inode numbers are fleeting, one made from the path takes their place: there a file
        is known by where it lies.
        """
        inode = status.st_ino
        if not self.tree.mounts.numbers_are_stable(status.st_dev):
            inode = _number((*self.parts, name))
        return Stamp(status.st_size, min(status.st_mtime_ns, _LAST_TIME), status.st_dev, inode)

    def stamp_of(self, name: bytes, stream: FileIO) -> Stamp:
        """Make the stamp of a file in the folder that is open."""
        return self.stamp(name, os.fstat(stream.fileno()))


def _number(parts: Sequence[bytes]) -> int:
    return int.from_bytes(hashlib.blake2b(b"/".join(parts), digest_size=8).digest(), "big")
