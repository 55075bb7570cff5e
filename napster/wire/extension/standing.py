"""Standing searches: left by a user, and answered whenever a matching file is shared."""

from collections.abc import Iterable, Iterator
from enum import IntEnum
from struct import Struct

from napster.wire.extension.base import Extension, extension, found
from napster.wire.framing import encode
from napster.wire.messages.base import CLIENT, SERVER
from napster.wire.messages.searching import SearchHit
from napster.wire.tagged import octets, utf8, whole, write_tagged


@extension(20016, CLIENT)
class Watch(Extension):
    """Leave a standing search: files that match are told when they are shared. Answered by 20018.

    A search left before under the same id gives way to this one.
    """

    id: int = whole(1, 4)
    query: bytes = octets(2)
    """The search, written as the body of a 200."""


@extension(20017, CLIENT)
class Unwatch(Extension):
    """Withdraw a standing search. Answered by 20018."""

    id: int = whole(1, 4)


class WatchState(IntEnum):
    """What a standing search is doing."""

    STANDING = 0
    OVER = 1
    PAUSED = 2


@extension(20018, SERVER)
class Watching(Extension):
    """What has become of a standing search."""

    id: int = whole(1, 4)
    state: WatchState = whole(2, 1, WatchState)
    text: str | None = utf8(3, default=None)
    """Why, in one sentence for a person."""


@extension(20019, SERVER)
class Watched(Extension):
    """A file that a standing search was left for has just been shared."""

    id: int = whole(1, 4)
    hit: SearchHit = found(2)


_WATCHED_ID = Struct("<BHI")


def watched_frames(hit: bytes, ids: Iterable[int]) -> Iterator[bytes]:
    """Write a 20019 for each id around the finished body of a 201."""
    tail = write_tagged([(2, hit)])
    for id_ in ids:
        yield encode(Watched.type, _WATCHED_ID.pack(1, 4, id_) + tail)
