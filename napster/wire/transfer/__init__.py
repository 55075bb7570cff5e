"""The conversation between two peers before a file's bytes flow, one machine per role.

The side that listens is an `Acceptor`; the side that dials is a `Downloader`, a `Pusher` or a
`Browser`, or among our own programs the `Bearer` of a ticket. Where both sides have to dial a
relay, each is a `Joiner` before. All are `Handshake`s: bytes go in by `feed`, come out by
`take_outgoing`, and what has happened comes back as events (protocol sections 4.5 and 4.6).
"""

from napster.wire.transfer.acceptor import Acceptor
from napster.wire.transfer.bearer import Bearer
from napster.wire.transfer.browser import Browser, list_segments
from napster.wire.transfer.downloader import Downloader
from napster.wire.transfer.events import (
    Admitted,
    Broken,
    Denial,
    Denied,
    Event,
    GetRequested,
    Joined,
    ListedFile,
    ListEnded,
    ListRequested,
    ListStarted,
    Mode,
    OffsetKnown,
    Refusal,
    Refused,
    SendRequested,
    SizeKnown,
    TicketShown,
)
from napster.wire.transfer.handshake import QUIET_TIME, Handshake
from napster.wire.transfer.joiner import JOINED, MAX_RELAY_LINE, Joiner, read_token_line, token_line
from napster.wire.transfer.pusher import Pusher
from napster.wire.transfer.tickets import lines_digest

__all__ = [
    "JOINED",
    "MAX_RELAY_LINE",
    "QUIET_TIME",
    "Acceptor",
    "Admitted",
    "Bearer",
    "Broken",
    "Browser",
    "Denial",
    "Denied",
    "Downloader",
    "Event",
    "GetRequested",
    "Handshake",
    "Joined",
    "Joiner",
    "ListEnded",
    "ListRequested",
    "ListStarted",
    "ListedFile",
    "Mode",
    "OffsetKnown",
    "Pusher",
    "Refusal",
    "Refused",
    "SendRequested",
    "SizeKnown",
    "TicketShown",
    "lines_digest",
    "list_segments",
    "read_token_line",
    "token_line",
]
