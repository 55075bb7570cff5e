"""The password of the nick: in a file that nobody but its owner can read."""

import base64
import hmac
import os
import re
import secrets
import stat
from pathlib import Path

from napster.daemon.errors import DaemonError

_SENDABLE = re.compile(rb'[^\s"\0]{1,64}')


def read_password(file: Path) -> bytes:
    """Read the first line of a file. Raises DaemonError, which never tells what the file holds."""
    try:
        with file.open("rb") as stream:
            mode = os.fstat(stream.fileno()).st_mode
            password = stream.readline(1024).rstrip(b"\r\n")
    except OSError as error:
        raise DaemonError(f"{file}: cannot be read: {error.strerror}") from error
    if stat.S_IMODE(mode) & 0o077:
        raise DaemonError(f"{file}: can be read by others; run chmod 600 {file}")
    if not _SENDABLE.fullmatch(password):
        raise DaemonError(
            f"{file}: its first line must be a password of 1 to 64 bytes without spaces and quotes"
        )
    return password


def password_elsewhere(password: bytes, index: str) -> bytes:
    """Make another password for an index: who is told one cannot log in with it at the others."""
    digest = hmac.digest(password, index.encode(), "sha256")
    return base64.urlsafe_b64encode(digest[:18])


def own_password(file: Path) -> bytes:
    """Read the password this peer has made up for itself, or make one up and keep it.

    An index may register every nick that logs in: the password must be the same next time, and
    nobody may guess it. Raises DaemonError.
    """
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    except FileExistsError:
        return read_password(file)
    except OSError as error:
        raise DaemonError(f"{file}: cannot be made: {error.strerror}") from error
    with os.fdopen(descriptor, "w", encoding="ascii") as stream:
        stream.write(secrets.token_urlsafe(18) + "\n")
    return read_password(file)
