"""Offering many files in few frames, written fast: a library may have a million."""

from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Protocol

import attrs

from napster.peer.library.shared_file import SharedFile
from napster.wire.extension import ShareContent, content_record, share_content_body
from napster.wire.framing import MAX_BODY, encode
from napster.wire.messages.sharing import Share, ShareDirectory, directory_body, file_record

SEPARATOR = b"\\"


@attrs.frozen
class Batch:
    """Files below one directory, offered by one frame."""

    frame: bytes
    directory: bytes
    names: Sequence[bytes]
    number: int | None = None
    """What the index repeats when it says which of them it takes; None if it does not say."""


class Form(Protocol):
    """A message that offers files below one directory."""

    longest: int
    """How many bytes its body may have."""
    around_directory: int
    """How many bytes of the body are neither directory nor files."""
    around_file: int
    """How many bytes a file takes beside its record."""

    def split(self, path: bytes) -> tuple[bytes, bytes]:
        """Part a path into what the message names once, with its separator, and the rest."""

    def record(self, name: bytes, file: SharedFile) -> bytes:
        """Write a file."""

    def batch(self, directory: bytes, names: Sequence[bytes], records: Sequence[bytes]) -> Batch:
        """Write the message; the directory ends in a separator."""


def offer(file: SharedFile) -> Share:
    """Make the offer of one file."""
    md5 = file.md5.hex().encode()
    return Share(file.path, md5, file.size, file.bitrate, file.frequency, file.duration)


class OldForm:
    """Message 870, which every index understands."""

    longest = MAX_BODY
    around_directory = len(b'""')
    around_file = len(b" ")

    def split(self, path: bytes) -> tuple[bytes, bytes]:
        """Part a path into directory and name."""
        before, separator, name = path.rpartition(SEPARATOR)
        return before + separator, name

    def record(self, name: bytes, file: SharedFile) -> bytes:
        """Write a file; its size may be too large for old programs to read."""
        md5 = file.md5.hex().encode()
        return file_record(name, md5, file.size, file.bitrate, file.frequency, file.duration)

    def batch(self, directory: bytes, names: Sequence[bytes], records: Sequence[bytes]) -> Batch:
        """Write the message."""
        frame = encode(ShareDirectory.type, directory_body(directory, records))
        return Batch(frame, directory, names)


class ContentForm:
    """Message 20002, which tells content ids, and is answered."""

    around_directory = len(share_content_body(0, b"", ()))
    around_file = 0

    def __init__(self, longest: int) -> None:
        self.longest = longest
        self._last = 0

    def split(self, path: bytes) -> tuple[bytes, bytes]:
        """Part a path behind its share: files of many small folders then fill few messages."""
        share, separator, rest = path.partition(SEPARATOR)
        return share + separator, rest

    def record(self, name: bytes, file: SharedFile) -> bytes:
        """Write a file."""
        tags = min(file.bitrate, 0xFFFF), file.frequency, file.duration
        return content_record(name, file.size, file.content, file.md5, tags)

    def batch(self, directory: bytes, names: Sequence[bytes], records: Sequence[bytes]) -> Batch:
        """Write the message, under a number of its own."""
        self._last += 1
        body = share_content_body(self._last, directory, records)
        return Batch(encode(ShareContent.type, body), directory, names, self._last)


def batches(
    form: Form, files: Iterable[SharedFile], skip: Container[bytes] = ()
) -> Iterator[Batch | None]:
    """Offer files but those whose paths are to be skipped.

    Those that follow one another below one directory share a message. A file too long for a message
    of its own is left out. For each file that is not offered there comes a None, so that somebody
    who has little time can stop there.
    """
    directory, used = b"", 0
    names: list[bytes] = []
    records: list[bytes] = []
    for file in files:
        own, name = form.split(file.path)
        record = form.record(name, file)
        start, added = form.around_directory + len(own), form.around_file + len(record)
        if start + added > form.longest or file.path in skip:
            yield None
            continue
        if records and (own != directory or used + added > form.longest):
            yield form.batch(directory, names, records)
            names, records = [], []
        if not records:
            directory, used = own, start
        names.append(name)
        records.append(record)
        used += added
    if records:
        yield form.batch(directory, names, records)
