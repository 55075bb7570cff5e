"""The relay of an index: how two peers of whom neither can be connected to get there."""

from napster.wire.extension.base import TICKET_BYTES, Extension, extension
from napster.wire.messages.base import CLIENT, SERVER
from napster.wire.tagged import octets, utf8, whole


@extension(20021, CLIENT)
class RelayRequest(Extension):
    """Asks for the relay, for the transfer that a ticket was issued for: by the downloader."""

    ticket: bytes = octets(1, TICKET_BYTES)


@extension(20022, SERVER)
class RelayReady(Extension):
    """Grants it; both sides are told."""

    ticket: bytes = octets(1, TICKET_BYTES)
    port: int = whole(2, 2)
    """Where the relay listens, at the address at which this side is connected to the index."""
    token: bytes = octets(3, TICKET_BYTES)
    """What this side says there, once."""


@extension(20023, SERVER)
class RelayRefused(Extension):
    """Does not grant it."""

    ticket: bytes = octets(1, TICKET_BYTES)
    text: str = utf8(2)
    """Why, in one sentence."""
