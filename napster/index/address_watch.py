"""Whether everybody seems to come from one address, as behind a proxy that hides where from."""

from twisted.logger import Logger

from napster.index.limits import Limits

_FEW = 8
"""From so many connections on it is no chance."""


class AddressWatch:
    """Says so once in the log, and again if it happens again."""

    log = Logger()

    def __init__(self, limits: Limits) -> None:
        self._limits = limits
        self._said = False

    def look(self) -> None:
        """Look at all connections there are."""
        sole = self._limits.sole_address()
        if sole is None:
            self._said = False
        elif sole[1] >= _FEW and not self._said:
            self._said = True
            self.log.warn(
                "all {number} connections come from {address}: unless everybody is there, something"
                " in between hides their addresses, and none can connect to another. Behind a"
                " proxy, have it speak the PROXY protocol and listen on haproxy:tcp:PORT",
                address=sole[0],
                number=sole[1],
            )
