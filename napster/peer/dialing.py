"""Connecting to other peers without becoming a weapon.

An index names the addresses its peers connect to; a lying one could point thousands of them at a
victim. So a peer takes no port of a system service, sends nothing before the other side has
greeted, and does not keep trying an address where nothing greets.
"""

from collections import OrderedDict
from ipaddress import ip_address

import attrs
from twisted.internet import error as errors
from twisted.internet.endpoints import TCP4ClientEndpoint, TCP6ClientEndpoint
from twisted.internet.interfaces import IProtocol, IProtocolFactory, IReactorTCP, IReactorTime

from napster.daemon.addresses import limit_key
from napster.wire.addresses import may_be_a_peers

LOWEST_PORT = 1024
"""Ports below belong to services of the system that no peer offers files on."""
CONNECT_TIMEOUT = 20.0
"""How many seconds a connection may take to come about."""
BUDGET = 6
"""How many times an address is tried that has not greeted yet."""
REFILL = 30.0
"""After how many seconds such an address may be tried once more."""
MOST_ADDRESSES = 1024
"""How many addresses are remembered; the one tried longest ago is forgotten first."""

_REASONS: tuple[tuple[type[Exception], str], ...] = (
    (errors.ConnectionRefusedError, "nothing listens there"),
    (errors.TCPTimedOutError, "nothing answers there"),
    (errors.TimeoutError, "nothing answers there"),
    (errors.NoRouteError, "there is no way there from here"),
    (errors.DNSLookupError, "its name is not known"),
    (errors.UnknownHostError, "its name is not known"),
)


def why_unreachable(error: Exception) -> str:
    """Say in a few words why no connection came about."""
    for kind, reason in _REASONS:
        if isinstance(error, kind):
            return reason
    return str(error).rstrip(".")


class DialError(Exception):
    """A connection that did not come about, or must not; the text is one sentence."""


class NoConnectionError(DialError):
    """The data port was tried and could not be connected to."""


@attrs.define
class _Standing:
    attempts: float
    since: float


class DialBudget:
    """How often an address (of IPv6, a /64) may still be tried. A greeting proves it a peer's."""

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._known: OrderedDict[str, _Standing] = OrderedDict()

    def take(self, address: str) -> None:
        """Count an attempt. Raises DialError if there have been too many without a greeting."""
        now, source = self._clock.seconds(), limit_key(address)
        known = self._known.pop(source, None) or _Standing(0, now)
        known.attempts = max(0.0, known.attempts - (now - known.since) / REFILL)
        known.since = now
        self._known[source] = known
        if len(self._known) > MOST_ADDRESSES:
            self._known.popitem(last=False)
        if known.attempts > BUDGET - 1:
            raise DialError(f"{address} has not greeted lately; it is left alone for a while")
        known.attempts += 1

    def greeted(self, address: str) -> None:
        """Forget the attempts at an address: a peer is there."""
        self._known.pop(limit_key(address), None)


class Dialer:
    """Connects to data ports. `reactor` and `clock` are one and the same, outside of tests."""

    def __init__(self, reactor: IReactorTCP, clock: IReactorTime) -> None:
        self._reactor = reactor
        self._budget = DialBudget(clock)

    async def dial(
        self, address: str, port: int, factory: IProtocolFactory, patience: float = CONNECT_TIMEOUT
    ) -> IProtocol:
        """Connect to a peer within so many seconds and return its protocol. Raises DialError."""
        check_destination(address, port)
        self._budget.take(address)
        kind = TCP6ClientEndpoint if ":" in address else TCP4ClientEndpoint
        endpoint = kind(self._reactor, address, port, timeout=patience)
        try:
            return await endpoint.connect(factory)
        except errors.ConnectError as error:
            raise NoConnectionError(
                f"{address} port {port} cannot be connected to: {why_unreachable(error)}"
            ) from error

    def greeted(self, address: str) -> None:
        """Take note that a Napster greeting came from an address."""
        self._budget.greeted(address)


def check_destination(address: str, port: int) -> None:
    """Raise DialError for what cannot be a peer's data port."""
    try:
        host = ip_address(address)
    except ValueError as error:
        raise DialError(f"{address!r} is not an IP address") from error
    if not may_be_a_peers(host):
        raise DialError(f"{address} is not the address of a peer")
    if not LOWEST_PORT <= port < 65536:
        raise DialError(f"port {port} is not a peer's data port: those are 1024 to 65535")
