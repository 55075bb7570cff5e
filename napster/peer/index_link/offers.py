"""Offering many files in few frames, written fast: a library may have a million."""

from collections.abc import Container, Iterable, Iterator, Sequence
from typing import Protocol

import attrs

from napster.peer.library.shared_file import SharedFile
from napster.wire.framing import MAX_BODY, encode
from napster.wire.messages.sharing import Share, ShareDirectory, directory_body, file_record

SEPARATOR = b"\\"


@attrs.frozen
class Batch:
    """A frame, and how many files more the index knows of when it has read it."""

    frame: bytes
    files: int


class Form(Protocol):
    """A message that offers files of one directory."""

    longest: int
    """How many bytes its body may have."""
    around_directory: int
    """How many bytes of the body are neither directory nor files."""
    around_file: int
    """How many bytes a file takes beside its record."""

    def record(self, name: bytes, file: SharedFile) -> bytes:
        """Write a file."""

    def frame(self, directory: bytes, records: Sequence[bytes]) -> bytes:
        """Write the message; the directory ends in a separator."""


def offer(file: SharedFile) -> Share:
    """Make the offer of one file."""
    return Share(file.path, file.md5, file.size, file.bitrate, file.frequency, file.duration)


class OldForm:
    """Message 870."""

    longest = MAX_BODY
    around_directory = len(b'""')
    around_file = len(b" ")

    def record(self, name: bytes, file: SharedFile) -> bytes:
        """Write a file; its size may be too large for old programs to read."""
        return file_record(name, file.md5, file.size, file.bitrate, file.frequency, file.duration)

    def frame(self, directory: bytes, records: Sequence[bytes]) -> bytes:
        """Write the message."""
        return encode(ShareDirectory.type, directory_body(directory, records))


def batches(
    form: Form, files: Iterable[SharedFile], skip: Container[bytes] = ()
) -> Iterator[Batch | None]:
    """Offer files but those whose paths are to be skipped.

    Those that follow one another in one directory share a message. A file too long for a message
    of its own is left out. For each file that is not offered there comes a None, so that somebody
    who has little time can stop there.
    """
    directory, used = b"", 0
    records: list[bytes] = []
    for file in files:
        before, separator, name = file.path.rpartition(SEPARATOR)
        own = before + separator
        record = form.record(name, file)
        start, added = form.around_directory + len(own), form.around_file + len(record)
        if start + added > form.longest or file.path in skip:
            yield None
            continue
        if records and (own != directory or used + added > form.longest):
            yield Batch(form.frame(directory, records), len(records))
            records = []
        if not records:
            directory, used = own, start
        records.append(record)
        used += added
    if records:
        yield Batch(form.frame(directory, records), len(records))
