"""Sending files through the relay of an index, to downloaders who can only be met there."""

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from napster.peer.arrange import RelayPlace
from napster.peer.dialing import DialError
from napster.peer.pieces.bearing import Call
from napster.peer.pieces.relayed import RelayedAcceptor
from napster.peer.pieces.serving import Serving, slots_of
from napster.peer.security.guard import InsecureError
from napster.peer.security.tickets import Ticket
from napster.peer.uploads.pushing import PushParts
from napster.wire.fields import display

MOST_AT_ONCE = 64
"""At so many places at once this peer waits for a downloader or serves one."""


class Relays:
    """Goes to the relay for those who hold a ticket for a file of this peer's."""

    log = Logger()

    def __init__(self, parts: PushParts) -> None:
        self._parts = parts
        self._under_way = 0

    def meet(self, secret: bytes, place: RelayPlace) -> None:
        """Meet the one whom a ticket was given out to; what goes wrong is logged."""
        ticket = self._parts.guard.tickets.to_serve(secret)
        if ticket is None or self._under_way >= MOST_AT_ONCE:
            why = "the ticket is not known" if ticket is None else "too many are under way"
            self.log.info("relay at {host}: not gone to: {why}", host=place.host, why=why)
            return
        self._under_way += 1
        meeting = Deferred.fromCoroutine(self._serve(ticket, place))
        meeting.addErrback(self._failed, ticket).addBoth(self._over)

    def _over(self, _result: None) -> None:
        self._under_way -= 1

    def _failed(self, failure: Failure, ticket: Ticket) -> None:
        nick = display(ticket.nick.encode("latin-1", "replace"))
        if failure.check(DialError, InsecureError):
            why = failure.getErrorMessage()
            self.log.info("{nick} not met at the relay: {why}", nick=nick, why=why)
        else:
            self.log.failure("{nick}: sending through the relay has failed", failure, nick=nick)

    async def _serve(self, ticket: Ticket, place: RelayPlace) -> None:
        parts = self._parts
        fingerprint = parts.guard.proves(ticket)
        address = parts.desk.access.worst_address(ticket.addresses)
        dialling = Call(parts.dialer, [place.host])
        slots = slots_of(parts.desk, ticket, address, fingerprint)
        serving = Serving(parts.library, slots, ticket.path, f"{ticket.nick} at the relay")
        connection = RelayedAcceptor(
            parts.clock,
            parts.guard,
            ticket,
            serving,
            dialling.greeted,
            place.token,
        )
        await dialling.make(place.port, connection)
        await serving.over
