"""What our own programs say to each other beyond the protocol of 1999 (docs/extensions.md).

A client whose client string ends in MARKER understands these messages, and passes over those of
their numbers that it does not know. Nobody else is ever sent one.
"""

from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum
from struct import Struct
from typing import Any, TypeVar, dataclass_transform

from napster.wire.framing import MAX_BODY, encode
from napster.wire.messages.base import CLIENT, SERVER, Message, Sender
from napster.wire.messages.searching import SearchHit
from napster.wire.tagged import (
    Tag,
    Tagged,
    octets,
    tagged,
    tagged_message,
    utf8,
    whole,
    write_tagged,
)

MARKER = b" +ext1"
NUMBERS = range(20000, 20064)
"""The numbers of extension messages; old programs use numbers up to 10302."""
MAX_EXTENSION_BODY = 16_384
"""The longest body of an extension message from the index, in bytes."""

T = TypeVar("T", bound="Extension")


def speaks_extension(client: bytes) -> bool:
    """Whether a program that logs in with this client string understands extension messages."""
    return client.endswith(MARKER)


def body_limit(type_: int) -> int:
    """Allow a message from the index as many bytes of body as it may have; see `FrameReader`."""
    return MAX_EXTENSION_BODY if type_ in NUMBERS else MAX_BODY


def found(key: int, **options: Any) -> Any:
    """Declare a file found, written as the body of a 201."""
    return tagged(Tag(key, SearchHit.from_body, SearchHit.body), **options)


class Extension(Tagged, Message):
    """A message whose body is made of tagged fields. A field that is None is absent."""

    __slots__ = ()


FROM_CLIENT: dict[int, type[Extension]] = {}
"""Extension messages that a client may send, by number."""
FROM_SERVER: dict[int, type[Extension]] = {}
"""Extension messages that an index may send, by number."""


@dataclass_transform(frozen_default=True, field_specifiers=(whole, utf8, octets, found))
def extension(number: int, sender: Sender) -> Callable[[type[T]], type[T]]:
    """Make a class a frozen extension message of this number and register it for its sender."""

    def decorate(cls: type[T]) -> type[T]:
        made = tagged_message(cls)
        made.type = number
        (FROM_CLIENT if sender is CLIENT else FROM_SERVER)[number] = made
        return made

    return decorate


class Reason(IntEnum):
    """Why a search found nothing, or perhaps not all."""

    UNKNOWN_WORD = 1
    NEVER_TOGETHER = 2
    EXCLUDED = 3
    FILTERED = 4
    HIDDEN = 5
    NO_WORD = 6
    REGISTERING = 7


@extension(20015, SERVER)
class SearchNote(Extension):
    """Something to know about the search that the next 202 ends."""

    reason: Reason = whole(1, 1, Reason)
    text: str = utf8(2)
    """One sentence for a person."""
    suggestion: str | None = utf8(3, default=None)
    """Words to search for instead."""


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
