"""Offering files and withdrawing them."""

from collections.abc import Iterable
from typing import Self

from napster.wire.errors import ParseError
from napster.wire.fields import FieldReader, quote
from napster.wire.messages.base import (
    CLIENT,
    SERVER,
    Message,
    message,
    number,
    quoted,
    rest,
    structured,
    token,
)


@message(100, CLIENT)
class Share(Message):
    """Offer one file. Size in bytes, bit rate in kbit/s, frequency in Hz, duration in s."""

    path: bytes = quoted()
    md5: bytes = token()
    size: int = number(lenient=True)
    bitrate: int = number(lenient=True)
    frequency: int = number(lenient=True)
    duration: int = number(lenient=True)


def _read_bare_path(reader: FieldReader) -> bytes:
    path = reader.rest()
    if path.startswith(b'"'):
        path = FieldReader(path).argument()
    if not path:
        raise ParseError("parameters are unparsable: a field is missing")
    return path


def _write_bare_path(path: bytes) -> bytes:
    return quote(path)[1:-1]


@message(102, CLIENT)
class Unshare(Message):
    """Withdraw one file; the path is not quoted (a quoted one is understood)."""

    path: bytes = structured(_read_bare_path, _write_bare_path)


@message(110, CLIENT)
class UnshareAll(Message):
    """Withdraw all files."""


@message(110, SERVER)
class UnsharedAll(Message):
    """How many files were withdrawn."""

    count: int = number()


@message(870, CLIENT)
class ShareDirectory(Message):
    r"""Offer files of one directory; `directory` ends in a backslash, paths are joined to it."""

    directory: bytes = quoted()
    files: tuple[Share, ...] = rest(default=())

    @classmethod
    def read(cls, reader: FieldReader) -> Self:
        """Take the directory and its files off a reader. A short last file raises ParseError.

        Use `complete_prefix` to learn which files came before the error.
        """
        message, short = cls._read_prefix(reader)
        if short:
            raise ParseError("parameters are unparsable: the last file has missing fields")
        return message

    @classmethod
    def complete_prefix(cls, body: bytes) -> tuple[Self, bool]:
        """Read all whole files, and whether a broken one follows. Raises ParseError."""
        return cls._read_prefix(FieldReader(body))

    @classmethod
    def _read_prefix(cls, reader: FieldReader) -> tuple[Self, bool]:
        directory = _closed(reader.argument())
        files: list[Share] = []
        while not reader.at_end():
            try:
                file = Share.read(reader)
            except ParseError:
                return cls(directory=directory, files=tuple(files)), True
            files.append(file.evolve(path=directory + file.path))
        return cls(directory=directory, files=tuple(files)), False

    def body(self) -> bytes:
        """Write the directory, then name and properties of each file.

        Raises ParseError for a file that is not in the directory.
        """
        directory = _closed(self.directory)
        records = []
        for file in self.files:
            if not file.path.startswith(directory):
                raise ParseError("a file shared by directory has to be in that directory")
            records.append(file.evolve(path=file.path[len(directory) :]).body())
        return directory_body(directory, records)


def file_record(
    name: bytes, md5: bytes, size: int, bitrate: int, frequency: int, duration: int
) -> bytes:
    """Write one file: the body of a message 100, or what stands for it in one of 870.

    Far faster than making the message. `md5` is one word. Raises ParseError for a name that
    cannot be sent.
    """
    return b"%b %b %d %d %d %d" % (quote(name), md5, size, bitrate, frequency, duration)


def directory_body(directory: bytes, records: Iterable[bytes]) -> bytes:
    """Write the body of a message 870 around the records of its files. Raises ParseError."""
    return b" ".join((quote(_closed(directory)), *records))


def _closed(directory: bytes) -> bytes:
    return directory if directory.endswith(b"\\") else directory + b"\\"
