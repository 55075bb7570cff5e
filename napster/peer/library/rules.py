"""Which files are never shared by accident, and what is said of each."""

import os
import stat
from collections.abc import Iterable
from fnmatch import fnmatchcase

import attrs

HIDDEN = "hidden: its name begins with a dot"
PARTIAL = "a download that is not complete"
LINK = "a symbolic link: links are not followed"
TOO_LONG = "its path is too long for the network"
BUSY = "still being written"
CHANGED = "changed while it was hashed"
UNREADABLE = "cannot be read"
PRIVATE = "this program's own files"
SUSPICIOUS = "looks like a secret; name it under `allow` to share it all the same"
OTHERS_HOME = "another user's home; name it under `allow` to share it all the same"

_SPECIAL = {
    stat.S_IFLNK: LINK,
    stat.S_IFIFO: "a named pipe, not a file",
    stat.S_IFSOCK: "a socket, not a file",
    stat.S_IFCHR: "a device, not a file",
    stat.S_IFBLK: "a device, not a file",
}

# How secrets are called, in lower case.
_SECRETS = frozenset(
    (
        *(b"wallet.dat", b"credentials", b"credentials.json", b"shadow", b"passwd", b"htpasswd"),
        *(b"authorized_keys", b"known_hosts", b"logins.json", b"key3.db", b"key4.db"),
        *(b"cookies", b"cookies.sqlite", b"login data", b"wp-config.php"),
    )
)
_SECRETS_BEGIN = (
    *(b"id_rsa", b"id_dsa", b"id_ecdsa", b"id_ed25519"),
    *(b"secring.", b"passwords.", b"secrets."),
)
_SECRETS_END = (
    *(b".pem", b".key", b".ppk", b".p12", b".pfx", b".jks", b".keystore", b".kdbx", b".kdb"),
    *(b".wallet", b".env", b".ovpn", b".kwallet", b".mbox", b".pst", b".ost", b".tfstate"),
)


@attrs.frozen
class Refusal:
    """A file or folder on disk that is not shared (nor what lies in it), and why."""

    path: bytes
    reason: str


class Rules:
    """What may be shared of all that lies in a shared folder.

    `allow` are patterns in the manner of a shell. One without a slash is held against names, one
    with a slash against whole paths below the shared folder; what matches may be shared though
    it is hidden or looks like a secret.
    """

    def __init__(self, allow: Iterable[str] = ()) -> None:
        patterns = [os.fsencode(pattern) for pattern in allow]
        self._names = [pattern for pattern in patterns if b"/" not in pattern]
        self._paths = [pattern for pattern in patterns if b"/" in pattern]

    def refuse(self, parts: tuple[bytes, ...], mode: int) -> str | None:
        """Say why a file or folder is not shared; None if it may be.

        `parts` are the names that lead there from the shared folder, `mode` is its `st_mode`.
        """
        kind = stat.S_IFMT(mode)
        if kind not in (stat.S_IFREG, stat.S_IFDIR):
            return _SPECIAL.get(kind, "not a file")
        name = parts[-1].lower()
        if kind == stat.S_IFREG and (name.endswith(b".part") or b".part." in name):
            return PARTIAL
        reason = _suspicion(name, kind)
        return None if reason is None or self.allows(parts) else reason

    def allows(self, parts: tuple[bytes, ...]) -> bool:
        """Whether the owner has named a file or folder as one to be shared all the same."""
        path = b"/".join(parts)
        return any(fnmatchcase(parts[-1], pattern) for pattern in self._names) or any(
            fnmatchcase(path, pattern) for pattern in self._paths
        )


def _suspicion(name: bytes, kind: int) -> str | None:
    if name.startswith(b"."):
        return HIDDEN
    if kind == stat.S_IFREG and _is_secret(name):
        return SUSPICIOUS
    return None


def _is_secret(name: bytes) -> bool:
    return name in _SECRETS or name.startswith(_SECRETS_BEGIN) or name.endswith(_SECRETS_END)
