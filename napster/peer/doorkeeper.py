"""How many connections there may be, in all and from one address."""

from collections import Counter

import attrs

from napster.daemon.addresses import limit_key


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
        key = limit_key(host)
        full = self._inside.total() >= self._limits.total
        if full or self._inside[key] >= self._limits.per_address:
            return False
        self._inside[key] += 1
        return True

    def leave(self, host: str) -> None:
        """Count one connection less."""
        key = limit_key(host)
        self._inside[key] -= 1
        if not self._inside[key]:
            del self._inside[key]
