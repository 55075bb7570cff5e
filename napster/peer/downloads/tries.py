"""What becomes of a download after each try: saved, waiting, blocked or failed."""

import errno
from typing import Final

from twisted.logger import Logger
from twisted.python.failure import Failure

from napster.peer.arrange import ArrangeError, IndexAwayError, QueuedError
from napster.peer.downloads.download import INDEX_AWAY, Download
from napster.peer.downloads.errors import (
    NoSpaceError,
    ResumedWrongError,
    WrongContentError,
)
from napster.peer.downloads.files import said
from napster.peer.downloads.paths import shown
from napster.peer.downloads.record import Offer, Stage
from napster.peer.downloads.sources import Source
from napster.peer.downloads.swarm import Swarm
from napster.peer.downloads.tools import Tools

LOOK_AGAIN: Final = 10.0
"""After how many seconds a full or failing disk is looked at again."""
INDEX_WAIT: Final = 5.0
"""After how many seconds a download that found the index away is tried again."""
SEARCH_EVERY: Final = 600.0
"""The least time, in seconds, between two searches by the hash of a file's head."""
SOURCES_EVERY: Final = 60.0
"""The least time, in seconds, between two questions who has a content."""

_FULL: Final = {errno.ENOSPC, errno.EDQUOT}
_HOPELESS: Final = {errno.EFBIG, errno.ENAMETOOLONG}


class Tries:
    """Tries a download, again and again, and decides what each outcome means."""

    log = Logger()

    def __init__(self, tools: Tools, download: Download) -> None:
        self._tools = tools
        self.download = download
        self._search_after = 0.0
        self._outcome: tuple[Source, Exception] | None = None

    async def once(self) -> None:
        """Try once; whatever comes of it, the download then waits, is blocked or has ended."""
        download = self.download
        self._outcome = None
        if not self._has_a_chance():
            await self._rest()
            return
        download.not_before = 0.0
        try:
            await Swarm(self._tools, download, self._failed, self._search).run()
        except (NoSpaceError, OSError) as error:
            await self._disk_failed(error)
            return
        if download.over:
            self.log.info(
                "{download}: saved as {saved}: {verified}",
                download=download,
                saved=shown(download.saved),
                verified=download.record.verified,
            )
        else:
            await self._rest()

    def _has_a_chance(self) -> bool:
        """Tell whether somebody can be asked; a complete file needs nobody's time."""
        online, download = self._tools.arranger.online, self.download
        return download.complete or download.sources.next(online=online) is not None

    def _failed(self, source: Source, error: Exception) -> None:
        """Take note that a source did not deliver."""
        download, self._outcome = self.download, (source, error)
        if isinstance(error, IndexAwayError):
            return
        if isinstance(error, QueuedError):
            download.queued(error.place, error.start)
            if source.person.ended == source.ended_before:  # else there may be a free slot by now
                download.sources.queued(source, error.place, str(error))
            return
        download.sources.failed(source, error)
        source.from_start |= isinstance(error, ResumedWrongError)
        if isinstance(error, WrongContentError) and not download.record.content:
            download.change(distrusted=0)
        if isinstance(error, WrongContentError) and download.record.content:
            self._caught(source, error)
        self.log.info(
            "{download}: {who} did not deliver: {error}{dropped}",
            download=download,
            who=source.who,
            error=error,
            dropped="; not asked again" if source.offer.dropped else "",
        )

    async def _rest(self) -> None:
        """Wait, now that no source is at it any more, or give up."""
        download = self.download
        source, error = self._outcome or (None, None)
        if isinstance(error, IndexAwayError):
            self._wait(INDEX_AWAY, INDEX_WAIT)
            return
        if isinstance(error, QueuedError):
            download.course.queue(str(error))
            return
        download.not_before = 0.0
        download.course.wait(source.why if source else "")
        is_over = download.sources.soonest() is None
        if error is not None or is_over:
            await self._search()
        if download.sources.soonest() is None:
            self._without_sources(download.sources.verdict())
        if error is not None or is_over:
            await self._remember()

    def _without_sources(self, reason: str) -> None:
        """Give up what nobody has; whoever comes to have a known content is found again."""
        if self.download.record.content:
            self._wait(reason, SOURCES_EVERY)
        else:
            self._give_up(reason)

    def _caught(self, source: Source, error: WrongContentError) -> None:
        """Remember who has sent wrong bytes of a content that it was said to have."""
        download, nick = self.download, source.offer.nick
        download.liars.append(source.who)
        self.log.warn(
            "{download}: {who} at {address}: {error}",
            download=download,
            who=source.who,
            address=source.address or "an address not known",
            error=error,
        )
        if not source.offer.resembles:
            people = self._tools.people
            people.liars.remember(nick, source.address)
            source.person.lied = people.liars.charge(nick)
            self._tools.librarian.run(people.liars.save).addErrback(self._not_saved)

    def _not_saved(self, failure: Failure) -> None:
        failure.trap(OSError)
        self.log.warn("who sent wrong bytes cannot be written down: {e}", e=failure.value)

    async def _search(self) -> None:
        """Look for others who have the same file, now and then."""
        record, now = self.download.record, self._tools.clock.seconds()
        if record.size is None or now < self._search_after:
            return
        try:
            if record.content:
                await self._search_content(bytes.fromhex(record.content))
            if record.md5 and (self.download.pieces_checked or not record.content):
                await self._search_head(record.md5, record.size)
        except ArrangeError as error:
            self.log.debug("{download}: no search: {error}", download=self.download, error=error)
        self._search_after = now + (SOURCES_EVERY if record.content else SEARCH_EVERY)

    async def _search_content(self, content_id: bytes) -> None:
        arranger = self._tools.arranger
        found = await arranger.sources_of(content_id)
        others = (each for each in found if each.nick.lower() != arranger.nick.lower())
        self.download.sources.found(Offer(each.nick, each.path, each.speed) for each in others)

    async def _search_head(self, md5: str, size: int) -> None:
        arranger, is_known = self._tools.arranger, bool(self.download.record.content)
        found = await arranger.sources(md5.encode("ascii"), size)
        others = (each for each in found if each.nick.lower() != arranger.nick.lower())
        self.download.sources.add(
            Offer(each.nick, each.path, each.speed, resembles=is_known) for each in others
        )

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
