"""Fields of a message body: separated by one space, quoted where they may hold spaces.

There is no escape: a quoted field cannot hold a double quote (protocol section 1).
"""

import unicodedata

from napster.wire.errors import ParseError

_QUOTE = 0x22
_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"})


class FieldReader:
    """Take fields off the front of a body, one after the other."""

    def __init__(self, body: bytes) -> None:
        self._body = body
        self._at = 0

    def _skip_spaces(self) -> None:
        while self._at < len(self._body) and self._body[self._at] == 0x20:
            self._at += 1

    def at_end(self) -> bool:
        """Whether nothing but spaces is left."""
        self._skip_spaces()
        return self._at >= len(self._body)

    def argument(self) -> bytes:
        """Take one field, quoted or not.

        Raises ParseError if there is none, or if its closing quote is missing.
        """
        if self.at_end():
            raise ParseError("parameters are unparsable: a field is missing")
        if self._body[self._at] == _QUOTE:
            return self._quoted()
        end = self._body.find(b" ", self._at)
        end = len(self._body) if end < 0 else end
        value = self._body[self._at : end]
        self._at = end + 1
        return value

    def _quoted(self) -> bytes:
        end = self._body.find(b'"', self._at + 1)
        if end < 0:
            raise ParseError("parameters are unparsable: a closing quote is missing")
        value = self._body[self._at + 1 : end]
        self._at = end + 1
        return value

    def rest(self) -> bytes:
        """Take all that is left, without the space that separates it from the field before."""
        if self._at and self._body[self._at - 1 : self._at] == b'"':
            self._at += self._body[self._at : self._at + 1] == b" "
        value = self._body[self._at :]
        self._at = len(self._body)
        return value


def parse_number(text: bytes, highest: int = 2**64 - 1) -> int:
    """Read a decimal number from 0 to `highest`; raises ParseError for anything else."""
    if not (text.isdigit() and len(text) <= 20 and int(text) <= highest):
        raise ParseError(f"parameters are unparsable: {display(text)!r} is not a number in range")
    return int(text)


def quote(value: bytes) -> bytes:
    """Put a value in double quotes; raises ParseError if it holds one itself."""
    if b'"' in value:
        raise ParseError(f"a double quote cannot be sent: {display(value)}")
    return b'"' + value + b'"'


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


def _visible(char: str) -> str:
    if unicodedata.category(char) not in _UNSAFE_CATEGORIES:
        return char
    code = ord(char)
    if code <= 0xFF:
        return f"\\x{code:02x}"
    return f"\\u{code:04x}" if code <= 0xFFFF else f"\\U{code:08x}"
