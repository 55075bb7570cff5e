"""Checking the historic MD5, which covers only the head of a file.

Programs of the time did not agree on what the head is (protocol sections 1 and 4.4): 299,008 bytes
after the ID3v2 tag, also 300,000 or 300,032; some do not skip the tag, others go on to the first
MPEG frame. A download is not refused for a disagreement among programs: any of these will do.
"""

import hashlib
from collections.abc import Iterator
from typing import Final, Protocol

from napster.peer.downloads.partial import PartialFile
from napster.peer.library.hash import HEAD_SIZE, tag_size

HEAD_SIZES: Final = (HEAD_SIZE, 300_000, 300_032)
_TAG_HEADER: Final = 10
_FRAME_SEARCH: Final = 4096
"""How far behind the tag the first frame is looked for."""


class Readable(Protocol):
    """A file, or what is here of one."""

    def read(self, start: int, count: int) -> bytes:
        """Read a part of it, fewer bytes at its end. Raises OSError."""


def is_known(part: PartialFile, size: int) -> bool:
    """Tell whether enough of a file of so many bytes is here to know every kind of head."""
    enough = min(size, _tag_size(part, size) + _FRAME_SEARCH + max(HEAD_SIZES))
    return part.gapless(0, enough) >= enough


def is_head(part: Readable, size: int, md5: str) -> bool:
    """Tell whether an MD5 in hex is of one kind of head of a file. Raises OSError."""
    return any(md5 == found for found in _head_md5s(part, size))


def is_wrong(part: PartialFile, size: int, md5: str) -> bool:
    """Tell whether what is here cannot be the file of this MD5, if there is one. Raises OSError."""
    return bool(md5) and is_known(part, size) and not is_head(part, size, md5)


def _head_md5s(part: Readable, size: int) -> Iterator[str]:
    tag = _tag_size(part, size)
    for start in dict.fromkeys((tag, 0, _first_frame(part, tag))):
        head = part.read(start, max(HEAD_SIZES))
        for length in HEAD_SIZES:
            yield hashlib.md5(head[:length], usedforsecurity=False).hexdigest()


def _tag_size(part: Readable, size: int) -> int:
    return tag_size(part.read(0, _TAG_HEADER), size)


def _first_frame(part: Readable, start: int) -> int:
    """Find the first MPEG frame at or behind `start`: eleven bits set; `start` if there is none."""
    data = part.read(start, _FRAME_SEARCH)
    at = data.find(b"\xff")
    while 0 <= at < len(data) - 1:
        if data[at + 1] >= 0xE0:
            return start + at
        at = data.find(b"\xff", at + 1)
    return start
