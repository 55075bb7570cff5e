"""Opening a shared file for sending, and reading it for as long as it is what was hashed."""

import os
from collections.abc import Callable
from functools import partial
from io import FileIO
from typing import Final, TypeVar

import attrs
from twisted.internet.defer import Deferred

from napster.peer.library.beneath import Place, has_vanished
from napster.peer.library.shared_file import FileChangedError, FileGoneError, SharedFile
from napster.wire.fields import display

T = TypeVar("T")

_SAMPLES: Final = 2**17
"""So many bytes lie between those looked at to know what is in memory: less is seldom dropped."""


@attrs.define(eq=False)
class OpenFile:
    """A shared file that is open for reading, unbuffered. Close it after use."""

    file: SharedFile
    stream: FileIO
    _place: Place
    _name: bytes
    _run: Callable[[Callable[[], bytes]], Deferred[bytes]]
    """Calls a function in a thread."""
    _is_fetching: bool = attrs.field(default=False, init=False)
    _is_closed: bool = attrs.field(default=False, init=False)

    def is_unchanged(self) -> bool:
        """Whether the file still is in the state in which it was hashed. May block."""
        return self._place.stamp_of(self._name, self.stream) == self.file.stamp

    def is_cached(self, offset: int, size: int) -> bool:
        """Whether so many bytes are in memory, so that using them waits for no disk.

        Of file systems that cannot tell (tmpfs, NFS and FUSE among them), nothing counts as cached.
        """
        last = offset + size - 1
        return all(map(self._is_in_memory, (*range(offset, last, _SAMPLES), last)))

    def _is_in_memory(self, offset: int) -> bool:
        try:
            return bool(os.preadv(self.stream.fileno(), [bytearray(1)], offset, os.RWF_NOWAIT))
        except OSError:  # it would have to wait, or cannot tell
            return False

    def read(self, offset: int, size: int) -> bytes:
        """Read at most `size` bytes, at least one. May block.

        Raises FileGoneError, FileChangedError.
        """
        try:
            content = os.pread(self.stream.fileno(), size, offset)
            unchanged = self.is_unchanged()
        except OSError as error:
            raise FileGoneError(
                f"{display(self.file.path)} cannot be read any more: {error.strerror}"
            ) from error
        if not (content and unchanged):
            raise FileChangedError(f"{display(self.file.path)} was changed while it was being sent")
        return content

    def fetch(self, offset: int, size: int) -> Deferred[bytes]:
        """Read in a thread; only one at a time. Fires or fails as `read` does."""
        self._is_fetching = True
        return self._run(partial(self.read, offset, size)).addBoth(self._fetched)

    def _fetched(self, result: T) -> T:
        self._is_fetching = False
        if self._is_closed:
            self.stream.close()
        return result

    def send(self, socket: int, offset: int, size: int) -> int:
        """Have the kernel send at most `size` bytes by a socket; returns how many it has taken.

        Raises OSError, which is a BlockingIOError if the socket has no room.
        """
        return os.sendfile(socket, self.stream.fileno(), offset, size)

    def close(self) -> None:
        """Close the file, once nothing is being fetched from it."""
        self._is_closed = True
        if not self._is_fetching:
            self.stream.close()


def open_shared(
    file: SharedFile,
    place: Place,
    name: bytes,
    run: Callable[[Callable[[], bytes]], Deferred[bytes]],
) -> OpenFile:
    """Open a shared file; `run` is to call a function in a thread. May block.

    Raises FileGoneError, FileChangedError.
    """
    try:
        opened = OpenFile(file, place.open_file(name), place, name, run)
    except OSError as error:
        why = "is gone" if has_vanished(error) else f"cannot be read: {error.strerror}"
        raise FileGoneError(f"{display(file.path)} {why}") from error
    if not opened.is_unchanged():
        opened.close()
        raise FileChangedError(f"{display(file.path)} was changed since it was hashed")
    return opened
