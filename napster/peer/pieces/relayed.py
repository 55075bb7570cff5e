"""Meeting another peer at a relay: both sides dial it, then all is as at a data port, encrypted.

The downloader shows its ticket, the uploader lets it in.
"""

from collections.abc import Callable
from typing import cast

from twisted.internet.interfaces import IReactorTime
from twisted.internet.tcp import Connection

from napster.peer.pieces.accepting import AcceptingConnection
from napster.peer.pieces.bearing import BearerConnection
from napster.peer.pieces.connection import Conversation
from napster.peer.security.guard import Guard
from napster.peer.security.tickets import Ticket
from napster.wire.transfer import Broken, Event, Joined, Joiner, Mode, TicketShown


class RelayedBearer(BearerConnection):
    """The downloader's side. Raises InsecureError if it would be in the clear."""

    def __init__(
        self,
        clock: IReactorTime,
        guard: Guard,
        ticket: Ticket,
        conversation: Conversation,
        greeted: Callable[[], None],
        token: bytes,
    ) -> None:
        """Show the relay a token; call `greeted` when the other side has proved to be a peer."""
        guard.check_relay(ticket)
        super().__init__(clock, guard, ticket, conversation, greeted)
        self._bearer, self._handshake = self._handshake, Joiner(token)
        self.has_met = False
        """Whether the other side has come to the relay, too."""

    def happened(self, event: Event) -> None:
        """Show the ticket once the other side is there."""
        match event:
            case Joined(leftover):
                self.has_met = True
                self.go_over(self._bearer, leftover)
            case _:
                super().happened(event)


class RelayedAcceptor(AcceptingConnection):
    """The uploader's side. Raises InsecureError if it would be in the clear."""

    def __init__(
        self,
        clock: IReactorTime,
        guard: Guard,
        ticket: Ticket,
        conversation: Conversation,
        greeted: Callable[[], None],
        token: bytes,
    ) -> None:
        """Likewise."""
        guard.check_relay(ticket)
        super().__init__(clock, guard, f"{ticket.nick} at the relay")
        self._handshake = Joiner(token)
        self._expected = ticket
        self._conversation = self._only = conversation
        self._greeted = greeted

    def happened(self, event: Event) -> None:
        """Let in who shows the ticket that the relay was granted for, and nobody else."""
        match event:
            case Joined(leftover):
                self._greeted()
                self.go_over(self.acceptor, leftover)
            case TicketShown(ticket=self._expected.secret, mode=Mode.TLS):
                self.let_in(event)
            case Broken(reason):
                self._give_up(reason)
            case _:
                self._give_up("nothing but the ticket for it opens this connection")

    def start_tls(self) -> None:
        """Encrypt as the server, though both sides have dialled."""
        # The interface lacks the argument, as not every transport has it; one by TCP does.
        cast("Connection", self.transport).startTLS(self._guard.tls, normal=False)

    def conversation_by(self, ticket: Ticket) -> Conversation:  # noqa: ARG002  # there is but one
        """Serve the file."""
        return self._only

    def _give_up(self, reason: str) -> None:
        self.log.info("{peer}: {reason}", peer=self.name, reason=reason)
        self.break_off(reason)
