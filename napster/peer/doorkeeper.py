"""How many connections there may be, in all and from one address."""

from collections import Counter
from ipaddress import ip_address, ip_network

import attrs


@attrs.frozen
class ConnectionLimits:
    """How many connections are let in, in all and from one address (one /64 of IPv6)."""

    total: int = 500
    per_address: int = 64


class Doorkeeper:
    """Counts connections; nobody is let in beyond the limits."""

    def __init__(self, limits: ConnectionLimits) -> None:
        self._limits = limits
        self._inside: Counter[str] = Counter()

    def enter(self, host: str) -> bool:
        """Let one more connection from an IP address in, if there is room."""
        key = source_of(host)
        full = self._inside.total() >= self._limits.total
        if full or self._inside[key] >= self._limits.per_address:
            return False
        self._inside[key] += 1
        return True

    def leave(self, host: str) -> None:
        """Count one connection less."""
        key = source_of(host)
        self._inside[key] -= 1
        if not self._inside[key]:
            del self._inside[key]


def source_of(host: str) -> str:
    """Name whom limits by address count as one: an IPv4 address or an IPv6 network of 64 bits."""
    try:
        address = ip_address(host.partition("%")[0])
    except ValueError:
        return host  # not an IP address: a UNIX socket, say
    return host if address.version == 4 else str(ip_network((address, 64), strict=False))
