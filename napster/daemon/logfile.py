"""A log that can be moved away under its writer, and whose disk can fill up."""

import contextlib
import os
import threading
from pathlib import Path

from napster.daemon.errors import DaemonError

_STDOUT, _STDERR = 1, 2


class LogFileError(DaemonError):
    """A log file that cannot be opened; the text names it and says why."""


class LogFile:
    """Lines appended to a file, or to standard output if there is no path.

    Each line is one write to a file opened for appending, so lines of several processes or threads
    never mix. A line that cannot be written is counted, and the count is told as soon as writing
    works again.
    """

    def __init__(self, path: Path | None) -> None:
        """Open the file, made readable for its group if it is new; raises LogFileError."""
        self.path = path
        self._file = _open(path) if path else _STDOUT
        # A signal's handler may log while a line is being written: Twisted's for SIGTERM does.
        self._lock = threading.RLock()
        self._lost = 0

    def write(self, line: str) -> None:
        """Append a line, given without its end; never raises OSError."""
        data = f"{line}\n".encode("utf-8", "backslashreplace")
        with self._lock:
            if self._lost:
                data = f"{self._lost} lines before this one could not be written\n".encode() + data
            try:
                _write(self._file, data)
            except OSError as error:
                self._complain(error)
                self._lost += 1
            else:
                self._lost = 0

    def reopen(self) -> None:
        """Go on in a file of the same name; raises LogFileError and keeps the old one if it cannot.

        The new file takes over the old one's number, so a line written meanwhile is in one of them.
        """
        if self.path is None:
            return
        file = _open(self.path)
        with self._lock:
            os.dup2(file, self._file, inheritable=False)
        os.close(file)

    def close(self) -> None:
        """Close the file, or leave standard output open."""
        if self.path is not None:
            os.close(self._file)

    def _complain(self, error: OSError) -> None:
        if self._lost == 0 and self.path is not None:
            text = f"{self.path}: the log cannot be written: {error.strerror}\n"
            # Standard error may be gone as well, and then there is nobody left to tell.
            with contextlib.suppress(OSError):
                os.write(_STDERR, text.encode("utf-8", "backslashreplace"))


def _open(path: Path) -> int:
    try:
        return os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o640)
    except OSError as error:
        raise LogFileError(f"{path}: the log cannot be opened: {error.strerror}") from error


def _write(file: int, data: bytes) -> None:
    while data:
        data = data[os.write(file, data) :]
