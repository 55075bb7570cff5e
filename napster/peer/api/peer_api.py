"""Everything that can be asked of a peer, as one interface."""

from collections.abc import Sequence
from typing import Protocol

from napster.peer.api.found import RareReport, SearchPage
from napster.peer.api.shares import RiskReport, SharesReport
from napster.peer.api.standing import Status
from napster.peer.api.transfers import DownloadStatus, Priority, UploadStatus, Wanted
from napster.peer.api.wishes import Wish


class PeerApi(Protocol):
    """Everything a person can ask of a peer. Every call can raise an ApiError."""

    async def status(self) -> Status:
        """Tell how the peer is doing."""

    async def shares(self) -> SharesReport:
        """Tell what is shared, what is not, and why."""

    async def risk(self) -> RiskReport:
        """Tell which contents that this peer shares nobody else does."""

    async def rare(self) -> Sequence[RareReport]:
        """Tell, for each index, which contents of other users only one shares."""

    async def search(self, words: str, *, ping: bool = False) -> SearchPage:
        """Search the index with a person's words; `ping` measures latency of the first twenty.

        Raises BadRequestError naming the word that is wrong.
        """

    async def browse(self, nick: str) -> SearchPage:
        """List all files of a user. Raises NotFoundError if nobody has that nick."""

    async def wishes(self) -> Sequence[Wish]:
        """List all wishes, with what was found."""

    async def wish(self, words: str, *, get: bool = False) -> Wish:
        """Look out for what a search with these words finds, from now on.

        The same words again only say anew whether to `get`. Raises BadRequestError naming the
        word that is wrong.
        """

    async def drop_wishes(self, wishes: Sequence[int]) -> Sequence[Wish]:
        """Look out for some no longer; tell of those. Raises NotFoundError, and drops none then."""

    async def see_wishes(self, last: int) -> None:
        """Take note that somebody has looked at all finds up to the one of this id."""

    async def get(self, wanted: Sequence[Wanted]) -> Sequence[DownloadStatus]:
        """Start downloads (or go on with those already known), in order."""

    async def downloads(self) -> Sequence[DownloadStatus]:
        """List all downloads, newest last."""

    async def pause(self, downloads: Sequence[int]) -> Sequence[DownloadStatus]:
        """Stop downloads until they are resumed; what came is kept.

        Those that have ended stay as they are. Raises NotFoundError, before anything is changed.
        """

    async def resume(self, downloads: Sequence[int]) -> Sequence[DownloadStatus]:
        """Go on, at once, with downloads that are paused, wait or have failed; else as `pause`."""

    async def cancel(self, downloads: Sequence[int]) -> Sequence[DownloadStatus]:
        """Stop downloads and delete their partial files; else as `pause`."""

    async def prioritize(
        self, downloads: Sequence[int], priority: Priority
    ) -> Sequence[DownloadStatus]:
        """Say how urgent downloads are; else as `pause`."""

    async def uploads(self) -> Sequence[UploadStatus]:
        """List uploads under way and waiting."""
