"""IPv4 addresses as the index link writes them: a 32-bit number, octets little-endian."""

from ipaddress import IPv4Address


def address_number(address: IPv4Address) -> int:
    """Write an address: 127.0.0.1 is 16777343 (protocol section 4.3)."""
    return int.from_bytes(address.packed, "little")


def address_text(number: int) -> str:
    """Read an address from its number, from 0 to 2**32 - 1, into dotted form."""
    return str(IPv4Address(number.to_bytes(4, "little")))
