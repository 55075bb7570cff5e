"""Proving again, for less, a password that was right lately.

After a restart everybody logs in at once, and to check thousands of passwords in full takes
minutes. So a login that passed leaves a shortcut: a second hash of the password that costs a
sixteenth. It is salted with a secret that stands in a file of its own, never in the database: a
copy of the database alone makes no guess cheaper. Whoever has both guesses sixteen times as fast.
"""

import hashlib
import hmac
import os
import stat
from pathlib import Path

from napster.daemon.errors import DaemonError

LIFE = 30 * 86_400
"""A shortcut is good until an account was not seen for so many seconds."""
_KEY_BYTES = 32
_N, _R, _P = 1 << 10, 8, 1


class Shortcuts:
    """Makes and checks shortcuts with one secret."""

    def __init__(self, key: bytes) -> None:
        self._key = key

    def make(self, password: bytes, stored: str) -> bytes:
        """Make the shortcut of a password that is right; `stored` is its full hash.

        A new full hash, even of the same password, makes shortcuts from before worthless.
        """
        salt = hmac.digest(self._key, stored.encode(), "sha256")
        return hashlib.scrypt(password, salt=salt, n=_N, r=_R, p=_P, dklen=32)

    def proves(self, shortcut: bytes, password: bytes, stored: str) -> bool:
        """Whether a shortcut shows that a password is right; it may be right even if not."""
        return hmac.compare_digest(self.make(password, stored), shortcut)


def own_key(file: Path) -> bytes:
    """Read this index's secret, or make one up and keep it; raises DaemonError.

    Without it, or with another, everybody's next login costs a full check and nothing else.
    """
    try:
        descriptor = os.open(file, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "r+b") as stream:
            _require_privacy(file, descriptor)
            key = stream.read(_KEY_BYTES)
            if len(key) < _KEY_BYTES:
                key = os.urandom(_KEY_BYTES)
                stream.seek(0)
                stream.write(key)
    except OSError as error:
        raise DaemonError(f"{file}: cannot be used: {error.strerror}") from error
    return key


def _require_privacy(file: Path, descriptor: int) -> None:
    if stat.S_IMODE(os.fstat(descriptor).st_mode) & 0o077:
        raise DaemonError(f"{file}: can be read by others; remove it, and another one is made")
