"""What becomes of a download after each try: saved, waiting, blocked or failed."""

import errno
from typing import Final

from twisted.logger import Logger

from napster.peer.arrange import ArrangeError, IndexAwayError, QueuedError
from napster.peer.downloads.attempt import Attempt
from napster.peer.downloads.download import INDEX_AWAY, Download
from napster.peer.downloads.errors import (
    NoSpaceError,
    ResumedWrongError,
    SourceError,
    WrongContentError,
)
from napster.peer.downloads.files import said
from napster.peer.downloads.paths import shown
from napster.peer.downloads.record import Offer, Stage
from napster.peer.downloads.sources import Source
from napster.peer.downloads.tools import Tools

LOOK_AGAIN: Final = 10.0
"""After how many seconds a full or failing disk is looked at again."""
INDEX_WAIT: Final = 5.0
"""After how many seconds a download that found the index away is tried again."""
SEARCH_EVERY: Final = 600.0
"""The least time, in seconds, between two searches for further sources of one file."""

_FULL: Final = {errno.ENOSPC, errno.EDQUOT}
_HOPELESS: Final = {errno.EFBIG, errno.ENAMETOOLONG}


class Tries:
    """Tries a download, again and again, and decides what each outcome means."""

    log = Logger()

    def __init__(self, tools: Tools, download: Download) -> None:
        self._tools = tools
        self.download = download
        self._search_after = 0.0

    async def once(self) -> None:
        """Try once; whatever comes of it, the download then waits, is blocked or has ended."""
        source = self._choose()
        if source is None:
            return
        download = self.download
        download.source, download.not_before = source, 0.0
        ended = source.person.ended
        try:
            await Attempt(self._tools, download, source).run()
            self.log.info(
                "{download}: saved as {saved}: {verified}",
                download=download,
                saved=shown(download.saved),
                verified=download.record.verified,
            )
        except QueuedError as error:
            download.queue_place = error.place
            download.course.queue(str(error))
            if source.person.ended == ended:  # else there may be a free slot by now
                download.sources.queued(source, error.place, str(error))
        except (ArrangeError, SourceError) as error:
            await self._source_failed(source, error)
        except (NoSpaceError, OSError) as error:
            await self._disk_failed(error)
        finally:
            download.source = None

    def _choose(self) -> Source | None:
        """Choose whom to ask; a complete file needs nobody's time."""
        sources, online = self.download.sources, self._tools.arranger.online
        source = sources.next(online=online)
        if source is None and self.download.complete:
            source = sources.soonest()
        if source is None and sources.soonest() is None:
            self._give_up(sources.verdict())
        elif source is None:
            self.download.not_before = 0.0
            self.download.course.wait("")
        return source

    async def _source_failed(self, source: Source, error: Exception) -> None:
        download = self.download
        if isinstance(error, IndexAwayError):
            self._wait(INDEX_AWAY, INDEX_WAIT)
            return
        download.sources.failed(source, error)
        source.from_start |= isinstance(error, ResumedWrongError)
        if isinstance(error, WrongContentError):
            download.change(distrusted=0)
        self.log.info(
            "{download}: {who} did not deliver: {error}{dropped}",
            download=download,
            who=source.who,
            error=error,
            dropped="; not asked again" if source.offer.dropped else "",
        )
        download.course.wait(source.why)
        await self._search()
        if download.sources.soonest() is None:
            self._give_up(download.sources.verdict())
        await self._remember()

    async def _search(self) -> None:
        """Look for others who have the same file, now and then."""
        record, now = self.download.record, self._tools.clock.seconds()
        if not record.md5 or record.size is None or now < self._search_after:
            return
        self._search_after = now + SEARCH_EVERY
        arranger = self._tools.arranger
        try:
            found = await arranger.sources(record.md5.encode("ascii"), record.size)
        except ArrangeError as error:
            self.log.debug("{download}: no search: {error}", download=self.download, error=error)
            return
        others = (each for each in found if each.nick.lower() != arranger.nick.lower())
        self.download.sources.add(Offer(each.nick, each.path, each.speed) for each in others)

    async def _disk_failed(self, error: NoSpaceError | OSError) -> None:
        if isinstance(error, NoSpaceError):
            self._block(str(error))
        elif error.errno in _FULL:
            self._block(await self._shortage())
        elif error.errno in _HOPELESS:
            self._give_up(f"it cannot be saved here: {said(error)}")
            await self._remember()
        else:
            self._block(f"{said(error)}; it goes on by itself once that is mended")

    async def _shortage(self) -> str:
        download = self.download
        try:
            return await self._tools.space.shortage(
                download.missing, self._tools.librarian, download.place.folder
            )
        except OSError as error:
            return said(error)

    def _wait(self, reason: str, seconds: float) -> None:
        self.download.not_before = self._tools.clock.seconds() + seconds
        self.download.course.wait(reason)

    def _block(self, reason: str) -> None:
        if reason != self.download.standing.reason:
            self.log.warn("{download}: blocked: {why}", download=self.download, why=reason)
        self.download.not_before = self._tools.clock.seconds() + LOOK_AGAIN
        self.download.course.block(reason)

    def _give_up(self, reason: str) -> None:
        download = self.download
        if download.here:
            reason += f"; what came is kept as {shown(download.place.part.name)}"
        download.change(stage=Stage.FAILED, reason=reason)
        download.course.fail(reason)
        self.log.warn("{download}: failed: {why}", download=download, why=reason)

    async def _remember(self) -> None:
        try:
            await self.download.save()
        except OSError as error:
            self.log.warn(
                "{download}: its record cannot be written: {error}",
                download=self.download,
                error=said(error),
            )
