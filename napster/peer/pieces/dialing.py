"""Connecting to the sources of a download that serve pieces, straight or by a relay."""

from collections.abc import Callable
from functools import partial

import attrs
from twisted.internet.interfaces import IReactorTime

from napster.peer.arrange import Arrangement, RelayPlace
from napster.peer.dialing import DialError, NoConnectionError
from napster.peer.downloads.errors import BrokenError, LostError, UnreachableError
from napster.peer.downloads.piece_source import PieceSource
from napster.peer.downloads.tools import Dials
from napster.peer.pieces.bearing import BearerConnection, Call
from napster.peer.pieces.fetching import Fetching
from napster.peer.pieces.keeping import KeptSources
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
        self._kept = KeptSources(clock)

    def kept(self, nick: str, path: bytes) -> tuple[PieceSource, str] | None:
        """Take a released connection to a user, and the address it goes to, for another file."""
        kept = self._kept.take(nick)
        if kept is None:
            return None
        kept.source.turn(path)
        return kept.source, kept.address

    def close(self) -> None:
        """Close all connections that are kept."""
        self._kept.close()

    async def dial(self, arrangement: Arrangement) -> PieceSource | None:
        """Connect as was arranged; None if there is no ticket, and none is needed.

        Raises UnreachableError if no connection came about, other SourceErrors.
        """
        source = Fetching(self._clock)
        try:
            if arrangement.ticket is None:
                self._guard.allow_clear()
                return None
            dialling = Call(self._dialer, arrangement.addresses)
            connection = self._connection(dialling, arrangement.ticket, source)
            await dialling.make(arrangement.port, connection)
        except InsecureError as error:
            raise BrokenError(str(error)) from error
        except DialError as error:
            if isinstance(error, NoConnectionError):
                self._unreachable(arrangement.nick)
            raise UnreachableError(str(error)) from error
        await source.opened
        source.keep = partial(self._kept.keep, arrangement.nick, dialling.address)
        return source

    def not_pushed(self, nick: str, path: bytes) -> Ticket | None:
        """Take the ticket for a push that has not come, to meet by it; None if it had none."""
        ticket = self._guard.tickets.awaited(nick, path)
        return ticket and attrs.evolve(ticket, dials=True)

    async def meet(self, ticket: Ticket, place: RelayPlace) -> PieceSource:
        """Meet at a relay. Raises UnreachableError if no meeting came about, other SourceErrors."""
        source = Fetching(self._clock)
        dialling = Call(self._dialer, [place.host])
        try:
            connection = RelayedBearer(
                self._clock, self._guard, ticket, source, dialling.greeted, place.token
            )
            await dialling.make(place.port, connection)
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

    def _connection(self, dialling: Call, ticket: Ticket, source: Fetching) -> BearerConnection:
        return BearerConnection(self._clock, self._guard, ticket, source, dialling.greeted)
