"""Fetching from a source that can be connected to: the conversation before the content."""

from collections.abc import Callable

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.protocol import Factory, connectionDone
from twisted.python.failure import Failure

from napster.peer.downloads.errors import BrokenError, DeclinedError, SourceError
from napster.peer.downloads.reception import Reception
from napster.peer.uploads.talk import HANDSHAKE_TIME, HandshakeProtocol
from napster.wire.transfer import Broken, Downloader, Event, Refused, SizeKnown

Agree = Callable[[int], Reception]
"""Takes the size a source offers; returns who takes the content, or raises a SourceError."""


class FetchProtocol(HandshakeProtocol):
    """Asks for a file and hands its content on.

    `agreed` fires with who takes the content once the source has told a size that is right, and
    errbacks with a SourceError. Cancelling it closes the connection.
    """

    def __init__(
        self,
        clock: IReactorTime,
        handshake: Downloader,
        agree: Agree,
        greeted: Callable[[], None],
    ) -> None:
        """Call `greeted` when the other side has proved to be a peer."""
        super().__init__(clock, handshake)
        self._agree = agree
        self._greeted = greeted
        self._reception: Reception | None = None
        self.agreed: Deferred[Reception] = Deferred(lambda _: self.abort())

    def dataReceived(self, data: bytes) -> None:
        """Go on with the handshake, or with the content once that is over."""
        if self._reception is not None:
            self._reception.received(data)
        elif self.is_open:
            super().dataReceived(data)
            if self.is_open:
                self._greeted()

    def happened(self, event: Event) -> None:
        """Take the content, or give up."""
        match event:
            case SizeKnown(size, leftover):
                self._begin(size, leftover)
            case Refused(text):
                self._fail(DeclinedError(f"it answers {text!r}"))
            case Broken(text):
                self._fail(BrokenError(text))

    def _begin(self, size: int, leftover: bytes) -> None:
        self.setTimeout(None)
        try:
            reception = self._agree(size)
        except SourceError as error:
            self._fail(error)
            return
        self._reception = reception
        reception.connected(self.transport)
        self.agreed.callback(reception)
        if leftover:
            reception.received(leftover)

    def timeoutConnection(self) -> None:
        """Give up a source that does not answer."""
        self._fail(BrokenError(f"it did not answer within {HANDSHAKE_TIME:.0f} s"))

    def _fail(self, error: SourceError) -> None:
        self.abort()
        if not self.agreed.called:
            self.agreed.errback(error)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Take note that the source, or this side, has closed the connection."""
        if self._reception is None and self.is_open:
            self.handle(self._handshake.closed())
        super().connectionLost(reason)
        if self._reception is not None:
            self._reception.lost(reason.getErrorMessage().rstrip("."))


class FetchFactory(Factory[FetchProtocol]):
    """Hands out the protocol of one fetch."""

    noisy = False

    def __init__(self, protocol: FetchProtocol) -> None:
        self._fetch = protocol

    def buildProtocol(self, addr: object) -> FetchProtocol:  # noqa: ARG002  # given by Twisted
        """Hand out the protocol."""
        return self._fetch
