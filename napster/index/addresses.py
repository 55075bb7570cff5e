"""Which address of a user others are told: only the one the index has seen itself."""

from collections.abc import Mapping
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_network

import attrs

from napster.daemon.addresses import parse_host
from napster.wire.addresses import address_number, may_be_a_peers

NOWHERE = 0
"""The address of somebody whom old programs cannot reach."""

Network = IPv4Network | IPv6Network


@attrs.frozen
class Peer:
    """The other end of a connection."""

    host: str
    port: int

    def __str__(self) -> str:
        """Write it as in a URL."""
        return f"[{self.host}]:{self.port}" if ":" in self.host else f"{self.host}:{self.port}"


class AddressMap:
    """Turns an observed address into the published one.

    A peer beside the index would else be 127.0.0.1 for everybody. `entries` maps networks or single
    addresses to public IPv4 addresses; the narrowest network that holds an address decides.
    """

    def __init__(self, entries: Mapping[str, str]) -> None:
        """Read the entries; raises ValueError naming the one that is not an address."""
        pairs = [(ip_network(source), IPv4Address(target)) for source, target in entries.items()]
        self._pairs = sorted(pairs, key=lambda pair: pair[0].prefixlen, reverse=True)

    def publish(self, host: str) -> int:
        """Return the address to publish as a u32 with little-endian octets, or NOWHERE.

        The wire has room for IPv4 only: an IPv6 user whom the map does not know is nowhere.
        """
        pair = self._pair(host)
        return address_number(pair[1]) if pair else observed_number(host)

    def are_neighbours(self, host: str, other: str) -> bool:
        """Whether two stand behind one public address, which then leads neither to the other."""
        pair = self._pair(host)
        return pair is not None and pair is self._pair(other)

    def _pair(self, host: str) -> tuple[Network, IPv4Address] | None:
        address = parse_host(host)
        if address is None:
            return None
        return next((pair for pair in self._pairs if address in pair[0]), None)


def observed_number(host: str) -> int:
    """Return an observed address as `publish` does where no map says otherwise."""
    address = parse_host(host)
    return address_number(address) if isinstance(address, IPv4Address) else NOWHERE


def observed_ipv6(host: str) -> bytes | None:
    """Return an observed address as others may connect to it; None if it is none of IPv6."""
    address = parse_host(host)
    is_one = isinstance(address, IPv6Address) and may_be_a_peers(address)
    return address.packed if address and is_one else None
