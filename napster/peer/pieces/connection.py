"""A connection that a ticket opens: two lines in the clear, TLS, then a conversation on pieces."""

from typing import Protocol

from twisted.internet.interfaces import IHandshakeListener, IReactorTime, ITLSTransport
from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from napster.peer.security.guard import Guard
from napster.peer.security.tickets import Ticket
from napster.peer.security.tls import WrongPeerError, check_peer
from napster.peer.uploads.talk import HANDSHAKE_TIME, HandshakeProtocol
from napster.wire.pieces import Terms
from napster.wire.transfer import Handshake, Mode, lines_digest


class Conversation(Protocol):
    """What is said on a connection once nobody else can hear it."""

    def connected(self, connection: "TicketConnection", terms: Terms) -> None:
        """Begin."""

    def received(self, data: bytes) -> None:
        """Take what has come."""

    def ended(self, reason: str, *, broken: bool) -> None:
        """End: the connection is closed, or never got so far. The reason is a clause.

        `broken` says that this side has closed it, for that reason.
        """


@implementer(IHandshakeListener)
class TicketConnection(HandshakeProtocol):
    """A handshake that may turn into a Conversation."""

    transport: ITLSTransport

    def __init__(self, clock: IReactorTime, handshake: Handshake, guard: Guard) -> None:
        super().__init__(clock, handshake)
        self._guard = guard
        self._conversation: Conversation | None = None
        self._conversing = False
        self._ticket: Ticket | None = None
        self._mode = Mode.PLAIN
        self._trouble = ""

    def converse(self, conversation: Conversation, ticket: Ticket, mode: Mode) -> None:
        """Go over to a conversation: both lines have been said."""
        self._conversation, self._ticket, self._mode = conversation, ticket, mode
        self._conversing = True
        if mode is Mode.TLS:
            self.start_tls()
        else:
            self._begin(conversation, ticket)

    def start_tls(self) -> None:
        """Encrypt: who has dialled is the client."""
        self.transport.startTLS(self._guard.tls)

    def handshakeCompleted(self) -> None:  # noqa: N802  # Twisted's name
        """Look who it is, before anything is said or believed."""
        if self._conversation is None or self._ticket is None or not self.is_open:
            return
        try:
            check_peer(self.transport, self._ticket.fingerprint)
        except WrongPeerError as error:
            self._guard.downgrades += 1
            self.break_off(str(error))
        else:
            self._begin(self._conversation, self._ticket)

    def _begin(self, conversation: Conversation, ticket: Ticket) -> None:
        lines = lines_digest(ticket.secret, self._mode)
        terms = Terms(ticket.secret, lines, ticket.dials)
        conversation.connected(self, terms)

    def dataReceived(self, data: bytes) -> None:
        """Go on with the handshake, or with the conversation."""
        if not self._conversing:
            super().dataReceived(data)
        elif self._conversation is not None and self.is_open:
            self._conversation.received(data)

    def break_off(self, reason: str) -> None:
        """Close the connection at once, for a reason of this side's."""
        self._trouble = self._trouble or reason
        self.abort()

    def timeoutConnection(self) -> None:
        """Give up waiting for the other side."""
        seconds = self.timeOut or HANDSHAKE_TIME
        self.break_off(f"nothing has come from the other side for {seconds:.0f} s")

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """End what was going on."""
        super().connectionLost(reason)
        if self._conversation is not None:
            why = self._trouble or reason.getErrorMessage().rstrip(".")
            self._conversation.ended(why, broken=bool(self._trouble))
