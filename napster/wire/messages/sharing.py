"""Offering files and withdrawing them."""

from typing import Self

import attrs

from napster.wire.errors import ParseError
from napster.wire.fields import FieldReader, quote
from napster.wire.messages.base import CLIENT, Message, message, number, quoted, rest, token


@message(100, CLIENT)
class Share(Message):
    """Offer one file. Size in bytes, bit rate in kbit/s, frequency in Hz, duration in s."""

    path: bytes = quoted()
    md5: bytes = token()
    size: int = number(lenient=True)
    bitrate: int = number(lenient=True)
    frequency: int = number(lenient=True)
    duration: int = number(lenient=True)


@message(102, CLIENT)
class Unshare(Message):
    """Withdraw one file; the path is not quoted (a quoted one is understood)."""

    path: bytes = rest()

    @classmethod
    def from_body(cls, body: bytes) -> Self:
        """Read the path, with or without quotes. Raises ParseError if it is empty."""
        path = FieldReader(body).argument() if body.startswith(b'"') else body
        if not path:
            raise ParseError("parameters are unparsable: a field is missing")
        return cls(path=path)


@message(110, CLIENT)
class UnshareAll(Message):
    """Withdraw all files."""


@message(870, CLIENT)
class ShareDirectory(Message):
    r"""Offer files of one directory; `directory` ends in a backslash, paths are joined to it."""

    directory: bytes = quoted()
    files: tuple[Share, ...] = rest(default=())

    @classmethod
    def from_body(cls, body: bytes) -> Self:
        """Read the directory and its files. A short last tuple raises ParseError.

        Use `complete_prefix` to learn which files came before the error.
        """
        message, short = cls.complete_prefix(body)
        if short:
            raise ParseError("parameters are unparsable: the last file has missing fields")
        return message

    @classmethod
    def complete_prefix(cls, body: bytes) -> tuple[Self, bool]:
        """Read all whole files, and whether a broken one follows. Raises ParseError."""
        reader = FieldReader(body)
        directory = reader.argument()
        if not directory.endswith(b"\\"):
            directory += b"\\"
        files = []
        while not reader.at_end():
            try:
                fields = [reader.argument() for _ in range(6)]
            except ParseError:
                return cls(directory=directory, files=tuple(files)), True
            path = quote(directory + fields[0])
            files.append(Share.from_body(b" ".join([path, *fields[1:]])))
        return cls(directory=directory, files=tuple(files)), False

    def body(self) -> bytes:
        """The directory, then name and properties of each file."""
        parts = [quote(self.directory)]
        for each in self.files:
            name = each.path.removeprefix(self.directory)
            parts.append(attrs.evolve(each, path=name).body())
        return b" ".join(parts)
