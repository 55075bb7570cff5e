"""Connecting to another peer with a ticket: to fetch from it, or to push to it."""

from collections.abc import Callable, Sequence

from twisted.internet.interfaces import IReactorTime
from twisted.internet.protocol import Factory

from napster.peer.dialing import DialError
from napster.peer.downloads.tools import Dials
from napster.peer.pieces.connection import Conversation, TicketConnection
from napster.peer.security.guard import Guard
from napster.peer.security.tickets import Ticket
from napster.wire.transfer import Admitted, Bearer, Broken, Denied, Event

SHORT_PATIENCE = 4.0
"""How many seconds an address may take while there is another one."""


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


class Call:
    """Connects to one of the addresses that a peer may have, the likeliest first.

    The next one is tried if one cannot be connected to, or not soon.
    """

    def __init__(self, dialer: Dials, addresses: Sequence[str]) -> None:
        self._dialer = dialer
        self._addresses = addresses
        self.address = addresses[0]
        """The one tried last."""

    def greeted(self) -> None:
        """Take note that the other side has proved to be a peer."""
        self._dialer.greeted(self.address)

    async def make(self, port: int, connection: TicketConnection) -> None:
        """Make the connection. Raises DialError."""
        factory = Factory.forProtocol(lambda: connection)
        factory.noisy = False
        *others, last = self._addresses
        for self.address in others:
            try:
                await self._dialer.dial(self.address, port, factory, SHORT_PATIENCE)
            except DialError:
                continue
            return
        self.address = last
        await self._dialer.dial(last, port, factory)
