"""Sharing files with their content ids."""

from collections.abc import Iterable, Iterator, Sequence
from struct import Struct, error
from typing import Any, NamedTuple

import attrs

from napster.wire.errors import ParseError
from napster.wire.extension.base import ID_BYTES, Extension, extension
from napster.wire.messages.base import CLIENT, SERVER
from napster.wire.messages.sharing import Share
from napster.wire.tagged import Tag, Tagged, octets, tagged, tagged_message, whole, write_tagged

_NAME = Struct("<H")
_FACTS = Struct(f"<Q{ID_BYTES}s16sHII")
_FACTS_AND_NEXT = Struct(f"{_FACTS.format}{_NAME.format[1:]}")
"""What follows the name of a file, and how long the next one's name is."""
_REFUSAL = Struct("<HH")
_NO_MD5 = bytes(16)
_MOST = {"bitrate": 2**16 - 1, "frequency": 2**32 - 1, "duration": 2**32 - 1}


class ContentFile(NamedTuple):
    """One file of a 20002; `name` is what follows the directory. Otherwise as in a 100."""

    name: bytes
    size: int
    content_id: bytes
    md5: bytes
    """16 bytes, all zero if not known."""
    bitrate: int
    frequency: int
    duration: int

    @classmethod
    def of(cls, file: Share, content_id: bytes) -> "ContentFile":
        """Make it of the offer of a file; a path is split at its last backslash.

        Numbers that are too large for their fields are sent as the largest that fit.
        """
        digits = file.md5[:32]
        try:
            md5 = bytes.fromhex(digits.decode("ascii"))
        except ValueError:
            md5 = _NO_MD5
        numbers = [min(getattr(file, name), most) for name, most in _MOST.items()]
        name = file.path.rpartition(b"\\")[2]
        return cls(name, file.size, content_id, md5.ljust(16, b"\0"), *numbers)


def _each_file(value: bytes) -> Iterator[tuple[bytes, int, bytes, bytes, int, int, int]]:
    """Read files: the fields of a ContentFile each."""
    if not value:
        return
    value += bytes(_NAME.size)  # read as the length of a name behind the last file
    try:
        (length,) = _NAME.unpack_from(value)
        at = _NAME.size
        while at < len(value):
            start, at = at, at + length
            *facts, length = _FACTS_AND_NEXT.unpack_from(value, at)
            yield value[start:at], *facts
            at += _FACTS_AND_NEXT.size
    except error:
        raise ParseError("the last file is cut short") from None


def _read_files(value: bytes) -> tuple[ContentFile, ...]:
    return tuple(ContentFile(*each) for each in _each_file(value))


def content_record(
    name: bytes, size: int, content_id: bytes, md5: bytes, tags: tuple[int, int, int]
) -> bytes:
    """Write one file as it stands in a 20002, fast.

    The fields are those of a ContentFile, the last three of them being the tags.
    """
    return b"%b%b%b" % (_NAME.pack(len(name)), name, _FACTS.pack(size, content_id, md5, *tags))


def _write_files(files: Iterable[ContentFile]) -> bytes:
    parts = []
    for file in files:
        tags = file.bitrate, file.frequency, file.duration
        parts.append(content_record(file.name, file.size, file.content_id, file.md5, tags))
    return b"".join(parts)


@attrs.frozen
class RefusedFile:
    """Which file of a 20002 was not taken, by its place there, and one sentence why."""

    place: int
    reason: str


def _read_refusals(value: bytes) -> tuple[RefusedFile, ...]:
    refusals, at = [], 0
    while at < len(value):
        start = at + _REFUSAL.size
        place, length = _REFUSAL.unpack_from(value.ljust(start, b"\0"), at)
        at = start + length
        if at > len(value):
            raise ParseError("the last refusal is cut short")
        refusals.append(RefusedFile(place, value[start:at].decode("utf-8", "replace")))
    return tuple(refusals)


def _write_refusals(refusals: Sequence[RefusedFile]) -> bytes:
    parts = []
    for each in refusals:
        reason = each.reason.encode()
        parts += [_REFUSAL.pack(each.place, len(reason)), reason]
    return b"".join(parts)


def _files(key: int, **options: Any) -> Any:
    return tagged(Tag(key, _read_files, _write_files), **options)


def _refusals(key: int, **options: Any) -> Any:
    return tagged(Tag(key, _read_refusals, _write_refusals), **options)


@extension(20002, CLIENT)
class ShareContent(Extension):
    """Offer files of one directory, with their content ids. Answered by 20003."""

    batch: int = whole(1, 4)
    """Chosen by the client."""
    directory: bytes = octets(2)
    """Ends in a backslash, or is empty."""
    files: Sequence[ContentFile] = _files(3)


def share_content_body(batch: int, directory: bytes, records: Iterable[bytes]) -> bytes:
    """Write the body of a 20002 around the records of its files. Raises ParseError."""
    return write_tagged([(1, batch.to_bytes(4, "little")), (2, directory), (3, b"".join(records))])


@tagged_message
class _Unread(Tagged):
    """A ShareContent whose files are not read yet."""

    batch: int = whole(1, 4)
    directory: bytes = octets(2)
    files: bytes = octets(3)


@attrs.frozen
class ContentRecords:
    """The files of a 20002 in the form that the old protocol gives them."""

    batch: int
    records: Sequence[bytes]
    """The body of a message 100 for each."""
    contents: Sequence[bytes]
    """The content id of each."""

    @classmethod
    def from_body(cls, body: bytes) -> "ContentRecords":
        """Read a ShareContent, far faster than as messages. Raises ParseError."""
        unread = _Unread.from_body(body)
        start = b'"' + unread.directory
        records, contents = [], []
        for name, size, content_id, md5, bitrate, frequency, duration in _each_file(unread.files):
            fields = md5.hex().encode(), size, bitrate, frequency, duration
            records.append(b'%b%b" %b %d %d %d %d' % (start, name, *fields))
            contents.append(content_id)
        return cls(unread.batch, records, contents)


@extension(20003, SERVER)
class ContentShared(Extension):
    """What has become of a 20002."""

    batch: int = whole(1, 4)
    accepted: int = whole(2, 4)
    refused: Sequence[RefusedFile] = _refusals(3)
