"""All downloads of a peer, and what can be asked of them."""

from collections.abc import Sequence
from pathlib import Path
from typing import Final

import attrs
from twisted.internet.defer import DeferredLock
from twisted.logger import Logger

from napster.peer.api import (
    ApiError,
    BadRequestError,
    DownloadState,
    DownloadStatus,
    NotFoundError,
    Wanted,
)
from napster.peer.arrange import Receiver
from napster.peer.downloads.download import Download
from napster.peer.downloads.ids import Ids
from napster.peer.downloads.lock import FolderLock
from napster.peer.downloads.partial import Place
from napster.peer.downloads.paths import UnsafePathError
from napster.peer.downloads.record import Offer, Record
from napster.peer.downloads.restore import Remembered, find_downloads
from napster.peer.downloads.schedule import Schedule
from napster.peer.downloads.settle import remove
from napster.peer.downloads.tools import Tools
from napster.peer.downloads.wishes import offers_of, record_of

MOST_ENDED: Final = 10_000
"""How many downloads that are done or cancelled are still listed."""


class Downloads:
    """Carries out downloads. It is a PushReceiver for the data port."""

    log = Logger()

    def __init__(self, tools: Tools, state: Path, limit: int) -> None:
        """Run at most `limit` at once; `state` is a folder for what is not about one download."""
        self._tools = tools
        self._ids = Ids(state)
        self._schedule = Schedule(tools, limit, self._file_away)
        self._downloads: dict[int, Download] = {}
        self._ended: dict[int, DownloadStatus] = {}
        """What is told of those that are done or cancelled."""
        self._by_offer: dict[tuple[str, bytes], Download] = {}
        self._adding = DeferredLock()
        self._lock: FolderLock | None = None
        self.problems: Sequence[str] = ()
        """What was found in the downloads folder and could not be used; a sentence each."""

    @property
    def active(self) -> int:
        """How many downloads are under way."""
        return self._schedule.running

    @property
    def waiting(self) -> int:
        """How many downloads wait for a source, a slot or room on the disk."""
        return self._schedule.waiting

    async def start(self) -> None:
        """Take possession of the folder and go on with what is there. Raises FolderError."""
        folder = self._tools.shelf.folder
        self._lock = await self._tools.librarian.run(FolderLock, folder)
        found = await self._tools.librarian.run(find_downloads, folder)
        self.problems = found.problems
        for problem in found.problems:
            self.log.warn("downloads folder: {problem}", problem=problem)
        highest = max((each.record.id for each in found.downloads), default=0)
        await self._tools.librarian.run(self._ids.load, highest)
        for each in found.downloads:
            await self._take_up(each)

    async def stop(self) -> None:
        """Stop where all is now; what came is on the disk, and a later start goes on."""
        await self._schedule.stop()
        if self._lock is not None:
            await self._tools.librarian.run(self._lock.release)
        self._tools.librarian.stop()

    def limit(self, limit: int) -> None:
        """Run at most so many downloads at once from now on; those under way go on."""
        self._schedule.limit(limit)

    async def add(self, wanted: Wanted) -> DownloadStatus:
        """Begin a download, or go on with the one of the same file that has not ended.

        Raises BadRequestError for what cannot be downloaded, ApiError if the disk refuses.
        """
        offers = offers_of(wanted, self._tools.arranger.nick)
        await self._adding.acquire()
        try:
            download = self._known(wanted.size, offers)
            if download is None:
                download = await self._new(wanted, offers)
            else:
                await download.want_again(offers)
        except OSError as error:
            raise ApiError(f"{wanted.name}: cannot be saved: {error.strerror}") from error
        except UnsafePathError as error:
            raise BadRequestError(str(error)) from error
        finally:
            self._adding.release()
        self._schedule.add(download)
        return download.status()

    async def cancel(self, number: int) -> DownloadStatus:
        """Stop a download and delete what came of it.

        Raises NotFoundError, BadRequestError if it is done, ApiError if the disk refuses.
        """
        download = self._downloads.get(number)
        if download is not None:
            await self._schedule.drop(download)
        if number in self._ended:
            return _still_cancelled(self._ended[number])
        if download is None:
            raise NotFoundError(f"there is no download {number}")
        if download.state is not DownloadState.CANCELLED:
            download.course.cancel("")
        try:
            await self._tools.librarian.run(remove, download.place)
        except OSError as error:
            raise ApiError(f"{download}: cannot be deleted: {error.strerror}") from error
        if number in self._downloads:
            self._file_away(download)
        self.log.info("{download}: cancelled", download=download)
        return download.status()

    def list(self) -> Sequence[DownloadStatus]:
        """Tell how all downloads are doing, newest last."""
        unfinished = (each.status() for each in self._downloads.values())
        return sorted([*self._ended.values(), *unfinished], key=lambda status: status.id)

    def accept_push(self, nick: str, path: bytes, size: int) -> tuple[int, Receiver] | None:
        """Match an arriving push with what was asked for; None if it was not."""
        return self._tools.pushes.accept(nick, path, size)

    async def _take_up(self, found: Remembered) -> None:
        record = found.record
        if record.id in {*self._downloads, *self._ended}:  # a copy of a record, made by hand
            number = await self._tools.librarian.run(self._ids.next)
            record = attrs.evolve(record, id=number)
        download = self._keep(found.place, record)
        download.here = min(found.size, record.size or 0)
        if found.saved is not None:
            download.saved = str(found.saved)
            download.course.check("")
            download.course.finish("")
            self._file_away(download)
        elif not download.finished:
            self._schedule.add(download)

    def _known(self, size: int | None, offers: Sequence[Offer]) -> Download | None:
        """Find a download of the same file from one of the same users that can go on."""
        for offer in offers:
            known = self._by_offer.get(offer.key)
            if known is not None and not known.over and size in {None, known.record.size}:
                return known
        return None

    async def _new(self, wanted: Wanted, offers: Sequence[Offer]) -> Download:
        librarian, shelf = self._tools.librarian, self._tools.shelf
        record = record_of(await librarian.run(self._ids.next), wanted, offers)
        folders = wanted.folder.split("/")
        place, record = await librarian.run(shelf.reserve, folders, record)
        self.log.info("download {id}: {name} is wanted", id=record.id, name=wanted.name)
        return self._keep(place, record)

    def _keep(self, place: Place, record: Record) -> Download:
        download = Download(self._tools, place, record)
        self._downloads[record.id] = download
        self._by_offer.update((offer.key, download) for offer in record.offers)
        return download

    def _file_away(self, download: Download) -> None:
        """Keep only what is told of a download that is over, and of the oldest nothing."""
        self._ended[download.id] = download.status()
        del self._downloads[download.id]
        for offer in download.record.offers:
            if self._by_offer.get(offer.key) is download:
                del self._by_offer[offer.key]
        if len(self._ended) > MOST_ENDED:
            del self._ended[next(iter(self._ended))]


def _still_cancelled(status: DownloadStatus) -> DownloadStatus:
    """Answer who cancels what is cancelled already. Raises BadRequestError if it is done."""
    if status.state is DownloadState.DONE:
        raise BadRequestError(f"download {status.id} is done; the file is {status.saved}")
    return status
