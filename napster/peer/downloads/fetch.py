"""Fetching from a source that can be connected to: the conversation before the content."""

from collections.abc import Callable, Iterable
from typing import Final

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime, ITCPTransport
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure

from napster.peer.downloads.errors import BrokenError, DeclinedError, SourceError
from napster.peer.downloads.reception import Reception
from napster.wire.transfer import QUIET_TIME, Broken, Downloader, Event, Refused, SizeKnown

ANSWER_TIME: Final = 30.0
"""How many seconds a source may take to greet and answer."""

Agree = Callable[[int], Reception]
"""Takes the size a source offers; returns who takes the content, or raises a SourceError."""


class FetchProtocol(Protocol):
    """Asks for a file and hands its content on.

    `agreed` fires with who takes the content once the source has told a size that is right, and
    errbacks with a SourceError. Cancelling it closes the connection.
    """

    transport: ITCPTransport

    def __init__(
        self,
        clock: IReactorTime,
        handshake: Downloader,
        agree: Agree,
        greeted: Callable[[], None],
    ) -> None:
        """Call `greeted` when the other side has proved to be a peer."""
        self._clock = clock
        self._handshake = handshake
        self._agree = agree
        self._greeted = greeted
        self._reception: Reception | None = None
        self._outgoing: list[bytes] = []
        self._timers: dict[str, IDelayedCall] = {}
        self.agreed: Deferred[Reception] = Deferred(lambda _: self._leave())

    def connectionMade(self) -> None:
        """Wait for the greeting."""
        self.transport.setTcpNoDelay(True)
        self._later("answer", ANSWER_TIME, self._give_up)

    def dataReceived(self, data: bytes) -> None:
        """Go on with the conversation, or with the content once that is over."""
        if self._reception is not None:
            self._reception.received(data)
        elif not self.agreed.called:
            self._handle(self._handshake.feed(data))

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Take note that the source, or this side, has closed the connection."""
        if self._reception is None and not self.agreed.called:
            self._handle(self._handshake.closed())
        if self._reception is not None:
            self._reception.lost(reason.getErrorMessage())
        self._leave()

    def _handle(self, events: Iterable[Event]) -> None:
        for event in events:
            match event:
                case SizeKnown(size, leftover):
                    self._begin(size, leftover)
                case Refused(text):
                    self._fail(DeclinedError(f"it answers {text!r}"))
                case Broken(text):
                    self._fail(BrokenError(text))
        if not self.agreed.called:
            self._send(self._handshake.take_outgoing())
            self._watch_for_quiet()

    def _begin(self, size: int, leftover: bytes) -> None:
        self._forget_timers()
        try:
            reception = self._agree(size)
        except SourceError as error:
            self._fail(error)
            return
        self._reception = reception
        reception.connected(self.transport)
        if leftover:
            reception.received(leftover)
        self.agreed.callback(reception)

    def _send(self, segments: list[bytes]) -> None:
        """Write segments one at a time: old programs read each by itself."""
        if segments:
            self._greeted()
        self._outgoing += segments
        if self._outgoing and "segment" not in self._timers:
            self._write_segment()

    def _write_segment(self) -> None:
        self._timers.pop("segment", None)
        if self._outgoing:
            self.transport.write(self._outgoing.pop(0))
            self._later("segment", 0, self._write_segment)

    def _watch_for_quiet(self) -> None:
        quiet = self._timers.pop("quiet", None)
        if quiet is not None and quiet.active():
            quiet.cancel()
        if self._handshake.needs_quiet:
            self._later("quiet", QUIET_TIME, lambda: self._handle(self._handshake.quiet()))

    def _give_up(self) -> None:
        self._fail(BrokenError(f"it did not answer within {ANSWER_TIME:.0f} s"))

    def _fail(self, error: SourceError) -> None:
        self._leave()
        if not self.agreed.called:
            self.agreed.errback(error)

    def _leave(self) -> None:
        self._forget_timers()
        self.transport.loseConnection()

    def _later(self, name: str, delay: float, call: Callable[[], None]) -> None:
        self._timers[name] = self._clock.callLater(delay, call)

    def _forget_timers(self) -> None:
        for timer in self._timers.values():
            if timer.active():
                timer.cancel()
        self._timers.clear()


class FetchFactory(Factory[FetchProtocol]):
    """Hands out the protocol of one fetch."""

    noisy = False

    def __init__(self, protocol: FetchProtocol) -> None:
        self._fetch = protocol

    def buildProtocol(self, addr: object) -> FetchProtocol:  # noqa: ARG002  # given by Twisted
        """Hand out the protocol."""
        return self._fetch
