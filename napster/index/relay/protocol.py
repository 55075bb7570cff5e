"""Connections to the relay: a line with a token, then bytes that only the two peers can read."""

from typing import Any, Final

from twisted.internet.interfaces import IAddress, IDelayedCall, IPushProducer
from twisted.internet.protocol import Protocol, ServerFactory, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from napster.daemon.addresses import limit_key, unmap_address
from napster.daemon.sockets import limit_unsent
from napster.index.hub import Hub
from napster.index.limits import Allowance, Cost, LimitError
from napster.index.relay.transfer import RelayedConnection, Side
from napster.index.sockets import tune
from napster.wire.errors import ParseError
from napster.wire.transfer import JOINED, read_token_line

LINE_TIME: Final = 10.0
"""So many seconds the line with the token may take."""


@implementer(IPushProducer)
class RelayProtocol(Protocol):
    """One side of a transfer: a RelayedConnection.

    It is the producer of what is written to the other side, and not read while that one is behind
    or while it has sent more than one user may.
    """

    log = Logger()
    transport: Any

    def __init__(self, hub: Hub, host: str) -> None:
        self._hub = hub
        self._host = host
        self._line = b""
        self._timer: IDelayedCall | None = None
        self._allowance: Allowance | None = None
        self._side: Side | None = None
        self._other: RelayedConnection | None = None
        self._is_blocked = False
        self._is_finishing = False

    def connectionMade(self) -> None:
        """Wait for the line."""
        tune(self.transport)
        limit_unsent(self.transport)
        try:
            self._allowance = self._hub.limits.connect(limit_key(self._host))
        except LimitError as error:
            self.log.info("relay: {host}: refused: {why}", host=self._host, why=str(error))
            self.abort()
            return
        self._timer = self._hub.clock.callLater(LINE_TIME, self._refuse, "it shows no token")

    def dataReceived(self, data: bytes) -> None:
        """Pass on what comes, or read the line."""
        if self._other is not None and self._side is not None:
            if self._side.moved(len(data)):
                self._other.pass_on(data)
                self._pace(len(data))
        elif self._side is not None:
            self._refuse("it goes on before the other side is there")
        else:
            self._read_line(data)

    def _read_line(self, data: bytes) -> None:
        self._line += data
        try:
            token = read_token_line(self._line)
        except ParseError as error:
            self._refuse(str(error))
            return
        if token is None:
            return
        self._stop_timer()
        self._side = self._hub.relay.shown(token)
        if self._side is None:
            self._refuse("its token is not known, or was used, or is too old")
        else:
            self._side.come(self)

    def _refuse(self, reason: str) -> None:
        self.log.info("relay: {host}: {why}; closed", host=self._host, why=reason)
        self.abort()

    # As a RelayedConnection.

    def join(self, other: RelayedConnection) -> None:
        """Answer the line, and pass on to the other side what comes from now on."""
        self._other = other
        self.transport.write(JOINED)
        other.take_from(self)

    def take_from(self, producer: IPushProducer) -> None:
        """Let whoever writes here know when it is too much."""
        self.transport.registerProducer(producer, streaming=True)

    def pass_on(self, data: bytes) -> None:
        """Send what the other side has said."""
        self.transport.write(data)

    def finish(self) -> None:
        """Close once all is sent."""
        if not self._is_finishing:
            self._is_finishing = True
            self.transport.unregisterProducer()
            self.transport.loseConnection()

    def abort(self) -> None:
        """Close at once."""
        self.transport.abortConnection()

    # As a producer.

    def pauseProducing(self) -> None:
        """Do not read: the other side is behind."""
        self._is_blocked = True
        self.transport.pauseProducing()

    def resumeProducing(self) -> None:
        """Read on."""
        self._is_blocked = False
        self._read_on()

    def stopProducing(self) -> None:
        """Do nothing: the transfer hears of it when a connection is lost."""

    def _pace(self, count: int) -> None:
        """Rest for a while after more than one user may send."""
        wait = self._allowance.pace(Cost.RELAY, count) if self._allowance else 0.0
        if wait:
            self._timer = self._hub.clock.callLater(wait, self._rested)
            self.transport.pauseProducing()

    def _rested(self) -> None:
        self._timer = None
        self._read_on()

    def _read_on(self) -> None:
        if self._timer is None and not self._is_blocked:
            self.transport.resumeProducing()

    # The end.

    def _stop_timer(self) -> None:
        timer, self._timer = self._timer, None
        if timer is not None and timer.active():
            timer.cancel()

    def connectionLost(self, _reason: Failure = connectionDone) -> None:
        """Tell the transfer."""
        self._stop_timer()
        if self._allowance is not None:
            self._allowance.give_back()
        if self._side is not None:
            self._side.gone()


class RelayFactory(ServerFactory):
    """Lets in whoever comes; only a token leads any further."""

    noisy = False

    def __init__(self, hub: Hub) -> None:
        self._hub = hub

    def buildProtocol(self, addr: IAddress | None) -> RelayProtocol | None:
        """Make the protocol of a new connection; None closes it."""
        host = unmap_address(getattr(addr, "host", "local"))
        return None if self._hub.limits.floods(limit_key(host)) else RelayProtocol(self._hub, host)
