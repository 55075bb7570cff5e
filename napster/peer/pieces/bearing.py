"""Connecting to another peer with a ticket: to fetch from it, or to push to it."""

from collections.abc import Callable

from twisted.internet.interfaces import IReactorTime
from twisted.internet.protocol import Factory

from napster.peer.arrange import Arrangement
from napster.peer.dialing import DialError, NoConnectionError
from napster.peer.downloads.errors import BrokenError, UnreachableError
from napster.peer.downloads.piece_source import PieceSource
from napster.peer.downloads.tools import Dials
from napster.peer.pieces.connection import Conversation, TicketConnection
from napster.peer.pieces.fetching import Fetching
from napster.peer.security.guard import Guard, InsecureError
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


async def call(dialer: Dials, address: str, port: int, connection: BearerConnection) -> None:
    """Make a connection. Raises DialError."""
    factory = Factory.forProtocol(lambda: connection)
    factory.noisy = False
    await dialer.dial(address, port, factory)


class TicketDialer:
    """Connects to sources that serve pieces: a PieceDialer.

    `unreachable` is told the nick of a user whose data port was tried in vain.
    """

    def __init__(
        self,
        clock: IReactorTime,
        dialer: Dials,
        guard: Guard,
        unreachable: Callable[[str], None],
    ) -> None:
        self._clock = clock
        self._dialer = dialer
        self._guard = guard
        self._unreachable = unreachable

    async def dial(self, arrangement: Arrangement) -> PieceSource | None:
        """Connect as was arranged; None if there is no ticket, and none is needed.

        Raises UnreachableError if no connection came about, other SourceErrors.
        """
        source = Fetching(self._clock)
        try:
            if arrangement.ticket is None:
                self._guard.allow_clear()
                return None
            connection = self._connection(arrangement.address, arrangement.ticket, source)
            await call(self._dialer, arrangement.address, arrangement.port, connection)
        except InsecureError as error:
            raise BrokenError(str(error)) from error
        except DialError as error:
            if isinstance(error, NoConnectionError):
                self._unreachable(arrangement.nick)
            raise UnreachableError(str(error)) from error
        await source.opened
        return source

    def _connection(self, address: str, ticket: Ticket, source: Fetching) -> BearerConnection:
        greeted = self._dialer.greeted
        return BearerConnection(self._clock, self._guard, ticket, source, lambda: greeted(address))
