"""What a user may say of itself, and what becomes of it."""

from napster.wire.fields import crop

HIGHEST_SPEED = 10
HIGHEST_PORT = 65_535
_LONGEST_PASSWORD = 128
_LONGEST_CLIENT = 32
_LONGEST_EMAIL = 128
_SPACE, _DELETE = 0x20, 0x7F


def client_name(given: bytes) -> bytes:
    """Return a client's name as whois tells it: short, and without what ends a quoted field."""
    return crop(given.replace(b'"', b"'"), _LONGEST_CLIENT)


def password_fault(password: bytes) -> str | None:
    """Say in one sentence why something cannot be a password; None if it can."""
    if 0 < len(password) <= _LONGEST_PASSWORD:
        return None
    return f"a password has 1 to {_LONGEST_PASSWORD} bytes"


def typed_password_fault(password: bytes) -> str | None:
    """Say in one sentence why not every program can send a password, or None if all can.

    It stands in a login as one word without quotes.
    """
    if fault := password_fault(password):
        return fault
    if b" " in password or password.startswith(b'"'):
        return "a password is one word, and does not begin with a double quote"
    if any(byte < _SPACE or byte == _DELETE for byte in password):
        return "a password has no control characters"
    return None


def email_fault(given: str) -> str | None:
    """Say in one sentence why something is not kept as an e-mail address; None if it is."""
    if given == email_address(given):
        return None
    return (
        f"a mail address is one word of 1 to {_LONGEST_EMAIL} printable ASCII characters without "
        "double quotes"
    )


def email_address(given: str) -> str:
    """Return an e-mail address as it is kept: one word of printable ASCII, or `unknown`."""
    sound = given.isascii() and given.isprintable() and not set(given) & set(' "')
    return given if sound and 0 < len(given) <= _LONGEST_EMAIL else "unknown"
