"""A connection between two peers while they agree on what to do."""

from collections.abc import Callable, Iterable

from twisted.internet.interfaces import IDelayedCall, IReactorTime, ITCPTransport
from twisted.internet.protocol import Protocol, connectionDone
from twisted.protocols.policies import TimeoutMixin
from twisted.python.failure import Failure

from napster.wire.transfer import QUIET_TIME, Event, Handshake

HANDSHAKE_TIME = 30.0
"""How many seconds a handshake may take, from the connection to the first byte of content."""
STALL_TIME = 120.0
"""After so many seconds without progress a connection is given up."""
SEGMENT_PAUSE = 0.05
"""So many seconds lie between two segments: old programs take what one read returns for one."""


class HandshakeProtocol(Protocol, TimeoutMixin):
    """Carries a handshake; whoever knows what its events mean overrides `happened`.

    One timer watches the whole connection: `setTimeout` and `resetTimeout` as in TimeoutMixin.
    """

    transport: ITCPTransport

    def __init__(self, clock: IReactorTime, handshake: Handshake) -> None:
        self.is_open = False
        self._clock = clock
        self._handshake = handshake
        self._outgoing: list[bytes] = []
        self._next_segment: IDelayedCall | None = None
        self._quiet: IDelayedCall | None = None

    def callLater(  # noqa: N802  # Twisted's name
        self, period: float, func: Callable[[], object]
    ) -> IDelayedCall:
        """Set a timer; TimeoutMixin sets its own here, too."""
        return self._clock.callLater(period, func)

    def connectionMade(self) -> None:
        """Begin: a slow other side cannot stretch the time by sending a byte now and then."""
        self.is_open = True
        self.transport.setTcpNoDelay(True)
        self.setTimeout(HANDSHAKE_TIME)
        self.flush()

    def dataReceived(self, data: bytes) -> None:
        """Go on with the handshake."""
        self.handle(self._handshake.feed(data))

    def handle(self, events: Iterable[Event]) -> None:
        """Act on what a handshake has led to."""
        for event in events:
            if self.is_open:
                self.happened(event)
        if self.is_open:
            self.flush()
            self._watch_for_quiet()

    def go_over(self, handshake: Handshake, data: bytes) -> None:
        """Go on with another handshake, of which some bytes have come."""
        self._handshake = handshake
        self.flush()
        if data:
            self.handle(handshake.feed(data))

    def happened(self, event: Event) -> None:
        """Act on one event."""
        raise NotImplementedError

    def flush(self) -> None:
        """Write what the handshake has to say, in segments: old programs read each by itself."""
        self._outgoing += self._handshake.take_outgoing()
        if self._next_segment is None:
            self._write_segment()

    def _write_segment(self) -> None:
        self._next_segment = None
        if self._outgoing:
            self.transport.write(self._outgoing.pop(0))
        if self._outgoing:
            self._next_segment = self.callLater(SEGMENT_PAUSE, self._write_segment)

    def _watch_for_quiet(self) -> None:
        self._forget_quiet()
        if self._handshake.needs_quiet:
            self._quiet = self.callLater(QUIET_TIME, self._fell_quiet)

    def _fell_quiet(self) -> None:
        self._quiet = None
        self.handle(self._handshake.quiet())

    def _forget_quiet(self) -> None:
        if self._quiet is not None:
            self._quiet.cancel()
            self._quiet = None

    def timeoutConnection(self) -> None:
        """Give up waiting for the other side."""
        self.abort()

    def abort(self) -> None:
        """Close the connection at once, with all that could not be sent."""
        self.is_open = False
        self.transport.abortConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: ARG002  # Twisted's
        """End all waiting."""
        self.is_open = False
        self.setTimeout(None)
        self._forget_quiet()
        if self._next_segment is not None:
            self._next_segment.cancel()
            self._next_segment = None
