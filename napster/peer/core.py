"""All of a peer but its control API: what a person can ask of it, answered in this process."""

from collections.abc import Callable, Sequence
from importlib.metadata import version
from pathlib import Path

import attrs

from napster.peer.api import (
    DownloadState,
    DownloadStatus,
    IndexState,
    LibraryStatus,
    Priority,
    RareReport,
    RefusedFile,
    RiskReport,
    SearchPage,
    SharesReport,
    ShareStatus,
    Status,
    UploadStatus,
    Wanted,
    Wish,
)
from napster.peer.downloads.downloads import Downloads
from napster.peer.finder import Finder
from napster.peer.holdings import Holdings
from napster.peer.index_link.links import Links
from napster.peer.library.library import Library
from napster.peer.library.progress import Phase
from napster.peer.library.shelf import RootState
from napster.peer.security.guard import Guard
from napster.peer.uploads.desk import UploadDesk
from napster.peer.wishlist.wishlist import Wishlist
from napster.wire.fields import display

VERSION = version("napster")
_WELL = (RootState.LOOKING, RootState.READY)


@attrs.frozen
class PeerCore:
    """A PeerApi around the parts of a peer."""

    library: Library
    links: Links
    finder: Finder
    holdings: Holdings
    wishlist: Wishlist
    desk: UploadDesk
    guard: Guard
    transfers: Downloads
    data_port: Callable[[], int]
    downloads_folder: Path

    async def status(self) -> Status:
        """Tell how the peer is doing."""
        return Status(
            version=VERSION,
            nick=self.links.nick,
            data_port=self.data_port(),
            indexes=self.links.statuses,
            library=self._library_status(),
            uploads_active=self.desk.active,
            uploads_queued=self.desk.queued,
            upload_slots=self.desk.slots,
            downloads_active=self.transfers.active,
            downloads_waiting=self.transfers.waiting,
            downloads_folder=str(self.downloads_folder),
            downloads_paused=self.transfers.count(DownloadState.PAUSED),
            downloads_failed=self.transfers.count(DownloadState.FAILED),
            fingerprint=(self.guard.fingerprint or b"").hex(),
            notes=self._notes(),
        )

    def _library_status(self) -> LibraryStatus:
        report, progress = self.library.report(), self.library.progress()
        return LibraryStatus(
            files=report.files,
            size=report.size,
            refused=report.refused,
            phase=progress.phase.value,
            files_done=progress.files_done,
            files_total=progress.files_total,
            bytes_done=progress.bytes_done,
            bytes_total=progress.bytes_total,
            seconds_left=progress.seconds_left,
            registered=self.links.registered,
            restricted=sum(
                root.files for root in report.roots if not self.desk.access.is_public(root.name)
            ),
        )

    def _notes(self) -> list[str]:
        roots = self.library.report().roots
        notes = [f"{root.path}: {root.state.value}" for root in roots if root.state not in _WELL]
        if not roots:
            notes.append("nothing is shared: name a folder with --share DIR or the option share")
        if count := self.guard.downgrades:
            notes.append(f"refused {count} times to connect less safely than arranged; see the log")
        return [*notes, *self.links.advice, *self.transfers.problems]

    async def shares(self) -> SharesReport:
        """Tell what is shared, what is not, and why."""
        report = self.library.report()
        return SharesReport(
            shares=[
                ShareStatus(
                    name=display(root.name),
                    folder=str(root.path),
                    state=root.state.value,
                    files=root.files,
                    size=root.size,
                    access=self.desk.access.describe(root.name),
                )
                for root in report.roots
            ],
            refused=[RefusedFile(display(each.path), each.reason) for each in report.refusals],
            not_taken=[
                RefusedFile(display(path), f"index {link.name}: {reason}")
                for link in self.links
                for path, reason in link.refused
            ],
        )

    async def risk(self) -> RiskReport:
        """Tell which contents that this peer shares nobody else does. Raises ApiError."""
        return await self.holdings.risk()

    async def rare(self) -> Sequence[RareReport]:
        """Tell, for each index, which contents of other users only one shares."""
        return await self.holdings.rare()

    async def search(self, words: str, *, ping: bool = False) -> SearchPage:
        """Search the index with a person's words. Raises ApiError."""
        return await self.finder.search(words, ping=ping)

    async def browse(self, nick: str) -> SearchPage:
        """List all files of a user. Raises ApiError."""
        return await self.finder.browse(nick)

    async def wishes(self) -> Sequence[Wish]:
        """List all wishes, with what was found."""
        return self.wishlist.told()

    async def wish(self, words: str, *, get: bool = False) -> Wish:
        """Look out for what a search with these words finds. Raises ApiError."""
        return await self.wishlist.add(words, get=get)

    async def drop_wishes(self, wishes: Sequence[int]) -> Sequence[Wish]:
        """Look out for some no longer. Raises ApiError."""
        return await self.wishlist.drop(wishes)

    async def see_wishes(self, last: int) -> None:
        """Take note that somebody has looked at all finds up to the one of this id."""
        await self.wishlist.see(last)

    async def get(self, wanted: Sequence[Wanted]) -> Sequence[DownloadStatus]:
        """Start downloads, or go on with those already known, in order. Raises ApiError."""
        return await self.transfers.add_all(wanted)

    async def downloads(self) -> Sequence[DownloadStatus]:
        """List all downloads, newest last."""
        return self.transfers.list()

    async def pause(self, downloads: Sequence[int]) -> Sequence[DownloadStatus]:
        """Stop downloads until they are resumed. Raises ApiError."""
        return await self.transfers.pause(downloads)

    async def resume(self, downloads: Sequence[int]) -> Sequence[DownloadStatus]:
        """Go on with downloads that are paused, wait or have failed. Raises ApiError."""
        return await self.transfers.resume(downloads)

    async def cancel(self, downloads: Sequence[int]) -> Sequence[DownloadStatus]:
        """Stop downloads and delete their partial files. Raises ApiError."""
        return await self.transfers.cancel(downloads)

    async def prioritize(
        self, downloads: Sequence[int], priority: Priority
    ) -> Sequence[DownloadStatus]:
        """Say how urgent downloads are. Raises ApiError."""
        return await self.transfers.prioritize(downloads, priority)

    async def uploads(self) -> Sequence[UploadStatus]:
        """List uploads under way and waiting."""
        return self.desk.status()

    def status_line(self) -> str:
        """Say in one line how the peer is doing, for systemd."""
        files, phase = self.library.report().files, self.library.progress().phase
        doing = "" if phase is Phase.WATCHING else f" ({phase.value})"
        return (
            f"{self._where()}, {files:,} files shared{doing}, "
            f"{self.desk.active} uploads, {self.transfers.active} downloads"
        )

    def _where(self) -> str:
        states = [status.state for status in self.links.statuses]
        if len(states) == 1:
            return f"index {states[0].value}"
        return f"{states.count(IndexState.ONLINE)} of {len(states)} indexes online"
