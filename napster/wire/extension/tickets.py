"""Tickets: what two peers know each other by when one connects to the other."""

from enum import IntEnum

from napster.wire.extension.base import ID_BYTES, IPV6_BYTES, TICKET_BYTES, Extension, extension
from napster.wire.messages.base import SERVER
from napster.wire.tagged import octets, utf8, whole


class Role(IntEnum):
    """What a side of an arranged transfer does first."""

    CONNECTOR = 1
    """It connects to the other's data port."""
    ACCEPTOR = 2
    """It waits to be connected to."""


class Task(IntEnum):
    """What the file is to a side of an arranged transfer."""

    DOWNLOAD = 1
    """It wants it."""
    UPLOAD = 2
    """It has it."""


@extension(20020, SERVER)
class TicketIssued(Extension):
    """Tells each side of a transfer about the other; good for one connection.

    The uploader gets it right before the 607, the downloader once the uploader has agreed: right
    before the 204, or, if the uploader is to connect, before the 501 is sent to that one.
    """

    nick: bytes = octets(1)
    """The other side's."""
    path: bytes = octets(2)
    """As the uploader shares it."""
    ticket: bytes = octets(3, TICKET_BYTES)
    address: str = utf8(5)
    """The other side's, as published."""
    role: Role = whole(6, 1, Role)
    life: int = whole(7, 2)
    """For so many seconds it is good."""
    task: Task = whole(8, 1, Task)
    fingerprint: bytes | None = octets(4, ID_BYTES, default=None)
    """Of the other side's key; None if that side has told none, since it does not encrypt."""
    ipv6: bytes | None = octets(9, IPV6_BYTES, default=None)
    """Where the other side can be connected to by IPv6, at the same port, if both sides can."""
