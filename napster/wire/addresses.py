"""Addresses of peers: how they are written on the index link, and which there can be.

An IPv4 address is a 32-bit number, octets little-endian.
"""

from ipaddress import IPv4Address, IPv6Address, IPv6Network

_TRANSLATED = tuple(map(IPv6Network, ("64:ff9b::/96", "64:ff9b:1::/48")))
"""Names an IPv4 address in an IPv6 one (RFC 6052, RFC 8215)."""


def address_number(address: IPv4Address) -> int:
    """Write an address: 127.0.0.1 is 16777343 (protocol section 4.3)."""
    return int.from_bytes(address.packed, "little")


def address_text(number: int) -> str:
    """Read an address from its number, from 0 to 2**32 - 1, into dotted form."""
    return str(IPv4Address(number.to_bytes(4, "little")))


def may_be_a_peers(address: IPv4Address | IPv6Address) -> bool:
    """Tell whether a peer may be connected to at an address.

    An IPv6 address that stands for an IPv4 one may not be, for who looks at addresses would not see
    whose that is; nor may one that means something else on each link.
    """
    is_reserved = address.is_reserved and not address.is_loopback
    if is_reserved or address.is_multicast or address.is_unspecified or address.is_link_local:
        return False
    if isinstance(address, IPv4Address):
        return True
    hides_ipv4 = address.ipv4_mapped or address.sixtofour or address.teredo
    is_translated = any(address in network for network in _TRANSLATED)
    means_much = address.is_site_local or address.scope_id is not None
    return not (hides_ipv4 or is_translated or means_much)
