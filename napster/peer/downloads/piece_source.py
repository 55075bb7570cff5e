"""What a download needs of a connection to one source that serves pieces in any order."""

from collections.abc import Callable, Sequence
from typing import Protocol

import attrs
from twisted.internet.defer import Deferred

from napster.peer.arrange import Arrangement, RelayPlace
from napster.peer.security.tickets import Ticket


@attrs.frozen
class PieceList:
    """What a source says its file consists of; nothing of it is to be believed unchecked."""

    size: int
    """Of the file, in bytes."""
    hashes: bytes
    """The BLAKE3 hashes of all pieces of 1 MiB, 32 bytes each, joined in order."""
    modified: int | None = None
    """When the file was last changed there, in seconds since 1970, if it tells."""
    folders: Sequence[bytes] = ()
    """Paths of empty folders beside the file and the folders it lies in there."""


class PieceSource(Protocol):
    """A connection to one source, for one file of its.

    All errors are SourceErrors: LostError once the connection has ended, StalledError if nothing
    came for too long, DeclinedError for a refusal, BrokenError for what breaks the protocol; after
    the last the connection is closed.
    """

    lost: Deferred[None]
    """Fires once the connection has ended, after all fetches have failed. Never errbacks."""

    async def piece_list(self) -> PieceList:
        """Ask for the hashes of all pieces, in as many messages as that takes.

        The caller checks them against the content id. Raises SourceError.
        """

    def fetch(self, piece: int, length: int, sink: Callable[[bytes], None]) -> Deferred[None]:
        """Ask for one piece, `length` bytes from `piece` MiB on; at most two may be under way.

        The bytes are handed to `sink` as they come, in order and never more than `length`. Fires
        when all have come; errbacks with a SourceError. Cancelling tells the source, and hands
        nothing more to `sink`; what is on its way is read and dropped.
        """

    def pause(self) -> None:
        """Stop reading from the connection: too much waits for the disk. May be repeated."""

    def resume(self) -> None:
        """Read on. May be repeated."""

    def release(self) -> None:
        """Want no more: the connection is closed, or kept for a moment for another file."""

    def close(self) -> None:
        """Close the connection; what is under way fails with a LostError. May be repeated."""


class PieceDialer(Protocol):
    """Connects to sources that serve pieces."""

    def kept(self, nick: str, path: bytes) -> tuple[PieceSource, str] | None:
        """Take a released connection to a user, and the address it goes to, for another file."""

    def close(self) -> None:
        """Close all connections that are kept."""

    async def dial(self, arrangement: Arrangement) -> PieceSource | None:
        """Connect as was arranged; None if nothing but the old protocol was.

        Raises UnreachableError if no connection came about, other SourceErrors.
        """

    def not_pushed(self, nick: str, path: bytes) -> Ticket | None:
        """Take the ticket for a push that has not come, to meet by it; None if it had none."""

    async def meet(self, ticket: Ticket, place: RelayPlace) -> PieceSource:
        """Meet the one whom a ticket is for at a relay. Raises as `dial`."""


class PiecePushes(Protocol):
    """Who decides about a source that connects here, was asked to, and serves pieces."""

    def accept_pieces(self, nick: str, path: bytes, source: PieceSource) -> bool:
        """Take over the connection; False if nobody waits for it any more: close it then."""
