"""Classes made of tagged fields."""

import pytest

from napster.wire.errors import ParseError
from napster.wire.tagged import Tagged, octets, tagged_message, write_tagged


@tagged_message
class Parcel(Tagged):
    """Something with a key of four bytes."""

    key: bytes = octets(1, 4)
    rest: bytes | None = octets(2, default=None)


def test_octets_of_a_size() -> None:
    """So many bytes are read, and no other number."""
    assert Parcel.from_body(Parcel(b"abcd", b"").body()) == Parcel(b"abcd", b"")
    with pytest.raises(ParseError, match="field 1 has 3 bytes; it must have 4"):
        Parcel.from_body(write_tagged([(1, b"abc")]))
