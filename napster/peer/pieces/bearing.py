"""Connecting to another peer with a ticket: to fetch from it, or to push to it."""

from collections.abc import Callable

from twisted.internet.interfaces import IReactorTime
from twisted.internet.protocol import Factory

from napster.peer.downloads.tools import Dials
from napster.peer.pieces.connection import Conversation, TicketConnection
from napster.peer.security.guard import Guard
from napster.peer.security.tickets import Ticket
from napster.wire.transfer import Admitted, Bearer, Broken, Denied, Event


class BearerConnection(TicketConnection):
    """A connection to a peer that has been told of the ticket, too.

    Raises InsecureError if it would be in the clear and must not.
    """

    def __init__(
        self,
        clock: IReactorTime,
        guard: Guard,
        ticket: Ticket,
        conversation: Conversation,
        greeted: Callable[[], None],
    ) -> None:
        """Call `greeted` when the other side has proved to be a peer."""
        mode = guard.mode(ticket)
        super().__init__(clock, Bearer(ticket.secret, mode), guard)
        self._conversation = conversation
        self._greeted = greeted
        self._admitted = lambda: self.converse(conversation, ticket, mode)

    def happened(self, event: Event) -> None:
        """Go over to the conversation, or give up."""
        match event:
            case Admitted():
                self._greeted()
                self._admitted()
            case Denied(word):
                self.break_off(f"it does not take the ticket: {word}")
            case Broken(reason):
                self.break_off(reason)


async def call(dialer: Dials, address: str, port: int, connection: TicketConnection) -> None:
    """Make a connection. Raises DialError."""
    factory = Factory.forProtocol(lambda: connection)
    factory.noisy = False
    await dialer.dial(address, port, factory)
