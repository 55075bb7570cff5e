"""All downloads of a peer, and what can be asked of them."""

from collections.abc import Callable, Coroutine, Iterable, Sequence
from pathlib import Path
from typing import Any

import attrs
from twisted.internet.defer import Deferred, DeferredList
from twisted.logger import Logger
from twisted.python.failure import Failure

from napster.daemon.turns import Turns
from napster.peer.api import (
    ApiError,
    BadRequestError,
    DownloadState,
    DownloadStatus,
    Priority,
    Wanted,
)
from napster.peer.arrange import Receiver
from napster.peer.downloads.download import Download
from napster.peer.downloads.elsewhere import Elsewhere
from napster.peer.downloads.files import said, sync_files
from napster.peer.downloads.here import Here, find_here
from napster.peer.downloads.hook import Hook, facts_of
from napster.peer.downloads.ids import Ids
from napster.peer.downloads.lock import FolderLock
from napster.peer.downloads.partial import Place
from napster.peer.downloads.paths import UnsafePathError, shown
from napster.peer.downloads.piece_source import PieceSource
from napster.peer.downloads.record import Offer, Record
from napster.peer.downloads.register import Register
from napster.peer.downloads.restore import Remembered, find_downloads
from napster.peer.downloads.schedule import Schedule
from napster.peer.downloads.settle import remove
from napster.peer.downloads.tools import Tools
from napster.peer.downloads.wishes import offers_of, record_of

Records = list[Path]
Deed = Callable[[Download], Coroutine[Any, Any, None]]


class Downloads:
    """Carries out downloads. It is a PushReceiver for the data port."""

    log = Logger()

    def __init__(self, tools: Tools, state: Path, limit: int, hook: Hook) -> None:
        """Run at most `limit` at once; `state` is a folder for what is not about one download."""
        self._tools = tools
        self._hook = hook
        self._ids = Ids(state)
        self._elsewhere = Elsewhere(state, tools.shelf.folder)
        self._register = Register()
        self._schedule = Schedule(tools, limit, self._over)
        self._changing = Turns()
        self._lock: FolderLock | None = None
        self._problems: Sequence[str] = ()

    @property
    def active(self) -> int:
        """How many downloads are under way."""
        return self._schedule.running

    @property
    def waiting(self) -> int:
        """How many downloads wait for a source, a slot or room on the disk."""
        return self._schedule.waiting

    def count(self, state: DownloadState) -> int:
        """Tell how many downloads are in a state."""
        return sum(each.state is state for each in self.list())

    @property
    def problems(self) -> Sequence[str]:
        """What was found at the start and cannot be used, and what the disk is doing now."""
        blocked = [each for each in self.list() if each.state is DownloadState.BLOCKED]
        if not blocked:
            return self._problems
        what = "1 download is" if len(blocked) == 1 else f"{len(blocked):,} downloads are"
        return [*self._problems, f"{what} blocked: {blocked[0].reason}"]

    async def start(self) -> None:
        """Take possession of the folder and go on with what is there. Raises FolderError."""
        folder = self._tools.shelf.folder
        self._lock = await self._tools.librarian.run(FolderLock, folder)
        elsewhere = await self._tools.librarian.run(self._elsewhere.load)
        found = await self._tools.librarian.run(find_downloads, folder, elsewhere)
        await self._tools.librarian.run(self._elsewhere.keep, found.elsewhere)
        self._problems = found.problems
        for problem in found.problems:
            self.log.warn("downloads folder: {problem}", problem=problem)
        highest = max((each.record.id for each in found.downloads), default=0)
        await self._tools.librarian.run(self._ids.load, highest)
        if problem := await self._tools.librarian.run(self._tools.people.liars.load):
            self.log.warn("{problem}", problem=problem)
        for each in found.downloads:
            await self._take_up(each)

    async def stop(self) -> None:
        """Stop where all is now; what came is on the disk, and a later start goes on."""
        await self._schedule.stop()
        self._tools.pieces.close()
        await self._hook.stop()
        if self._lock is not None:
            await self._tools.librarian.run(self._lock.release)
        self._tools.librarian.stop()

    def limit(self, limit: int) -> None:
        """Run at most so many downloads at once from now on; those under way go on."""
        self._schedule.limit(limit)

    async def add(self, wanted: Wanted) -> DownloadStatus:
        """Begin a download, or go on with the one of the same file that has not ended.

        The same file is one of the same user and path, or of the same content.

        Raises BadRequestError for what cannot be downloaded, ApiError if the disk refuses.
        """
        (status,) = await self.add_all([wanted])
        return status

    async def add_all(self, wanted: Sequence[Wanted]) -> Sequence[DownloadStatus]:
        """Begin several downloads in order, up to one that cannot be; each as by `add`."""
        records: Records = []
        try:
            return [await self._add_one(each, records) for each in wanted]
        finally:
            await self._sync(records)

    async def _sync(self, records: Sequence[Path]) -> None:
        try:
            await self._tools.librarian.run(sync_files, records)
        except OSError as error:
            raise ApiError(f"what is wanted cannot be written down: {said(error)}") from error

    async def _add_one(self, wanted: Wanted, records: Records) -> DownloadStatus:
        """Begin a download; a new record is still to be synced."""
        offers = offers_of(wanted, self._tools.arranger.nick)
        await self._changing.acquire()
        try:
            status = await self._add(wanted, offers, records)
        except OSError as error:
            raise ApiError(f"{wanted.name}: cannot be saved: {said(error)}") from error
        except UnsafePathError as error:
            raise BadRequestError(str(error)) from error
        finally:
            self._changing.release()
        return status

    async def _add(
        self, wanted: Wanted, offers: Sequence[Offer], records: Records
    ) -> DownloadStatus:
        download = self._register.same(wanted.size, offers) or self._alike(wanted)
        if download is None:
            return await self._new(wanted, offers, records)
        await download.want_again(offers)
        self._schedule.add(download)
        return download.status()

    def _alike(self, wanted: Wanted) -> Download | None:
        """Find a download of the same content from others, perhaps by another name.

        Of a folder that is fetched as it is, each file counts by its own name.
        """
        if wanted.folder or wanted.to:
            return None
        return self._register.of_content(self._tools.shelf.folder, wanted.content)

    async def pause(self, numbers: Sequence[int]) -> Sequence[DownloadStatus]:
        """Stop downloads until they are resumed. Raises NotFoundError, ApiError for the disk."""
        return await self._change(numbers, self._pause, stop=True)

    async def resume(self, numbers: Sequence[int]) -> Sequence[DownloadStatus]:
        """Go on, at once, with downloads that do nothing. Raises as `pause`."""
        return await self._change(numbers, self._resume)

    async def cancel(self, numbers: Sequence[int]) -> Sequence[DownloadStatus]:
        """Stop downloads and delete what came of them. Raises as `pause`."""
        return await self._change(numbers, self._cancel, stop=True)

    async def prioritize(
        self, numbers: Sequence[int], priority: Priority
    ) -> Sequence[DownloadStatus]:
        """Say how urgent downloads are. Raises as `pause`."""

        async def change(download: Download) -> None:
            download.change(priority=priority)
            await download.save()

        return await self._change(numbers, change)

    async def _change(
        self, numbers: Sequence[int], deed: Deed, *, stop: bool = False
    ) -> Sequence[DownloadStatus]:
        """Do something to those of some downloads that are not over; tell of all of them."""
        self._register.check(numbers)
        await self._changing.acquire()
        try:
            if stop:  # all of them before the first, so that none takes the place of another
                await self._schedule.drop(self._register.unfinished(numbers))
            # All at once, for the disk takes its time over each.
            deeds = [self._carry_out(deed, each) for each in self._register.unfinished(numbers)]
            done = DeferredList(map(Deferred.fromCoroutine, deeds), consumeErrors=True)
            _raise_first(await done)
        finally:
            self._changing.release()
            self._schedule.look()
        return [self._register.status(number) for number in numbers]

    async def _carry_out(self, deed: Deed, download: Download) -> None:
        try:
            await deed(download)
        except OSError as error:
            raise ApiError(
                f"{download}: the change holds until the daemon ends only, for it cannot be "
                f"written down: {error.strerror}"
            ) from error

    async def _pause(self, download: Download) -> None:
        if not download.at_rest:
            self.log.info("{download}: paused", download=download)
            await download.pause()

    async def _resume(self, download: Download) -> None:
        if not self._schedule.runs(download):
            self.log.info("{download}: resumed", download=download)
            try:
                await download.resume()
            finally:
                self._schedule.add(download)

    async def _cancel(self, download: Download) -> None:
        if download.state is not DownloadState.CANCELLED:
            download.course.cancel("")
        try:
            await self._tools.librarian.run(remove, download.place)
        except OSError as error:
            raise ApiError(f"{download}: cannot be deleted: {error.strerror}") from error
        self._register.file_away(download)
        self.log.info("{download}: cancelled", download=download)

    def list(self) -> Sequence[DownloadStatus]:
        """Tell how all downloads are doing, newest last."""
        return self._register.list()

    def accept_push(self, nick: str, path: bytes, size: int) -> tuple[int, Receiver] | None:
        """Match an arriving push with what was asked for; None if it was not."""
        return self._tools.pushes.accept(nick, path, size)

    def accept_pieces(self, nick: str, path: bytes, source: PieceSource) -> bool:
        """Take over a source of pieces that was asked to connect here; False if it was not."""
        return self._tools.pushes.accept_pieces(nick, path, source)

    async def _take_up(self, found: Remembered) -> None:
        record = found.record
        if record.id in self._register:  # a copy of a record, made by hand
            number = await self._tools.librarian.run(self._ids.next)
            record = attrs.evolve(record, id=number)
        download = self._keep(found.place, record)
        download.here = min(found.size, record.size or 0)
        if found.saved is not None:
            download.saved = str(found.saved)
            download.course.check("")
            download.course.finish("")
            self._over(download)
        elif not download.at_rest:
            self._schedule.add(download)

    def _over(self, download: Download) -> None:
        self._register.file_away(download)
        if download.state is DownloadState.DONE:
            self._hook.run(facts_of(download))

    async def _new(
        self, wanted: Wanted, offers: Sequence[Offer], records: Records
    ) -> DownloadStatus:
        record, place = await self._tools.librarian.run(self._reserve, wanted, offers)
        if isinstance(place, Here):
            return self._found_here(record, place)
        records.append(place.record)
        download = self._keep(place, record)
        self.log.info("{download}: wanted{why}", download=download, why=_naming(record))
        self._schedule.add(download)
        return download.status()

    def _reserve(self, wanted: Wanted, offers: Sequence[Offer]) -> tuple[Record, Place | Here]:
        """Make the record of a new download, unless the file is here already. Blocking."""
        shelf = self._tools.shelf
        record = record_of(self._ids.next(), wanted, offers)
        folder = shelf.folder_for(wanted.to, wanted.folder.split("/"))
        here = None if wanted.again else find_here(folder, record)
        if here is not None:
            return record, here
        self._elsewhere.add(folder)
        place, record = shelf.reserve(folder, record)
        return record, place

    def _found_here(self, record: Record, here: Here) -> DownloadStatus:
        status = DownloadStatus(
            id=record.id,
            name=shown(record.name),
            state=DownloadState.DONE,
            size=record.size,
            done=record.size or 0,
            rate=0.0,
            seconds_left=None,
            source="",
            reason="it was here already",
            saved=str(here.path),
            verified=here.verified,
            folder=shown(str(here.path.parent)),
        )
        self._register.note_ended(status)
        return status

    def _keep(self, place: Place, record: Record) -> Download:
        download = Download(self._tools, place, record)
        self._register.keep(download)
        return download


def _raise_first(results: Iterable[tuple[bool, object]]) -> None:
    for _, result in results:
        if isinstance(result, Failure):
            result.raiseException()


def _naming(record: Record) -> str:
    return f"; {record.renamed}" if record.renamed else ""
