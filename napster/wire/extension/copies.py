"""How many users hold a content, and which contents only one does."""

from napster.wire.extension.base import ID_BYTES, Extension, extension
from napster.wire.messages.base import CLIENT, SERVER
from napster.wire.tagged import octets, whole

MOST_COUNTED = 500
"""So many contents may be asked about at once."""
COUNT_BYTES = 4


@extension(20024, CLIENT)
class CountCopies(Extension):
    """Asks how many others share some contents. Answered by a 20025 of the same `req`."""

    req: int = whole(1, 4)
    contents: bytes = octets(2)
    """Content ids, joined: at most `MOST_COUNTED`."""

    @property
    def ids(self) -> list[bytes]:
        """The content ids one by one; what is left over at the end is none."""
        ends = range(ID_BYTES, len(self.contents) + 1, ID_BYTES)
        return [self.contents[end - ID_BYTES : end] for end in ends]


@extension(20025, SERVER)
class CopiesCounted(Extension):
    """Tells it."""

    req: int = whole(1, 4)
    counts: bytes = octets(2)
    """For each content in turn: u32, little-endian."""

    @property
    def numbers(self) -> list[int]:
        """The counts one by one."""
        ends = range(COUNT_BYTES, len(self.counts) + 1, COUNT_BYTES)
        return [int.from_bytes(self.counts[end - COUNT_BYTES : end], "little") for end in ends]


@extension(20026, CLIENT)
class FindRare(Extension):
    """Asks for contents that one user alone shares.

    Answered by some 20011 and a 20027, of the same `req`.
    """

    req: int = whole(1, 4)
    after: int | None = whole(2, 8, default=None)
    """From where on: what a 20027 has told; absent for the beginning."""


@extension(20027, SERVER)
class RareTold(Extension):
    """Ends it, and tells of all contents on the index; the totals may be a minute old."""

    req: int = whole(1, 4)
    contents: int = whole(2, 8)
    """How many different ones are shared."""
    rare: int = whole(3, 8)
    """How many of them by one user alone."""
    size: int = whole(4, 8)
    """How many bytes those are."""
    next: int | None = whole(5, 8, default=None)
    """Where to go on; absent if that was all."""
