"""Connections that a proxy passes on: nobody is there before the proxy has said who."""

from typing import Any

from twisted.internet.interfaces import IAddress, IDelayedCall, IProtocolFactory, IReactorTime
from twisted.internet.protocol import Protocol, connectionDone
from twisted.logger import Logger
from twisted.protocols.policies import ProtocolWrapper, WrappingFactory
from twisted.python.failure import Failure

from napster.daemon.proxy_header import Header, HeaderError, read_header

HEADER_TIME = 10.0
"""So many seconds a proxy has for its header, which it sends before anything else."""
MOST_WAITING = 1_000
"""So many connections of one listener may wait for their header."""


class _Proxied(ProtocolWrapper):
    """One connection: until its header is complete, what is wrapped does nothing."""

    log = Logger()
    factory: "ProxiedFactory"
    transport: Any

    def __init__(self, factory: "ProxiedFactory") -> None:
        super().__init__(factory, Protocol())
        self._came = b""
        self._header: Header | None = None
        self._deadline: IDelayedCall | None = None

    def makeConnection(self, transport: Any) -> None:
        """Wait for the header, if there is room."""
        super().makeConnection(transport)
        if len(self.factory.waiting) >= MOST_WAITING:
            self._turn_away(f"{MOST_WAITING} others wait for their PROXY header")
            return
        self.factory.waiting.add(self)
        self._deadline = self.factory.clock.callLater(HEADER_TIME, self._expire)

    def dataReceived(self, data: bytes) -> None:
        """Take the header, then pass on what comes."""
        if self._header is not None:
            self.wrappedProtocol.dataReceived(data)
            return
        self._came += data
        try:
            header = read_header(self._came)
        except HeaderError as error:
            self._turn_away(f"its PROXY header cannot be read: {error}")
            return
        if header is not None:
            self._begin(header)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Wait no longer."""
        self._stop_waiting()
        super().connectionLost(reason)

    def getPeer(self) -> IAddress:
        """Return whom the proxy has named, or else the proxy."""
        told = self._header.source if self._header else None
        return told or self.transport.getPeer()

    def getHost(self) -> IAddress:
        """Return where at the proxy somebody has connected to, or else where the proxy has."""
        told = self._header.destination if self._header else None
        return told or self.transport.getHost()

    def _begin(self, header: Header) -> None:
        self._stop_waiting()
        self._header = header
        rest, self._came = self._came[header.size :], b""
        wrapped = self.factory.wrappedFactory.buildProtocol(self.getPeer())
        if wrapped is None:
            self.transport.abortConnection()
            return
        self.wrappedProtocol = wrapped
        wrapped.makeConnection(self)
        if rest:
            wrapped.dataReceived(rest)

    def _expire(self) -> None:
        self._deadline = None
        self._turn_away(f"it has sent no whole PROXY header within {HEADER_TIME:.0f} s")

    def _turn_away(self, reason: str) -> None:
        self._stop_waiting()
        peer = self.transport.getPeer()
        proxy = getattr(peer, "host", "local")
        self.log.warn("a connection from {proxy} is closed: {reason}", proxy=proxy, reason=reason)
        self.transport.abortConnection()

    def _stop_waiting(self) -> None:
        self.factory.waiting.discard(self)
        deadline, self._deadline = self._deadline, None
        if deadline is not None:
            deadline.cancel()

    def give_up(self) -> None:
        """Close while there is no header: nobody listens any more."""
        self._stop_waiting()
        self.transport.abortConnection()


class ProxiedFactory(WrappingFactory[_Proxied]):
    """Gives a factory connections as if they came straight from those whom a proxy names.

    The factory hears of a connection once its header is complete, and counts and limits it by the
    address told. Those that wait for theirs are at most MOST_WAITING, each for at most HEADER_TIME.
    One that is closed before it has one is a line in the log.
    """

    noisy = False

    def __init__(self, clock: IReactorTime, factory: IProtocolFactory) -> None:
        super().__init__(factory)
        self.clock = clock
        self.waiting: set[_Proxied] = set()

    def buildProtocol(self, _addr: IAddress | None) -> _Proxied:
        """Make the protocol of a new connection from the proxy."""
        return _Proxied(self)

    def doStop(self) -> None:
        """Close those that wait: the port is given up."""
        super().doStop()
        for each in tuple(self.waiting):
            each.give_up()
