"""Where a peer daemon leaves word of its control API: two files in its state folder.

`token` holds the secret a caller must send; it is made once and stays. `control.json` holds the
address while the daemon runs. Only the daemon's user can read them.
"""

import json
import os
import secrets
import stat
from pathlib import Path

import attrs
from twisted.internet.address import IPv4Address, IPv6Address, UNIXAddress
from twisted.internet.interfaces import IAddress

from napster.daemon.errors import DaemonError

_TOKEN_LENGTH = 32
_LOOPBACK = {"0.0.0.0": "127.0.0.1", "::": "::1"}  # noqa: S104  # recognised, not bound to


class PlaceError(DaemonError):
    """Word of the control API that cannot be left or read; the text is one sentence."""


@attrs.frozen
class ControlAddress:
    """How to call a running daemon."""

    endpoint: str
    """A Twisted client endpoint, such as `tcp:127.0.0.1:6680`."""
    token: str = attrs.field(repr=False)


@attrs.frozen
class ControlPlace:
    """The two files in a peer's state folder."""

    folder: Path

    @property
    def token_file(self) -> Path:
        """The file that holds the token."""
        return self.folder / "token"

    @property
    def address_file(self) -> Path:
        """The file that holds the address."""
        return self.folder / "control.json"

    def make_token(self) -> str:
        """Read the token, or make it if there is none yet.

        Raises PlaceError if others can read it, or if it is not a token.
        """
        try:
            return self._create_token()
        except FileExistsError:
            return self._own_token()

    def _create_token(self) -> str:
        token = secrets.token_urlsafe(_TOKEN_LENGTH)
        _create(self.token_file, token + "\n")
        return token

    def _own_token(self) -> str:
        found = self.token_file.lstat()
        if not stat.S_ISREG(found.st_mode) or found.st_mode & 0o077 or found.st_uid != os.getuid():
            raise PlaceError(
                f"{self.token_file} must be a file only its owner can read:"
                " delete it, and a new one is made."
            )
        token = self.token_file.read_text(encoding="ascii", errors="replace").strip()
        if len(token) < _TOKEN_LENGTH or not token.isascii():
            raise PlaceError(f"{self.token_file} is damaged: delete it, and a new one is made.")
        return token

    def announce(self, bound: IAddress) -> None:
        """Leave word of the address a running daemon is bound to."""
        fresh = self.folder / "control.json.new"
        fresh.unlink(missing_ok=True)
        _create(fresh, json.dumps({"endpoint": _client_endpoint(bound)}) + "\n")
        fresh.replace(self.address_file)

    def withdraw(self) -> None:
        """Take the word of the address back, when the daemon ends."""
        self.address_file.unlink(missing_ok=True)

    def read(self) -> ControlAddress:
        """Read how to call the daemon.

        Raises FileNotFoundError if none runs, PermissionError if it is another user's, PlaceError
        if the files make no sense.
        """
        try:
            endpoint = json.loads(self.address_file.read_text(encoding="utf-8"))["endpoint"]
            token = self.token_file.read_text(encoding="ascii").strip()
        except (ValueError, KeyError, TypeError) as error:
            raise PlaceError(f"{self.address_file} is damaged: restart the peer daemon.") from error
        return ControlAddress(str(endpoint), token)


def _create(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _client_endpoint(bound: IAddress) -> str:
    if isinstance(bound, IPv4Address | IPv6Address):
        host = _LOOPBACK.get(bound.host, bound.host).replace(":", "\\:")
        return f"tcp:{host}:{bound.port}"
    if isinstance(bound, UNIXAddress) and bound.name:
        return f"unix:{os.fsdecode(bound.name)}"
    raise PlaceError(f"The control API cannot be reached at {bound}: use a tcp: endpoint.")
