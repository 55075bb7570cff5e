"""Tagged fields, of which the body of an extension message is made, and classes made of them.

A field is a key (u8), a length (u16, little-endian) and so many bytes. Fields stand in any order.
"""

from collections.abc import Callable, Iterable
from struct import Struct, error
from typing import Any, ClassVar, Self, TypeVar, dataclass_transform

import attrs

from napster.wire.errors import ParseError

_HEADER = Struct("<BH")
_TAG = "napster.wire.tag"


def write_tagged(fields: Iterable[tuple[int, bytes]]) -> bytes:
    """Write fields, given as keys and values. Raises ParseError for a value over 65,535 bytes."""
    try:
        return b"".join(_HEADER.pack(key, len(value)) + value for key, value in fields)
    except error:
        raise ParseError("a field that is too long cannot be sent") from None


def read_tagged(body: bytes) -> dict[int, bytes]:
    """Read all fields. Raises ParseError if the last one is cut short, or a key stands twice."""
    values: dict[int, bytes] = {}
    at = 0
    while at < len(body):
        start = at + _HEADER.size
        if start > len(body):
            raise ParseError("the last field is cut short")
        key, length = _HEADER.unpack_from(body, at)
        at = start + length
        if at > len(body):
            raise ParseError(f"field {key} is cut short")
        if key in values:
            raise ParseError(f"field {key} stands twice")
        values[key] = body[start:at]
    return values


@attrs.frozen
class Tag:
    """How a tagged field is found, read and written."""

    key: int
    read: Callable[[bytes], Any]
    write: Callable[[Any], bytes]


def tagged(tag: Tag, **options: Any) -> Any:
    """Declare a field of a kind of its own."""
    return attrs.field(metadata={_TAG: tag}, **options)


def whole(key: int, size: int, kind: Callable[[int], Any] = int, **options: Any) -> Any:
    """Declare a whole number of `size` bytes, little-endian; `kind` makes an enum of it."""

    def read(value: bytes) -> Any:
        _check_size(key, value, size)
        try:
            return kind(int.from_bytes(value, "little"))
        except ValueError:
            raise ParseError(f"field {key} has a value that is not known") from None

    return tagged(Tag(key, read, lambda value: int(value).to_bytes(size, "little")), **options)


def _check_size(key: int, value: bytes, size: int) -> None:
    if len(value) != size:
        raise ParseError(f"field {key} has {len(value)} bytes; it must have {size}")


def utf8(key: int, **options: Any) -> Any:
    """Declare a text in UTF-8; bytes that are not UTF-8 are read as replacement characters."""
    tag = Tag(key, lambda value: value.decode("utf-8", "replace"), str.encode)
    return tagged(tag, **options)


def octets(key: int, size: int | None = None, **options: Any) -> Any:
    """Declare a value kept as bytes: `size` of them, or any number."""

    def read(value: bytes) -> bytes:
        if size is not None:
            _check_size(key, value, size)
        return value

    return tagged(Tag(key, read, bytes), **options)


class Tagged:
    """What is written as tagged fields. A field that is None is absent."""

    __slots__ = ()
    _tags: ClassVar[tuple[tuple[str, Tag, bool], ...]]

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


T = TypeVar("T", bound=Tagged)


@dataclass_transform(frozen_default=True, field_specifiers=(whole, utf8, octets))
def tagged_message(cls: type[T]) -> type[T]:
    """Make a class whose fields are declared as above a frozen value that is read and written."""
    made = attrs.frozen(cls)
    made._tags = tuple(  # noqa: SLF001  # completes the class being made
        (each.name, each.metadata[_TAG], each.default is not attrs.NOTHING)
        for each in attrs.fields(made)  # type: ignore[arg-type]  # just made attrs.frozen
    )
    return made
