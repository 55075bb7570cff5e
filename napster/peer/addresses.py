"""Addresses as the index writes them."""

from ipaddress import IPv4Address


def from_wire(number: int) -> str:
    """Read an IPv4 address from its 32-bit number, octets little-endian, into dotted form."""
    return str(IPv4Address(number.to_bytes(4, "little")))
