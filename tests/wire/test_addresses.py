"""Addresses travel as little-endian numbers."""

from ipaddress import IPv4Address

from hypothesis import given
from hypothesis import strategies as st

from napster.wire.addresses import address_number, address_text


def test_loopback() -> None:
    """The number every old program knows."""
    assert address_number(IPv4Address("127.0.0.1")) == 16777343
    assert address_text(16777343) == "127.0.0.1"


@given(st.ip_addresses(v=4))
def test_there_and_back(address: IPv4Address) -> None:
    """Every address comes back."""
    assert address_text(address_number(address)) == str(address)
