"""What a handshake between two peers can lead to."""

from enum import StrEnum

import attrs

from napster.wire.messages.sharing import Share


class Refusal(StrEnum):
    """The texts that known programs send instead of a size or an offset."""

    INVALID_REQUEST = "INVALID REQUEST"
    FILE_NOT_FOUND = "FILE NOT FOUND"
    FILE_NOT_SHARED = "FILE NOT SHARED"
    FILE_NOT_REQUESTED = "FILE NOT REQUESTED"
    INVALID_DATA = "INVALID DATA"


@attrs.frozen
class GetRequested:
    """The other side wants a file from `offset` on; answer by `accept_get` or `refuse`."""

    nick: str
    path: bytes
    offset: int


@attrs.frozen
class SendRequested:
    """The other side pushes a file of `size` bytes; answer by `accept_send` or `refuse`.

    Some programs send only the last part of the path that was arranged through the index.
    """

    nick: str
    path: bytes
    size: int


@attrs.frozen
class ListRequested:
    """The other side wants the list of files; answer with `list_segments` or `refuse`."""


class Mode(StrEnum):
    """How a connection goes on once a ticket was shown."""

    TLS = "T"
    PLAIN = "P"


class Denial(StrEnum):
    """Why the bearer of a ticket is not let in. Other words may come."""

    TICKET = "TICKET"
    """The ticket is not known, or was used, or is too old."""
    ENCRYPTION = "ENCRYPTION"
    """The two sides cannot agree on a mode."""


@attrs.frozen
class TicketShown:
    """The other side holds a ticket of the index; answer by `admit` or `deny`."""

    ticket: bytes = attrs.field(repr=False)
    mode: Mode


@attrs.frozen
class Admitted:
    """The ticket is good. Go on as the mode says; all further bytes are no longer this side's."""


@attrs.frozen
class Denied:
    """The ticket is not taken. `word` equals a Denial if it is one of the known words."""

    word: str


@attrs.frozen
class Joined:
    """The other side is at the relay, too; `leftover` is what it has said already."""

    leftover: bytes


@attrs.frozen
class SizeKnown:
    """The other side sends a file of `size` bytes; `leftover` is what came of its content.

    `size` is the announced one, or the true one of a file whose announced size an old index cut
    to 32 bits. All further bytes are content and no longer this handshake's. If there are more of
    them than `size` says, the size was misread: another file is sent, and none of it is to be used.
    """

    size: int
    leftover: bytes


@attrs.frozen
class OffsetKnown:
    """The other side takes the file pushed to it, from `offset` on."""

    offset: int


@attrs.frozen
class ListStarted:
    """The other side sends its list under this nick."""

    nick: str


@attrs.frozen
class ListedFile:
    """One file of the list."""

    file: Share


@attrs.frozen
class ListEnded:
    """The list is complete, but for `unreadable` lines that could not be understood."""

    unreadable: int


@attrs.frozen
class Refused:
    """The other side declines. `reason` equals a Refusal if it is one of the known texts."""

    reason: str


@attrs.frozen
class Broken:
    """The other side broke the protocol or left: one sentence. The connection is of no use."""

    reason: str


Event = (
    GetRequested
    | SendRequested
    | ListRequested
    | TicketShown
    | Admitted
    | Denied
    | Joined
    | SizeKnown
    | OffsetKnown
    | ListStarted
    | ListedFile
    | ListEnded
    | Refused
    | Broken
)
