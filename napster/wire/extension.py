"""What our own programs say to each other beyond the protocol of 1999 (docs/extensions.md).

A client whose client string ends in MARKER understands these messages, and passes over those of
their numbers that it does not know. Nobody else is ever sent one.
"""

from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum
from struct import Struct
from typing import Any, ClassVar, Self, TypeVar, dataclass_transform

import attrs

from napster.wire.errors import ParseError
from napster.wire.framing import MAX_BODY, encode
from napster.wire.messages.base import CLIENT, SERVER, Message, Sender
from napster.wire.messages.searching import SearchHit
from napster.wire.tagged import read_tagged, write_tagged

MARKER = b" +ext1"
NUMBERS = range(20000, 20064)
"""The numbers of extension messages; old programs use numbers up to 10302."""
MAX_EXTENSION_BODY = 16_384
"""The longest body of an extension message from the index, in bytes."""

_TAG = "napster.wire.tag"
T = TypeVar("T", bound="Extension")


def speaks_extension(client: bytes) -> bool:
    """Whether a program that logs in with this client string understands extension messages."""
    return client.endswith(MARKER)


def body_limit(type_: int) -> int:
    """Allow a message from the index as many bytes of body as it may have; see `FrameReader`."""
    return MAX_EXTENSION_BODY if type_ in NUMBERS else MAX_BODY


@attrs.frozen
class _Tag:
    """How a field of an extension message is found, read and written."""

    key: int
    read: Callable[[bytes], Any]
    write: Callable[[Any], bytes]


def _tagged(tag: _Tag, **options: Any) -> Any:
    return attrs.field(metadata={_TAG: tag}, **options)


def whole(key: int, size: int, kind: Callable[[int], Any] = int, **options: Any) -> Any:
    """Declare a whole number of `size` bytes, little-endian; `kind` makes an enum of it."""

    def read(value: bytes) -> Any:
        if len(value) != size:
            raise ParseError(f"field {key} has {len(value)} bytes; it must have {size}")
        try:
            return kind(int.from_bytes(value, "little"))
        except ValueError:
            raise ParseError(f"field {key} has a value that is not known") from None

    return _tagged(_Tag(key, read, lambda value: int(value).to_bytes(size, "little")), **options)


def utf8(key: int, **options: Any) -> Any:
    """Declare a text in UTF-8; bytes that are not UTF-8 are read as replacement characters."""
    tag = _Tag(key, lambda value: value.decode("utf-8", "replace"), str.encode)
    return _tagged(tag, **options)


def octets(key: int, **options: Any) -> Any:
    """Declare a value kept as bytes."""
    return _tagged(_Tag(key, bytes, bytes), **options)


def found(key: int, **options: Any) -> Any:
    """Declare a file found, written as the body of a 201."""
    return _tagged(_Tag(key, SearchHit.from_body, SearchHit.body), **options)


class Extension(Message):
    """A message whose body is made of tagged fields. A field that is None is absent."""

    __slots__ = ()
    _tags: ClassVar[tuple[tuple[str, _Tag, bool], ...]]

    @classmethod
    def from_body(cls, body: bytes) -> Self:
        """Read the fields of a body; unknown ones are passed over. Raises ParseError."""
        given = read_tagged(body)
        values = {}
        for name, tag, optional in cls._tags:
            if tag.key in given:
                values[name] = tag.read(given[tag.key])
            elif not optional:
                raise ParseError(f"field {tag.key} is missing")
        return cls(**values)

    def body(self) -> bytes:
        """Write the fields as they stand on the wire. Raises ParseError for what cannot be sent."""
        values = ((tag, getattr(self, name)) for name, tag, _ in self._tags)
        return write_tagged((tag.key, tag.write(each)) for tag, each in values if each is not None)


FROM_CLIENT: dict[int, type[Extension]] = {}
"""Extension messages that a client may send, by number."""
FROM_SERVER: dict[int, type[Extension]] = {}
"""Extension messages that an index may send, by number."""


@dataclass_transform(frozen_default=True, field_specifiers=(whole, utf8, octets, found))
def extension(number: int, sender: Sender) -> Callable[[type[T]], type[T]]:
    """Make a class a frozen extension message of this number and register it for its sender."""

    def decorate(cls: type[T]) -> type[T]:
        made = attrs.frozen(cls)
        made.type = number
        made._tags = tuple(  # noqa: SLF001  # completes the class being made
            (each.name, each.metadata[_TAG], each.default is not attrs.NOTHING)
            for each in attrs.fields(made)  # type: ignore[arg-type]  # just made attrs.frozen
        )
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
