"""One daemon at a time in a downloads folder. Blocking."""

import errno
import fcntl
import os
from pathlib import Path


class FolderError(Exception):
    """The downloads folder cannot be used; the text is one sentence."""


class FolderLock:
    """Keeps other daemons out of a downloads folder until it is released or the process ends."""

    def __init__(self, folder: Path) -> None:
        """Make the folder if it is missing and take the lock. Raises FolderError."""
        self._folder = _open(folder)
        try:
            _lock(self._folder, folder)
        except FolderError:
            self.release()
            raise

    def release(self) -> None:
        """Let others in."""
        os.close(self._folder)


def _open(folder: Path) -> int:
    try:
        folder.mkdir(parents=True, exist_ok=True)
        number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        raise FolderError(f"{folder}: cannot be the downloads folder: {error.strerror}") from error
    if os.access(folder, os.W_OK | os.X_OK):
        return number
    os.close(number)
    raise FolderError(f"{folder}: cannot be the downloads folder: it is read-only")


def _lock(number: int, folder: Path) -> None:
    try:
        fcntl.flock(number, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        # Some network disks know no locks; then nothing guards the folder, as with most programs.
        if error.errno in {errno.EWOULDBLOCK, errno.EACCES}:
            raise FolderError(
                f"{folder}: another peer downloads into this folder; give each one its own"
            ) from error
