"""A shared file as the rest of the peer sees it, and what can go wrong with one."""

from typing import Self

import attrs

from napster.peer.library.beneath import Stamp
from napster.peer.library.remember import Facts


class SharedFileError(Exception):
    """A shared file that cannot be served; the text is one sentence for a person."""


class FileGoneError(SharedFileError):
    """The file is not there any more, or cannot be read."""


class FileChangedError(SharedFileError):
    """What lies there is not what was hashed."""


@attrs.frozen
class SharedFile:
    """One file on offer.

    `path` is its virtual path; the first part names the shared folder. `md5` is the historic
    hash of its head in hex, a hint; `content` the content id (32 bytes) of all of it. Bit rate in
    kbit/s, frequency in Hz, duration in s: 0 for what is not audio.
    """

    path: bytes
    stamp: Stamp
    md5: bytes
    bitrate: int
    frequency: int
    duration: int
    content: bytes

    @property
    def size(self) -> int:
        """Size in bytes."""
        return self.stamp.size

    @classmethod
    def of(cls, path: bytes, stamp: Stamp, facts: Facts) -> Self:
        """Make one of what is known of a file."""
        tags, md5 = facts.tags, facts.md5.hex().encode()
        return cls(path, stamp, md5, tags.bitrate, tags.frequency, tags.duration, facts.content)
