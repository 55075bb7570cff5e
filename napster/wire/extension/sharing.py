"""Sharing files with their content ids."""

from collections.abc import Iterable, Sequence
from struct import Struct
from typing import Any, NamedTuple

import attrs

from napster.wire.errors import ParseError
from napster.wire.extension.base import ID_BYTES, Extension, extension
from napster.wire.messages.base import CLIENT, SERVER
from napster.wire.messages.sharing import Share
from napster.wire.tagged import Tag, octets, tagged, whole, write_tagged

_NAME = Struct("<H")
_FACTS = Struct(f"<Q{ID_BYTES}s16sHII")
_REFUSAL = Struct("<HH")
_NO_MD5 = bytes(16)
_MOST = {"bitrate": 2**16 - 1, "frequency": 2**32 - 1, "duration": 2**32 - 1}


class ContentFile(NamedTuple):
    """One file of a 20002; `name` is what follows the directory. Otherwise as in a 100.

    An index reads millions of them, and a tuple is what is made fastest.
    """

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

    def record(self, directory: bytes) -> bytes:
        """Write it as the body of a message 100."""
        return b'"%b%b" %b %d %d %d %d' % (
            directory,
            self.name,
            self.md5.hex().encode(),
            self.size,
            self.bitrate,
            self.frequency,
            self.duration,
        )


def _read_files(value: bytes) -> tuple[ContentFile, ...]:
    files, at = [], 0
    while at < len(value):
        start = at + _NAME.size
        end = start + _NAME.unpack_from(value.ljust(start, b"\0"), at)[0]
        at = end + _FACTS.size
        if at > len(value):
            raise ParseError("the last file is cut short")
        size, content_id, md5, *numbers = _FACTS.unpack_from(value, end)
        files.append(ContentFile(value[start:end], size, content_id, md5, *numbers))
    return tuple(files)


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


@extension(20003, SERVER)
class ContentShared(Extension):
    """What has become of a 20002."""

    batch: int = whole(1, 4)
    accepted: int = whole(2, 4)
    refused: Sequence[RefusedFile] = _refusals(3)
