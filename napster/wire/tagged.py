"""Tagged fields, of which the body of an extension message is made.

A field is a key (u8), a length (u16, little-endian) and so many bytes. Fields stand in any order.
"""

from collections.abc import Iterable
from struct import Struct, error

from napster.wire.errors import ParseError

_HEADER = Struct("<BH")


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
