"""The password of a nick, kept in a file of its owner's."""

from pathlib import Path


class PasswordError(Exception):
    """A password file that cannot be used; the text says why, never what is in it."""


def read_password(file: Path) -> bytes:
    """Read the first line of a password file. Raises PasswordError."""
    try:
        lines = file.read_bytes().splitlines()
    except OSError as error:
        raise PasswordError(f"{file} cannot be read: {error.strerror}") from error
    password = lines[0].strip() if lines else b""
    if not password:
        raise PasswordError(f"{file} is empty; write the password into its first line")
    if b" " in password or b'"' in password:
        raise PasswordError(f"{file}: the protocol allows no space and no quote in a password")
    return password
