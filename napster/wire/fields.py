"""Fields of a message body: separated by one space, quoted where they may hold spaces.

There is no escape: a quoted field cannot hold a double quote (protocol section 1). A NUL ends the
body wherever it stands (section 4.1), so no field can hold one either.
"""

import unicodedata

from napster.wire.errors import ParseError

_EXCERPT = 40
_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class FieldReader:
    """Take fields off the front of a body, one after the other.

    With `open_quotes` a quoted field may lack its closing quote and then reaches to the end, and
    the closing quote need not be followed by a space.
    """

    __slots__ = ("_at", "_body", "_open_quotes")

    def __init__(self, body: bytes, *, open_quotes: bool = False) -> None:
        self._body = body.partition(b"\0")[0]
        self._at = 0
        self._open_quotes = open_quotes

    def at_end(self) -> bool:
        """Whether nothing but spaces is left."""
        return not self._body[self._at :].strip(b" ")

    def argument(self) -> bytes:
        """Take one field, quoted or not, and the space behind it.

        Raises ParseError if there is none, or if quotes are not where they belong.
        """
        while self._body.startswith(b" ", self._at):
            self._at += 1
        if self._at >= len(self._body):
            raise ParseError("parameters are unparsable: a field is missing")
        return self._quoted() if self._body.startswith(b'"', self._at) else self._until(b" ")

    def _quoted(self) -> bytes:
        self._at += 1
        if not self._open_quotes and self._body.find(b'"', self._at) < 0:
            raise ParseError("parameters are unparsable: a closing quote is missing")
        value = self._until(b'"')
        if self._body.startswith(b" ", self._at):
            self._at += 1
        elif not self._open_quotes and self._at < len(self._body):
            raise ParseError("parameters are unparsable: a quote inside a quoted field")
        return value

    def _until(self, closer: bytes) -> bytes:
        start = self._at
        end = self._body.find(closer, start)
        end = len(self._body) if end < 0 else end
        self._at = end + 1
        return self._body[start:end]

    def rest(self) -> bytes:
        """Take all that is left, as it stands."""
        value = self._body[self._at :]
        self._at = len(self._body)
        return value


def parse_number(text: bytes, highest: int = 2**64 - 1) -> int:
    """Read a decimal number from 0 to `highest`; raises ParseError for anything else."""
    if not (text.isdigit() and len(text) <= 20 and int(text) <= highest):
        raise ParseError(
            f"parameters are unparsable: {excerpt(text)!r} is not a number from 0 to {highest}"
        )
    return int(text)


def quote(value: bytes) -> bytes:
    """Put a value in double quotes; raises ParseError if it holds one itself, or a NUL."""
    if b'"' in value or b"\0" in value:
        raise ParseError(f"a double quote or a NUL cannot be sent: {excerpt(value)}")
    return b'"' + value + b'"'


def argument(value: bytes) -> bytes:
    """Write a field of one word, in quotes only if it would not be read back without them.

    Raises ParseError for what cannot be sent even in quotes.
    """
    if value and not value.startswith(b'"') and b" " not in value and b"\0" not in value:
        return value
    return quote(value)


def write_text(text: str) -> bytes:
    """Write a nick or an e-mail address: a field of one word in Latin-1. Raises ParseError."""
    try:
        return argument(text.encode("latin-1"))
    except UnicodeEncodeError:
        raise ParseError(f"only Latin-1 letters can be sent here: {text!a}") from None


def crop(text: bytes, longest: int) -> bytes:
    """Cut a text to at most `longest` bytes, without cutting through a UTF-8 character."""
    if len(text) <= longest:
        return text
    end = longest
    while end > longest - 3 and end > 0 and text[end] & 0xC0 == 0x80:
        end -= 1
    return text[:end]


def display(raw: bytes) -> str:
    r"""Show bytes from the wire to a person: UTF-8, else cp1252; one line, nothing active.

    Controls, direction overrides and other invisible characters become `\xNN`, `\uNNNN` or
    `\UNNNNNNNN`, so that a name can neither forge a log line nor drive a terminal.
    """
    try:
        text = raw.decode("utf-8")
    except UnicodeDecodeError:
        text = raw.decode("cp1252", errors="backslashreplace")
    return text if text.isascii() and text.isprintable() else "".join(map(_visible, text))


def excerpt(raw: bytes) -> str:
    """Show the beginning of bytes from the wire, short enough for an error's sentence."""
    shown = display(crop(raw, _EXCERPT))
    return shown if len(raw) <= _EXCERPT else shown + "..."


def _visible(char: str) -> str:
    if unicodedata.category(char) not in _UNSAFE_CATEGORIES:
        return char
    code = ord(char)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
