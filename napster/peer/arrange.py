"""What a transfer needs of the index: finding out where to connect, and telling how it went."""

from collections.abc import Sequence
from typing import Protocol

import attrs

from napster.peer.security.tickets import Ticket
from napster.wire.extension import Found
from napster.wire.messages.searching import BrowseFile, SearchHit, Source
from napster.wire.search import SearchQuery


class ArrangeError(Exception):
    """A transfer could not be arranged now; the text is one sentence, retrying may help."""


class IndexAwayError(ArrangeError):
    """There is no login at the index at the moment."""


class OfflineError(ArrangeError):
    """The user is not online."""


class NotSharedError(ArrangeError):
    """The user is online and does not share that file."""


class RefusedError(ArrangeError):
    """The user does not want to send the file."""


class NoAnswerError(ArrangeError):
    """The user did not answer in time."""


class FirewalledError(ArrangeError):
    """Neither side can be connected to."""


class QueuedError(ArrangeError):
    """The uploader's slots are all taken; ask again later.

    `start` tells in how many seconds one may be free, if the uploader has told.
    """

    def __init__(self, message: str, place: int, start: int | None = None) -> None:
        super().__init__(message)
        self.place = place
        self.start = start


@attrs.frozen
class Arrangement:
    """The uploader agreed: connect there.

    A port of 0 means that the uploader must push, or with a ticket, that only a relay leads there.
    """

    nick: str
    path: bytes
    address: str
    """Of IPv4, if the user has one."""
    port: int
    md5: bytes
    speed: int
    ticket: Ticket | None = None
    """What to connect with, if both sides know what that is; good for one connection."""

    @property
    def addresses(self) -> Sequence[str]:
        """Where to connect to, the likeliest first."""
        return self.ticket.addresses if self.ticket and self.ticket.ipv6 else [self.address]


@attrs.frozen
class RelayPlace:
    """Where to meet the other side of a transfer, and what to say there; good for once."""

    host: str
    port: int
    token: bytes = attrs.field(repr=False)


@attrs.frozen
class Holder:
    """A user who has a content, as the index says; `speed` is a link speed of the protocol."""

    nick: str
    path: bytes
    speed: int = 0
    free_slots: int | None = None
    """How many upload slots are free; None if that is not known."""


@attrs.frozen
class SearchAnswer:
    """What a search found: files, each with all its offers where the index groups them."""

    hits: Sequence[SearchHit | Found]
    notes: Sequence[str] = ()
    """What there is to know about it, one sentence each."""


class Arranger(Protocol):
    """The index link as transfers see it. Nicks are compared without case."""

    nick: str
    """The nick this peer is logged in under (or wants to be)."""

    @property
    def online(self) -> bool:
        """Whether the login has succeeded and the link stands."""

    @property
    def firewalled(self) -> bool:
        """Whether others cannot connect to this peer's data port."""

    async def search(self, query: SearchQuery) -> SearchAnswer:
        """Search the index. Raises ArrangeError."""

    async def browse(self, nick: str) -> Sequence[BrowseFile]:
        """List a user's files. Raises OfflineError, IndexAwayError, NoAnswerError."""

    async def sources(self, md5: bytes, size: int) -> Sequence[Source]:
        """Find who shares a file of this historic MD5 and size. Raises ArrangeError."""

    async def sources_of(self, content_id: bytes) -> Sequence[Holder]:
        """Find who has a content, this peer included; nobody if the index knows no contents.

        Raises ArrangeError.
        """

    async def arrange_download(self, nick: str, path: bytes) -> Arrangement:
        """Ask a user for a file (203). Raises ArrangeError, QueuedError with the place."""

    async def arrange_push(self, nick: str, path: bytes) -> None:
        """Ask a firewalled user to connect here and send (500). Raises ArrangeError."""

    def relays(self, nick: str) -> bool:
        """Tell whether the index at which a user was met last has a relay for this peer."""

    async def arrange_relay(self, nick: str, ticket: bytes) -> RelayPlace:
        """Ask for the relay, for a download that the ticket is of. Raises ArrangeError."""

    async def ping(self, nick: str) -> float:
        """Measure the way to a user and back through the index, in s. Raises ArrangeError."""

    def data_port_failed(self, nick: str) -> None:
        """Tell the index that a user's data port could not be reached (626)."""

    def download_started(self) -> None:
        """Tell the index that one more download is under way (218)."""

    def download_finished(self) -> None:
        """Tell the index that one download less is under way (219)."""


class Receiver(Protocol):
    """Where the bytes of one download go, whichever side connected.

    The connection calls `connected` once with its transport (an ITransport that is an
    IPushProducer: `pauseProducing`, `resumeProducing`, `loseConnection`), then `received` with
    content from the agreed offset on, then `lost`.
    """

    def connected(self, transport: object) -> None:
        """Take note of the transport, to pause and close it."""

    def received(self, data: bytes) -> None:
        """Take content, in order."""

    def lost(self, reason: str) -> None:
        """Take note that the connection ended; the reason is one sentence."""


class PushReceiver(Protocol):
    """Who decides about a push that arrives at the data port."""

    def accept_push(self, nick: str, path: bytes, size: int) -> tuple[int, Receiver] | None:
        """Match an arriving SEND by nick and path or base name; None if nobody asked for it.

        Returns the offset to ask for, and who takes the bytes from there on.
        """
