"""The messages, one frozen class each, found by number."""

from collections.abc import Callable, Iterable, Sequence
from enum import IntEnum
from struct import Struct
from typing import Any, ClassVar, Final, TypeVar, dataclass_transform

from napster.wire.errors import ParseError
from napster.wire.tagged import Tag, Tagged, octets, tagged, tagged_message, utf8, whole

HEADER: Final = Struct("<IB")
"""What every frame begins with: bytes of body, type."""
MOST_HASHES: Final = 1000
"""How many hashes may be asked for at once."""

MOST_FOLDERS: Final = 100
"""How many empty folders are told of at most beside one file."""
MOST_FOLDER_BYTES: Final = 4096
"""How many bytes their paths take at most, with a length each."""
_LENGTH = Struct("<H")


def fitting(paths: Iterable[bytes]) -> Sequence[bytes]:
    """Take as many paths of folders as one list may tell."""
    taken: list[bytes] = []
    left = MOST_FOLDER_BYTES
    for path in paths:
        left -= _LENGTH.size + len(path)
        if left < 0 or len(taken) == MOST_FOLDERS:
            break
        taken.append(path)
    return taken


def _read_paths(value: bytes) -> Sequence[bytes]:
    if len(value) > MOST_FOLDER_BYTES:
        raise ParseError("the empty folders are more than may be told of")
    paths, at = [], 0
    while at < len(value):
        start = at + _LENGTH.size
        at = start + _LENGTH.unpack_from(value.ljust(start, b"\0"), at)[0]
        if at > len(value):
            raise ParseError("the last empty folder is cut short")
        paths.append(value[start:at])
    if len(paths) > MOST_FOLDERS:
        raise ParseError("the empty folders are more than may be told of")
    return tuple(paths)


def _write_paths(paths: Iterable[bytes]) -> bytes:
    return b"".join(_LENGTH.pack(len(path)) + path for path in paths)


def _paths(key: int, **options: Any) -> Any:
    return tagged(Tag(key, _read_paths, _write_paths), **options)


class PieceMessage(Tagged):
    """A message between peers."""

    __slots__ = ()
    type: ClassVar[int]

    def frame(self) -> bytes:
        """Write length, type and body. Raises ParseError for what cannot be sent."""
        body = self.body()
        return HEADER.pack(len(body), self.type) + body


MESSAGES: Final[dict[int, type[PieceMessage]]] = {}
"""All messages, by number."""

T = TypeVar("T", bound=PieceMessage)


@dataclass_transform(frozen_default=True, field_specifiers=(whole, utf8, octets, _paths))
def _message(number: int) -> Callable[[type[T]], type[T]]:
    def decorate(cls: type[T]) -> type[T]:
        made = tagged_message(cls)
        made.type = number
        MESSAGES[number] = made
        return made

    return decorate


@_message(1)
class Open(PieceMessage):
    """The first thing each side says: first the one that dialled, then the other."""

    ticket: bytes = octets(1, 16)
    version: int = whole(2, 1)
    lines: bytes = octets(3, 32)
    """SHA-256 over the two lines said in the clear, as this side has sent and seen them."""


@_message(2)
class Pieces(PieceMessage):
    """Ask for the hashes of pieces. Answered by one PieceList, or a Refuse with req 0."""

    first: int = whole(1, 4)
    count: int = whole(2, 2)


@_message(3)
class PieceList(PieceMessage):
    """The file's size, the hashes of some of its pieces, its content id, and its time."""

    size: int = whole(1, 8)
    first: int = whole(2, 4)
    hashes: bytes = octets(3)
    content_id: bytes = octets(4, 32)
    modified: int | None = whole(5, 8, default=None)
    """When the file was last changed, in seconds since 1970; nothing proves it."""
    folders: Sequence[bytes] | None = _paths(6, default=None)
    """Paths of empty folders beside the file and beside the folders that it lies in."""


@_message(4)
class Want(PieceMessage):
    """Ask for pieces. Answered by Data until all of them are sent, or by a Refuse."""

    req: int = whole(1, 4)
    piece: int = whole(2, 4)
    count: int = whole(3, 2)


@_message(5)
class Data(PieceMessage):
    """So many bytes of the file follow this frame."""

    req: int = whole(1, 4)
    offset: int = whole(2, 8)
    length: int = whole(3, 4)


class Code(IntEnum):
    """Why something is refused. Other numbers may come."""

    NOT_SERVED = 1
    """The file is not on offer, or was changed."""
    QUEUED = 2
    """All upload slots are taken: `place` and `start` may say for how long."""
    CANCELLED = 3
    """The Want was withdrawn."""
    NO_HASHES = 4
    """The hashes are not known."""


@_message(6)
class Refuse(PieceMessage):
    """What was asked for is not sent, or no more of it. With req 0 nothing at all will be."""

    req: int = whole(1, 4)
    code: int = whole(2, 1)
    text: str = utf8(3)
    """One sentence for a person."""
    place: int | None = whole(4, 2, default=None)
    """The place in the queue."""
    start: int | None = whole(5, 4, default=None)
    """In how many seconds a slot may be free."""


@_message(7)
class Cancel(PieceMessage):
    """Withdraw a Want; what is under way of it still comes."""

    req: int = whole(1, 4)


@_message(8)
class Ping(PieceMessage):
    """Are you there? Answered by a Pong."""


@_message(9)
class Pong(PieceMessage):
    """Yes."""


@_message(10)
class Turn(PieceMessage):
    """Ask for another file from here on. All that was asked for of this one has been answered."""

    path: bytes = octets(1)
    """As it is offered."""
