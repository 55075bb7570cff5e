"""A shared file as the rest of the peer sees it, and what can go wrong with one."""

from typing import NamedTuple, Self

from napster.peer.library.beneath import Stamp
from napster.peer.library.remember import Facts


class SharedFileError(Exception):
    """A shared file that cannot be served; the text is one sentence for a person."""


class FileGoneError(SharedFileError):
    """The file is not there any more, or cannot be read."""


class FileChangedError(SharedFileError):
    """What lies there is not what was hashed."""


class SharedFile(NamedTuple):
    """One file on offer.

    `path` is its virtual path; the first part names the shared folder. Size in bytes. `mtime_ns`,
    `device` and `inode` are of its stamp. `md5` (16 bytes) is the historic hash of its head, a
    hint; `content` the content id (32 bytes) of all of it. Bit rate in kbit/s, frequency in Hz,
    duration in s: 0 for what is not audio.

    A library goes through a million of them, and a tuple is what is made fastest.
    """

    path: bytes
    size: int
    mtime_ns: int
    device: int
    inode: int
    md5: bytes
    bitrate: int
    frequency: int
    duration: int
    content: bytes

    @classmethod
    def of(cls, path: bytes, stamp: Stamp, facts: Facts) -> Self:
        """Make one of what is known of a file."""
        return cls(
            path,
            stamp.size,
            stamp.mtime_ns,
            stamp.device,
            stamp.inode,
            facts.md5,
            facts.tags.bitrate,
            facts.tags.frequency,
            facts.tags.duration,
            facts.content,
        )

    @property
    def stamp(self) -> Stamp:
        """The state in which it was hashed."""
        return Stamp(self.size, self.mtime_ns, self.device, self.inode)
