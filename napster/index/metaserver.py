"""The metaserver port: where programs of the time ask which server to use.

Whoever connects is told one line, `ADDRESS:PORT`, and the connection ends. Nobody is told to be
turned away (some servers said `127.0.0.1:0`): an index that is full says so itself.
"""

from collections.abc import Callable, Sequence
from ipaddress import IPv4Address
from itertools import cycle
from typing import Any

from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import Protocol, ServerFactory
from twisted.logger import Logger

from napster.daemon.addresses import limit_key
from napster.index.addresses import NOWHERE
from napster.index.hub import Hub
from napster.index.limits import Cost, LimitError
from napster.wire.addresses import address_text

Server = tuple[IPv4Address, int]


class MetaserverProtocol(Protocol):
    """One caller, answered at once."""

    log = Logger()
    transport: Any

    def __init__(self, answer: Callable[[str, str], str | None]) -> None:
        self._answer = answer

    def connectionMade(self) -> None:
        """Name a server, and hang up."""
        caller, here = self.transport.getPeer(), self.transport.getHost()
        server = self._answer(getattr(caller, "host", ""), getattr(here, "host", ""))
        if server:
            self.transport.write(f"{server}\n".encode("ascii"))
        self.transport.loseConnection()


class MetaserverFactory(ServerFactory):
    """Names the servers one after the other, or this index if there are none."""

    noisy = False
    log = Logger()

    def __init__(self, hub: Hub, servers: Sequence[Server], own_port: Callable[[], int]) -> None:
        self._hub = hub
        self._servers = cycle(servers) if servers else None
        self._own_port = own_port

    def buildProtocol(self, _addr: IAddress | None) -> MetaserverProtocol:
        """Make the protocol of a new connection."""
        return MetaserverProtocol(self._server_for)

    def _server_for(self, caller: str, here: str) -> str | None:
        """Name a server to somebody who has connected to an address of this machine.

        None for somebody who asks too often, and for an address that has no IPv4 form.
        """
        try:
            self._hub.limits.spend(Cost.CONNECTION, limit_key(caller))
        except LimitError as error:
            self.log.info("metaserver: {caller}: {error}", caller=caller, error=error)
            return None
        return "{}:{}".format(*next(self._servers)) if self._servers else self._own(here)

    def _own(self, here: str) -> str | None:
        address, port = self._hub.address_map.publish(here), self._own_port()
        if address == NOWHERE or not port:
            self.log.info("metaserver: {here} is no address for old programs", here=here)
            return None
        return f"{address_text(address)}:{port}"
