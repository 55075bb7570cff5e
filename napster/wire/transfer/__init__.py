"""The conversation between two peers before a file's bytes flow, one machine per role.

The side that listens is an `Acceptor`; the side that dials is a `Downloader`, a `Pusher` or a
`Browser`. Each is a `Handshake`: bytes go in by `feed`, come out by `take_outgoing`, and what has
happened comes back as events (protocol sections 4.5 and 4.6).
"""

from napster.wire.transfer.acceptor import Acceptor
from napster.wire.transfer.browser import Browser, list_segments
from napster.wire.transfer.downloader import Downloader
from napster.wire.transfer.events import (
    Broken,
    Event,
    GetRequested,
    ListedFile,
    ListEnded,
    ListRequested,
    ListStarted,
    OffsetKnown,
    Refusal,
    Refused,
    SendRequested,
    SizeKnown,
)
from napster.wire.transfer.handshake import QUIET_TIME, Handshake
from napster.wire.transfer.pusher import Pusher

__all__ = [
    "QUIET_TIME",
    "Acceptor",
    "Broken",
    "Browser",
    "Downloader",
    "Event",
    "GetRequested",
    "Handshake",
    "ListEnded",
    "ListRequested",
    "ListStarted",
    "ListedFile",
    "OffsetKnown",
    "Pusher",
    "Refusal",
    "Refused",
    "SendRequested",
    "SizeKnown",
    "list_segments",
]
