"""The folder a daemon keeps its state in, used by one daemon at a time."""

import contextlib
import fcntl
import os
import stat
from pathlib import Path

from napster.daemon.errors import DaemonError


class StateError(DaemonError):
    """A state folder that cannot be used; the text names it and says why."""


class StateFolder:
    """A daemon's own folder, with a lock that ends with the process that holds it.

    The lock is an open file, so it outlives the forks of a daemon going into the background.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: int | None = None
        self._made: list[Path] = []

    def check(self) -> None:
        """Raise StateError if the folder plainly cannot be used; change nothing."""
        try:
            mode = self.path.stat().st_mode
        except FileNotFoundError:
            return
        except OSError as error:
            raise StateError(
                f"{self.path} cannot be looked into: {error.strerror}; name another --state"
            ) from error
        if not stat.S_ISDIR(mode):
            raise StateError(f"{self.path} is not a folder; name another one with --state")
        if not os.access(self.path, os.R_OK | os.W_OK | os.X_OK):
            raise StateError(f"{self.path} cannot be written by this user; name another --state")
        if self._lock_path.exists():
            os.close(self._locked())

    def create(self) -> None:
        """Make the folder, for its owner only, if it does not exist; raises StateError."""
        try:
            self._made = [each for each in (self.path, *self.path.parents) if not each.exists()]
            self.path.mkdir(mode=0o700, parents=True, exist_ok=True)
        except OSError as error:
            raise StateError(f"{self.path} cannot be created: {error.strerror}") from error

    def lock(self) -> None:
        """Take the folder for this process; raises StateError if another process has it.

        Calling it again after a fork writes down the new process's number.
        """
        if self._file is None:
            self._file = self._locked()
        os.ftruncate(self._file, 0)
        os.pwrite(self._file, f"{os.getpid()}\n".encode(), 0)

    def unlock(self) -> None:
        """Let another process take the folder."""
        if self._file is not None:
            os.close(self._file)
            self._file = None

    def take_back(self) -> None:
        """Remove what `create` and `lock` made, for a start that was refused after all."""
        if self._file is not None and self._made:
            self._lock_path.unlink(missing_ok=True)
        self.unlock()
        with contextlib.suppress(OSError):  # another daemon may have taken it meanwhile
            for folder in self._made:
                folder.rmdir()

    @property
    def _lock_path(self) -> Path:
        return self.path / "lock"

    def _locked(self) -> int:
        try:
            file = os.open(self._lock_path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise StateError(f"{self._lock_path} cannot be opened: {error.strerror}") from error
        try:
            self._flock(file)
        except StateError:
            os.close(file)
            raise
        return file

    def _flock(self, file: int) -> None:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError as error:
            owner = os.pread(file, 20, 0).decode("ascii", "replace").strip() or "unknown"
            raise StateError(
                f"{self.path} is in use by process {owner}; stop it or name another --state"
            ) from error
        except OSError as error:
            raise StateError(f"{self._lock_path} cannot be locked: {error.strerror}") from error
