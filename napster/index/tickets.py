"""Tickets: what both sides of an arranged transfer get, so that they know each other."""

import secrets
from typing import TYPE_CHECKING

import attrs
from twisted.internet.interfaces import IReactorTime

from napster.index.network import User
from napster.index.nicks import nick_key
from napster.wire.addresses import address_text
from napster.wire.extension import TICKET_BYTES, Feature, Role, Task, TicketIssued

if TYPE_CHECKING:
    from napster.index.hub import Hub
    from napster.index.requests import FileRequest

LIFE = 60
"""So many seconds a ticket is good."""


@attrs.frozen
class Ticket:
    """Good for one connection between two users."""

    secret: bytes = attrs.field(repr=False)
    ends: float
    """When it is good no longer, by the monotonic clock."""


def new_ticket(clock: IReactorTime) -> Ticket:
    """Make a ticket."""
    return Ticket(secrets.token_bytes(TICKET_BYTES), clock.seconds() + LIFE)


def may_have_ticket(user: User, other: User) -> bool:
    """Whether the programs of both know what a ticket is."""
    return user.uses(Feature.SECURE) and other.uses(Feature.SECURE)


def issued(
    hub: "Hub", request: "FileRequest", ticket: Ticket, user: User, other: User
) -> TicketIssued:
    """Make what `user` gets, who is one of the two that the request is about."""
    downloads = nick_key(user.nick) == nick_key(request.asker)
    return TicketIssued(
        nick=other.nick.encode("ascii"),
        path=request.file.path,
        ticket=ticket.secret,
        address=address_text(hub.address_for(user, other)),
        role=Role.CONNECTOR if downloads is not request.push else Role.ACCEPTOR,
        life=LIFE,
        task=Task.DOWNLOAD if downloads else Task.UPLOAD,
        fingerprint=other.fingerprint,
        ipv6=user.ipv6_of(other),
    )
