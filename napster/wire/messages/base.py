"""How a message class describes its fields, and how it becomes a frame and is read from one."""

from collections.abc import Callable
from enum import Enum
from struct import Struct
from typing import Any, ClassVar, Self, TypeVar, dataclass_transform

import attrs

from napster.wire.errors import ParseError
from napster.wire.fields import FieldReader, parse_number, quote

HEADER = Struct("<HH")
MAX_BODY = 2048
"""The longest body old programs accept, in bytes (seen: 2,049 closes the connection)."""

_KIND = "napster.wire.field"


class Sender(Enum):
    """Which side of the index link sends a message."""

    CLIENT = "client"
    SERVER = "server"


@attrs.frozen
class _Kind:
    read: Callable[[FieldReader], Any]
    write: Callable[[Any], bytes]


class Message:
    """One message of the index link; subclasses are frozen values found by number."""

    __slots__ = ()
    type: ClassVar[int]

    @classmethod
    def from_body(cls, body: bytes) -> Self:
        """Read the fields of a body; extra fields are ignored. Raises ParseError."""
        reader = FieldReader(body)
        values = {}
        for field in _fields(cls):
            if field.default is not attrs.NOTHING and reader.at_end():
                break
            values[field.alias] = field.metadata[_KIND].read(reader)
        return cls(**values)

    def body(self) -> bytes:
        """The fields as they stand on the wire. Raises ParseError for what cannot be sent."""
        parts = []
        for field in _fields(type(self)):
            value = getattr(self, field.name)
            if value is not None:
                parts.append(field.metadata[_KIND].write(value))
        return b" ".join(parts)

    def frame(self) -> bytes:
        """The whole frame: length, type, body."""
        body = self.body()
        return HEADER.pack(len(body), self.type) + body


def _fields(cls: type[Message]) -> tuple["attrs.Attribute[Any]", ...]:
    return attrs.fields(cls)  # type: ignore[arg-type]  # every registered subclass is attrs.frozen


M = TypeVar("M", bound=Message)


def _read_text(reader: FieldReader) -> str:
    return reader.argument().decode("latin-1")


def _write_text(value: str) -> bytes:
    return value.encode("latin-1", errors="replace")


def _write_number(value: int) -> bytes:
    return b"%d" % value


def _field(kind: _Kind, **options: Any) -> Any:
    return attrs.field(metadata={_KIND: kind}, **options)


def word(**options: Any) -> Any:
    """Declare a field of one word: a nick, an e-mail address (text in Latin-1, no spaces)."""
    return _field(_Kind(_read_text, _write_text), **options)


def token(**options: Any) -> Any:
    """Declare a field of one word kept as bytes: a password, a hash."""
    return _field(_Kind(FieldReader.argument, bytes), **options)


def quoted(**options: Any) -> Any:
    """Declare a field in double quotes, kept as bytes: a path, a client string."""
    return _field(_Kind(FieldReader.argument, quote), **options)


def number(*, highest: int = 2**64 - 1, lenient: bool = False, **options: Any) -> Any:
    """Declare a decimal field from 0 to `highest`; a lenient one reads anything else as 0."""

    def read(reader: FieldReader) -> int:
        try:
            return parse_number(reader.argument(), highest)
        except ParseError:
            if lenient:
                return 0
            raise

    return _field(_Kind(read, _write_number), **options)


def rest(**options: Any) -> Any:
    """Declare the last field: everything to the end of the body, spaces included."""
    return _field(_Kind(FieldReader.rest, bytes), **options)


CLIENT_MESSAGES: dict[int, type[Message]] = {}
"""What a client may send, by number."""
SERVER_MESSAGES: dict[int, type[Message]] = {}
"""What a server may send, by number."""


@dataclass_transform(frozen_default=True, field_specifiers=(word, token, quoted, number, rest))
def message(number: int, *senders: Sender) -> Callable[[type[M]], type[M]]:
    """Make a class a frozen message of this number and register it for who sends it."""

    def decorate(cls: type[M]) -> type[M]:
        made = attrs.frozen(cls)
        made.type = number
        for sender in senders:
            table = CLIENT_MESSAGES if sender is Sender.CLIENT else SERVER_MESSAGES
            if number in table:
                raise ValueError(f"message {number} of the {sender.value} is declared twice")
            table[number] = made
        return made

    return decorate


CLIENT = Sender.CLIENT
SERVER = Sender.SERVER
