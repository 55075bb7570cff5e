"""One download: what is wanted, what is here, where it stands."""

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

import attrs

from napster.daemon.turns import Turns
from napster.peer.api import DownloadState, DownloadStatus
from napster.peer.downloads.blame import Blame
from napster.peer.downloads.course import Standing, new_course
from napster.peer.downloads.disk import Worker
from napster.peer.downloads.meter import Meter
from napster.peer.downloads.partial import PartialFile, Place
from napster.peer.downloads.paths import shown
from napster.peer.downloads.record import Offer, Record, Stage, save
from napster.peer.downloads.settle import settle
from napster.peer.downloads.sources import Source, Sources
from napster.peer.downloads.tools import Tools
from napster.units import format_duration

INDEX_AWAY: Final = "the index is away"
_AT_REST: Final = {
    DownloadState.PAUSED,
    DownloadState.DONE,
    DownloadState.FAILED,
    DownloadState.CANCELLED,
}
_WAITING: Final = {DownloadState.WAITING, DownloadState.QUEUED}


class Download:
    """A file that is wanted, from the wish to the end."""

    def __init__(self, tools: Tools, place: Place, record: Record) -> None:
        self._tools = tools
        self.place = place
        self.record = record
        self.standing = Standing()
        self.course = new_course(self.standing)
        self.sources = Sources(record.offers, tools.people, tools.clock, tools.random)
        self.part = PartialFile(place, tools.shelf.file_mode)
        self.meter = Meter(tools.clock)
        self.blame = Blame()
        self.source: Source | None = None
        """Whom it has asked last, while it is under way."""
        self.pieces_checked = False
        """Whether the hashes of all pieces have been known, so that anybody may send some."""
        self.senders: list[Source] = []
        """From whom it receives."""
        self.givers: dict[str, None] = {}
        """Who has sent any of it since the daemon began."""
        self.liars: list[str] = []
        """Who has sent wrong bytes of it."""
        self.here = 0
        """How many bytes are on the disk."""
        self.not_before = 0.0
        """When it may be tried again, whatever the sources say."""
        self._place: int | None = None
        self._starts: float | None = None
        """When it may begin by the clock, as its uploader has told."""
        self.saved = ""
        """The path of the finished file."""
        self._writing = Turns()
        """For who writes the record: there is one name in use on the way."""
        if record.stage is Stage.FAILED:
            self.course.fail(record.reason)
        elif record.stage is Stage.PAUSED:
            self.course.pause("")

    def __str__(self) -> str:
        return f"download {self.id} ({shown(self.record.name)})"

    @property
    def id(self) -> int:
        """The number it is known by."""
        return self.record.id

    @property
    def state(self) -> DownloadState:
        """Where it stands."""
        return self.standing.state

    @property
    def at_rest(self) -> bool:
        """Whether nothing more happens by itself."""
        return self.state in _AT_REST

    @property
    def over(self) -> bool:
        """Whether nothing of it is left on the disk but the finished file."""
        return self.state in {DownloadState.DONE, DownloadState.CANCELLED}

    @property
    def complete(self) -> bool:
        """Whether all bytes are here. Of an empty file only its source can tell.

        An old index says 0 of a size it cannot read, and of 4 GiB.
        """
        return self.here == self.record.size != 0

    @property
    def missing(self) -> int:
        """How many bytes are still to come, as far as is known."""
        return max(0, (self.record.size or 0) - self.here)

    def due(self, *, online: bool) -> float:
        """When to try next, by the clock; infinity if only the index's return can change that."""
        if self.state is DownloadState.BLOCKED or self.complete:
            return self.not_before
        source = self.sources.soonest(online=online)
        if source is None:
            return self.not_before if online else float("inf")
        return max(self.not_before, source.due)

    def stored(self, here: int) -> None:
        """Take note of how many bytes are on the disk."""
        self.here = here
        self.meter.note(here)

    def note(self, state: DownloadState, reason: str) -> None:
        """Go on to a state of a transfer, unless another source has brought it further."""
        steps = {
            DownloadState.ASKING: self.course.ask,
            DownloadState.CONNECTING: self.course.connect,
            DownloadState.RECEIVING: self.course.receive,
        }
        order = list(steps)
        if self.state not in steps or order.index(self.state) <= order.index(state):
            steps[state](reason)

    def queued(self, place: int, start: int | None) -> None:
        """Take note of its place in a queue, and of the seconds it may take, if told."""
        self._place = place
        self._starts = None if start is None else self._tools.clock.seconds() + start

    def change(self, **changes: Any) -> None:
        """Change the record; `save` makes it last."""
        self.record = attrs.evolve(self.record, **changes)

    async def save(self) -> None:
        """Write the record, unless there is none any more. Raises OSError."""
        await self._writing.acquire()
        try:
            if not (self.saved or self.over):
                self.change(offers=self.sources.offers)
                await self._tools.librarian.run(save, self.place, self.record)
        finally:
            self._writing.release()

    async def settle(self, worker: Worker) -> None:
        """Write down that all is here, and give the file its name. Raises OSError.

        Each download does so in its own thread: most disks sync several at once as fast as one.
        """
        await self._writing.acquire()
        try:
            self.change(offers=self.sources.offers)
            self.saved = str(await worker.run(_settle, self.place, self.record))
        finally:
            self._writing.release()

    async def want_again(self, offers: Sequence[Offer]) -> None:
        """Take in more offers, and go on if it was at rest. Raises OSError."""
        self.sources.add(offers)
        if self.at_rest:
            await self.resume()
        else:
            await self.save()

    async def pause(self) -> None:
        """Rest until it is resumed; it must not be under way. Raises OSError."""
        self.course.pause("")
        self.change(stage=Stage.PAUSED)
        await self.save()

    async def resume(self) -> None:
        """Go on with all chances, and without waiting. Raises OSError."""
        self.sources.forgive()
        self.not_before = 0.0
        self.course.wait("")
        self.change(stage=Stage.WANTED, reason="")
        await self.save()

    def status(self) -> DownloadStatus:
        """Tell how it is doing."""
        receiving = self.state is DownloadState.RECEIVING
        queued = self.state is DownloadState.QUEUED
        rate = self.meter.rate if receiving else 0.0
        source = self.source or self.sources.soonest()
        sources = self.senders or ([source] if source else [])
        return DownloadStatus(
            id=self.id,
            name=shown(self.record.name),
            state=self.state,
            size=self.record.size,
            done=self.here,
            rate=rate,
            seconds_left=self.missing / rate if rate else None,
            source=_named(each.who for each in sources),
            reason=self._reason(),
            place=self._place if queued else None,
            starts_in=self._starts_in() if queued else None,
            saved=self.saved,
            folder=shown(str(self.place.folder)),
            renamed=self._renamed(),
            sources=sum(not each.dropped for each in self.sources.offers),
            verified=self.record.verified,
            priority=self.record.priority,
            relayed=any(each.is_relayed for each in self.senders),
        )

    def _starts_in(self) -> float | None:
        return self._starts and max(0.0, self._starts - self._tools.clock.seconds())

    def _renamed(self) -> str:
        name = self.record.name
        if not self.saved or Path(self.saved).name == name:
            return self.record.renamed
        return f"{shown(name)} was taken by another file meanwhile"

    def _reason(self) -> str:
        if self.state is DownloadState.RECEIVING:
            lied = f"; {_named(self.liars)} sent wrong bytes, not asked again" if self.liars else ""
            return f"from {_named(map(_sender, self.senders))}{lied}"
        if self.state not in _WAITING:
            return self.standing.reason
        wait = self.due(online=self._tools.arranger.online) - self._tools.clock.seconds()
        if wait == float("inf"):
            return INDEX_AWAY
        if wait <= 0:
            return "waits for its turn"
        source = self.sources.soonest()
        why = self.standing.reason if self.not_before or source is None else source.why
        return f"{why or self.standing.reason}; next try in {format_duration(wait)}"


def _settle(place: Place, record: Record) -> Path:
    save(place, record)
    return settle(place, record)


def _sender(source: Source) -> str:
    return f"{source.who} (by relay)" if source.is_relayed else source.who


def _named(names: Iterable[str]) -> str:
    """List names, the first three in full."""
    listed = list(names)
    more = f" and {len(listed) - 3} more" if len(listed) > 3 else ""
    return ", ".join(listed[:3]) + more
