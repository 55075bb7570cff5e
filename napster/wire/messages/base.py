"""How a message class describes its fields, and how it becomes a frame and is read from one."""

from collections.abc import Callable
from enum import Enum
from typing import Any, ClassVar, Self, TypeVar, dataclass_transform

import attrs

from napster.wire.errors import ParseError
from napster.wire.fields import FieldReader, argument, parse_number, quote, write_text
from napster.wire.framing import MAX_BODY, encode

_KIND = "napster.wire.field"


class Sender(Enum):
    """Which side of the index link sends a message."""

    CLIENT = "client"
    SERVER = "server"


@attrs.frozen
class _Kind:
    """How a field is read and written; one that reaches to the end may also be empty."""

    read: Callable[[FieldReader], Any]
    write: Callable[[Any], bytes]
    to_end: bool = False


@attrs.frozen
class _Slot:
    """A field of a message class: its name, its kind, and whether it may be absent."""

    name: str
    kind: _Kind
    optional: bool


class Message:
    """One message of the index link; subclasses are frozen values found by number."""

    __slots__ = ()
    type: ClassVar[int]
    _layout: ClassVar[tuple[_Slot, ...]]

    @classmethod
    def from_body(cls, body: bytes) -> Self:
        """Read the fields of a body; extra fields are ignored. Raises ParseError."""
        return cls.read(FieldReader(body))

    @classmethod
    def read(cls, reader: FieldReader) -> Self:
        """Take the fields off a reader. Raises ParseError."""
        values = {}
        for slot in cls._layout:
            if slot.optional and not slot.kind.to_end and reader.at_end():
                break
            values[slot.name] = slot.kind.read(reader)
        return cls(**values)

    def evolve(self, **changes: Any) -> Self:
        """Make a copy with other values in some fields."""
        return attrs.evolve(self, **changes)  # type: ignore[misc]  # `message` makes it attrs.frozen

    def body(self) -> bytes:
        """Write the fields as they stand on the wire. Raises ParseError for what cannot be sent."""
        parts: list[bytes] = []
        absent = False
        for slot in self._layout:
            value = getattr(self, slot.name)
            if value is None:
                absent = True
            elif absent:
                raise ParseError(f"message {self.type} has a field behind one that is absent")
            else:
                parts.append(slot.kind.write(value))
        if parts and not parts[-1]:
            del parts[-1]
        return b" ".join(parts)

    def frame(self) -> bytes:
        """Write length, type and body. Raises ParseError and FrameTooLongError."""
        return encode(self.type, self.body())


def fits(message: Message) -> bool:
    """Whether old programs accept a message: its body has at most MAX_BODY bytes."""
    return len(message.body()) <= MAX_BODY


M = TypeVar("M", bound=Message)


def _field(kind: _Kind, **options: Any) -> Any:
    return attrs.field(metadata={_KIND: kind}, **options)


def _read_text(reader: FieldReader) -> str:
    return reader.argument().decode("latin-1")


def word(**options: Any) -> Any:
    """Declare a field of one word: a nick, an e-mail address (text in Latin-1)."""
    return _field(_Kind(_read_text, write_text), **options)


def token(**options: Any) -> Any:
    """Declare a field of one word kept as bytes: a password, a hash."""
    return _field(_Kind(FieldReader.argument, argument), **options)


def quoted(**options: Any) -> Any:
    """Declare a field in double quotes, kept as bytes: a path, a client string."""
    return _field(_Kind(FieldReader.argument, quote), **options)


def number(*, highest: int = 2**64 - 1, lenient: bool = False, **options: Any) -> Any:
    """Declare a decimal field from 0 to `highest`; a lenient one reads anything else as 0."""

    def read(reader: FieldReader) -> int:
        text = reader.argument()
        try:
            return parse_number(text, highest)
        except ParseError:
            if lenient:
                return 0
            raise

    def write(value: int) -> bytes:
        if not 0 <= value <= highest:
            raise ParseError(f"{value} cannot be sent: it is not a number from 0 to {highest}")
        return b"%d" % value

    return _field(_Kind(read, write), **options)


def _write_rest(value: bytes) -> bytes:
    if b"\0" in value:
        raise ParseError("a NUL cannot be sent: it would end the text")
    return value


def rest(**options: Any) -> Any:
    """Declare the last field: everything to the end of the body, spaces included."""
    return _field(_Kind(FieldReader.rest, _write_rest, to_end=True), **options)


def write_remark(value: bytes) -> bytes:
    """Write a remark: in quotes, or nothing at all if there is none. Raises ParseError."""
    return quote(value) if value else b""


def _read_remark(reader: FieldReader) -> bytes:
    text = reader.rest().strip(b" ")
    if text.startswith(b'"'):
        inner, closing, _ = text[1:].rpartition(b'"')
        text = inner if closing else text[1:]
    return text.replace(b'"', b"'")


def remark(**options: Any) -> Any:
    """Declare the last field, a quoted text for people, which people send with odd quotes.

    The outer quotes may be missing, and those inside are read as apostrophes.
    """
    return _field(_Kind(_read_remark, write_remark, to_end=True), **options)


def write_words(values: tuple[str, ...]) -> bytes:
    """Write words one after the other. Raises ParseError."""
    return b" ".join(map(write_text, values))


def _read_words(reader: FieldReader) -> tuple[str, ...]:
    found = []
    while not reader.at_end():
        found.append(_read_text(reader))
    return tuple(found)


def words(**options: Any) -> Any:
    """Declare a last field of any number of words, none included."""
    return _field(_Kind(_read_words, write_words, to_end=True), **options)


def structured(
    read: Callable[[FieldReader], Any],
    write: Callable[[Any], bytes],
    **options: Any,
) -> Any:
    """Declare a last field with a grammar of its own."""
    return _field(_Kind(read, write, to_end=True), **options)


CLIENT_MESSAGES: dict[int, type[Message]] = {}
"""What a client may send, by number."""
SERVER_MESSAGES: dict[int, type[Message]] = {}
"""What a server may send, by number."""


@dataclass_transform(
    frozen_default=True,
    field_specifiers=(word, token, quoted, number, rest, remark, words, structured),
)
def message(number: int, *senders: Sender) -> Callable[[type[M]], type[M]]:
    """Make a class a frozen message of this number and register it for who sends it."""

    def decorate(cls: type[M]) -> type[M]:
        made = attrs.frozen(cls)
        made.type = number
        made._layout = tuple(_slots(made))  # noqa: SLF001  # completes the class being made
        for sender in senders:
            table = CLIENT_MESSAGES if sender is Sender.CLIENT else SERVER_MESSAGES
            if number in table:
                raise ValueError(f"message {number} of the {sender.value} is declared twice")
            table[number] = made
        return made

    return decorate


def _slots(cls: type[Message]) -> list[_Slot]:
    fields = attrs.fields(cls)  # type: ignore[arg-type]  # `message` has just made it attrs.frozen
    return [
        _Slot(each.name, each.metadata[_KIND], each.default is not attrs.NOTHING) for each in fields
    ]


CLIENT = Sender.CLIENT
SERVER = Sender.SERVER
