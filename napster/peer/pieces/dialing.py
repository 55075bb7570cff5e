"""Connecting to the sources of a download that serve pieces, straight or by a relay."""

from collections.abc import Callable

from twisted.internet.interfaces import IReactorTime

from napster.peer.arrange import Arrangement, RelayPlace
from napster.peer.dialing import DialError, NoConnectionError
from napster.peer.downloads.errors import BrokenError, LostError, UnreachableError
from napster.peer.downloads.piece_source import PieceSource
from napster.peer.downloads.tools import Dials
from napster.peer.pieces.bearing import BearerConnection, call
from napster.peer.pieces.fetching import Fetching
from napster.peer.pieces.relayed import RelayedBearer
from napster.peer.security.guard import Guard, InsecureError
from napster.peer.security.tickets import Ticket


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

    async def meet(self, ticket: Ticket, place: RelayPlace) -> PieceSource:
        """Meet at a relay. Raises UnreachableError if no meeting came about, other SourceErrors."""
        source = Fetching(self._clock)
        greeted = self._dialer.greeted
        try:
            connection = RelayedBearer(
                self._clock, self._guard, ticket, source, lambda: greeted(place.host), place.token
            )
            await call(self._dialer, place.host, place.port, connection)
        except InsecureError as error:
            raise BrokenError(str(error)) from error
        except DialError as error:
            raise UnreachableError(f"the relay: {error}") from error
        try:
            await source.opened
        except LostError as error:
            if connection.has_met:
                raise
            raise UnreachableError(f"{ticket.nick} has not come to the relay") from error
        return source

    def _connection(self, address: str, ticket: Ticket, source: Fetching) -> BearerConnection:
        greeted = self._dialer.greeted
        return BearerConnection(self._clock, self._guard, ticket, source, lambda: greeted(address))
