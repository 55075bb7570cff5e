"""Getting a file from one source, or from as many as there are if what they send is checked."""

from collections.abc import Callable, Coroutine
from typing import Any, Final

from twisted.internet.defer import CancelledError, Deferred, DeferredList
from twisted.internet.interfaces import IDelayedCall
from twisted.logger import Logger
from twisted.python.failure import Failure

from napster.peer.arrange import ArrangeError, NotSharedError
from napster.peer.downloads.attempt import Attempt
from napster.peer.downloads.download import Download
from napster.peer.downloads.empty_folders import whole_folder
from napster.peer.downloads.errors import (
    NothingLeftError,
    SourceError,
    WrongPieceError,
)
from napster.peer.downloads.head import is_wrong
from napster.peer.downloads.intake import Target
from napster.peer.downloads.sources import Ended, Source
from napster.peer.downloads.team import Team
from napster.peer.downloads.tools import Tools
from napster.peer.downloads.verdict import Verdict

MOST_AT_ONCE: Final = 16
"""From how many sources one file is fetched at the same time."""
LOOK: Final = 2.0
"""After how many seconds it is looked again who else can be asked."""
_IDLE_WAIT: Final = 5.0
"""After how many seconds a source is asked again that could be of no use."""

Search = Callable[[], Coroutine[Any, Any, None]]
"""Looks for further sources, if it is time to."""


class Swarm:
    """Goes on with a download until it is saved, or no source is at it any more. Used once.

    Raises NoSpaceError or OSError; what came until then is kept.
    """

    log = Logger()

    def __init__(self, tools: Tools, download: Download, failed: Ended, search: Search) -> None:
        self._tools = tools
        self._download = download
        self._failed = failed
        self._search = search
        self._searching: Deferred[None] | None = None
        self._worker = tools.new_worker(f"download {download.id}")
        self._active: dict[Source, Deferred[None]] = {}
        self._attempts: dict[Source, Attempt] = {}
        self._over: Deferred[None] = Deferred()
        self._timer: IDelayedCall | None = None
        self._last: Source | None = None
        self._has_delivered = False

    async def run(self) -> None:
        """Go through with it."""
        download = self._download
        try:
            await self._open()
            if not download.complete and await self._learn_size():
                await self._gather()
            if download.record.distrusted is None and (download.complete or self._is_empty):
                verdict = Verdict(self._tools, download, self._worker, self._failed)
                await verdict.reach(self._target(), self._last)
        finally:
            if not download.over:
                await self._worker.run(download.part.close)
            self._worker.stop()
            download.here = download.part.here

    @property
    def _is_empty(self) -> bool:
        """Whether a source has said that there is nothing to send."""
        return self._download.record.size == 0 and self._has_delivered

    async def _open(self) -> None:
        """Read back what is here, and forget what is known to be wrong."""
        download, part = self._download, self._download.part
        await self._worker.run(part.open)
        download.blame.here(part.lengths())
        if download.record.distrusted is not None:
            await self._worker.run(part.rewind, download.record.distrusted)
            download.change(distrusted=None)
            await download.save()
        record = download.record
        if not record.content and await self._worker.run(
            is_wrong, part, record.size or 0, record.md5
        ):
            self.log.warn("{download}: what is here is wrong; it begins anew", download=download)
            await self._worker.run(part.rewind, 0)
        download.here = part.here
        download.meter.start(part.here)

    async def _learn_size(self) -> bool:
        """Look up a size nobody told, in a source's own list; tell whether it is known now."""
        source = self._choose()
        if self._download.record.size is not None or source is None:
            return source is not None
        offer = source.offer
        try:
            files = await self._tools.arranger.browse(offer.nick)
            size = next((file.size for file in files if file.path == offer.path), None)
            if size is None:
                raise NotSharedError(f"{source.who} does not share that file")
        except ArrangeError as error:
            self._failed(source, error)
            return False
        self._download.change(size=size)
        return True

    async def _gather(self) -> None:
        """Let sources send until all is here or none is left that can be asked now."""
        download = self._download
        with self._tools.space.claimed(download.id, lambda: download.missing):
            folder = download.place.folder
            await self._tools.space.check(download.id, self._worker, folder)
            self._team = await self._new_team()
            try:
                self._look()
                await self._over
            finally:
                await self._disband()

    async def _new_team(self) -> Team:
        download, target = self._download, self._target()
        source = self._choose()
        if download.blame.alone and source is not None:
            await self._worker.run(target.forget, download.blame.foreign(source))
            download.stored(download.part.here)
        team = Team(self._tools.clock, self._worker, target, download.stored)
        team.completed = self._completed
        team.learned = self._learned
        team.lied = self._lied
        return team

    def _target(self) -> Target:
        record = self._download.record
        content_id = bytes.fromhex(record.content)
        md5 = "" if content_id else record.md5
        return Target(
            self._download.part,
            record.size or 0,
            md5,
            content_id,
            self._download.blame,
            modified=record.modified,
        )

    # Sources come and go.

    def _look(self) -> None:
        """Ask whoever can be of use, now and from time to time."""
        self._recruit()
        if not self._active:
            self._end()
        elif not self._over.called:
            self._team.fill()
            if self._has_work:
                self._look_around()
            self._timer = self._tools.clock.callLater(LOOK, self._look)

    def _look_around(self) -> None:
        """Search for others who have the content, beside all else."""
        if self._searching is None and self._limit > 1:
            self._searching = Deferred.fromCoroutine(self._search())
            self._searching.addBoth(self._looked_around)

    def _looked_around(self, result: Failure | None) -> None:
        self._searching = None
        if self._over.called:
            return
        if isinstance(result, Failure):
            self._over.errback(result)
        else:
            self._recruit()

    def _recruit(self) -> None:
        while not self._over.called and self._has_work:
            source = self._choose()
            if source is None:
                return
            self._engage(source)

    @property
    def _has_work(self) -> bool:
        if not self._active:
            return True
        coming = sum(not attempt.is_connected for attempt in self._attempts.values())
        return len(self._active) < self._limit and coming < self._team.plan.free

    @property
    def _limit(self) -> int:
        """Only what can be checked is put together from several sources."""
        is_checkable = self._team.target.content_id and not self._download.blame.alone
        return MOST_AT_ONCE if is_checkable else 1

    def _choose(self) -> Source | None:
        return self._download.sources.next(online=self._tools.arranger.online, busy=self._active)

    def _engage(self, source: Source) -> None:
        attempt = Attempt(self._tools, self._download, self._team, source)
        self._attempts[source] = attempt
        source.ended_before = source.person.ended
        source.person.active += 1
        self._last = self._download.source = source
        running = Deferred.fromCoroutine(attempt.run())
        self._active[source] = running
        running.addBoth(self._source_ended, source)

    def _source_ended(self, result: Failure | None, source: Source) -> None:
        self._active.pop(source, None)
        del self._attempts[source]
        source.person.active -= 1
        if not isinstance(result, Failure):
            self._has_delivered = True
        elif not result.check(CancelledError):
            self._take_failure(source, result)
        if self._active:
            self._recruit()
        else:
            self._end()

    def _take_failure(self, source: Source, failure: Failure) -> None:
        if failure.check(NothingLeftError):
            source.not_before = self._tools.clock.seconds() + _IDLE_WAIT
        elif failure.check(ArrangeError, SourceError):
            self._failed(source, failure.value)  # type: ignore[arg-type]  # as has been checked
        elif not self._over.called:
            self._over.errback(failure)

    def _lied(self, source: Source, error: WrongPieceError) -> None:
        """Do without a source of which it has come out later that it sent wrong bytes."""
        self._failed(source, error)
        if source in self._active:
            self._active[source].cancel()

    async def _learned(self, source: Source, target: Target) -> None:
        """Keep in mind what the file has turned out to be. Raises OSError."""
        download = self._download
        download.pieces_checked = True
        download.change(modified=target.modified)
        await self._make_folders(source.offer.path, target)
        if not download.record.content:
            download.sources.doubt_others(source)
            download.change(content=target.content_id.hex())
            await download.save()

    async def _make_folders(self, path: bytes, target: Target) -> None:
        """Make the empty folders that belong to what is fetched."""
        download, tools = self._download, self._tools
        whole = whole_folder(download.place.folder, download.record.whole, path)
        if whole is None or not target.folders:
            return
        make, mode = whole.make, tools.shelf.folder_mode
        for problem in await tools.librarian.run(make, target.folders, mode):
            self.log.warn("{download}: {problem}", download=download, problem=problem)

    def _completed(self) -> None:
        """End at once, unless who sent it all has to be watched for a surplus."""
        if self._team.target.content_id:
            self._end()

    def _end(self) -> None:
        if not self._over.called:
            self._over.callback(None)

    async def _disband(self) -> None:
        """Let all sources go; what came from them is on the disk then, or all of the file is."""
        if self._timer is not None and self._timer.active():
            self._timer.cancel()
        running = list(self._active.values())
        if self._searching is not None:
            self._searching.cancel()  # it concerns the index alone, so nothing waits for its end
        for each in running:
            each.cancel()
        await DeferredList(running)
        download, part = self._download, self._download.part
        download.source = None
        if not self._team.plan.complete:
            download.stored(await self._worker.run(lambda: part.here))
