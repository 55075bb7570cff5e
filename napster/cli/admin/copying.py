"""Taking a file that a daemon has made to where a person wants it."""

import os
import shutil
from pathlib import Path

from napster.peer.api import ApiError


def require_absent(target: Path) -> None:
    """Raise ApiError if there is a file already."""
    if os.path.lexists(target):
        raise ApiError(f"{target} is there already; name another file.")


def take_away(source: Path, target: Path) -> int:
    """Move a file, private as it is, and never over another; returns its size in bytes.

    What arrives is on the disk when this returns. Raises ApiError, and then leaves nothing behind.
    """
    try:
        with source.open("rb") as reader:
            _copy(reader.fileno(), target)
    except OSError as error:
        raise ApiError(f"{target} cannot be written: {error.strerror}.") from error
    finally:
        source.unlink(missing_ok=True)
    return target.stat().st_size


def _copy(source: int, target: Path) -> None:
    descriptor = os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as writer, os.fdopen(os.dup(source), "rb") as reader:
            shutil.copyfileobj(reader, writer, 1 << 20)
            writer.flush()
            os.fsync(writer.fileno())
    except BaseException:
        target.unlink(missing_ok=True)
        raise
