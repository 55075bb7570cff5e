"""Which downloads run, and when the others are tried."""

from collections.abc import Callable, Sequence
from typing import Final

from twisted.internet.defer import CancelledError, Deferred, DeferredList
from twisted.internet.interfaces import IDelayedCall
from twisted.logger import Logger
from twisted.python.failure import Failure

from napster.peer.api import DownloadState, Priority
from napster.peer.downloads.download import Download
from napster.peer.downloads.tools import Tools
from napster.peer.downloads.tries import Tries

POLL: Final = 2.0
"""After how many seconds it is looked again whether the index is back."""
CROWD: Final = 100
REST: Final = 20e-6
"""Above so many downloads, how many seconds pass for each of them between two looks at all."""


class Schedule:
    """Tries downloads when they are due, the most urgent first, some at a time.

    Only those that ask, connect, receive or check count against the limit: a download in the
    queue of a source must not hold up the others.
    """

    log = Logger()

    def __init__(self, tools: Tools, limit: int, over: Callable[[Download], None]) -> None:
        """Run at most `limit` at once; call `over` with each that is done."""
        self._tools = tools
        self._limit = limit
        self._over = over
        self._unfinished: dict[int, Tries] = {}
        self._running: dict[int, Deferred[None]] = {}
        self._timer: IDelayedCall | None = None
        self._rested = 0.0
        """When it may be looked at all of them again."""
        self._stopped = False
        tools.people.slot_freed = self.look

    @property
    def running(self) -> int:
        """How many downloads are under way."""
        return len(self._running)

    @property
    def waiting(self) -> int:
        """How many downloads wait for a source, a slot or room."""
        return len(self._unfinished) - len(self._running)

    def limit(self, limit: int) -> None:
        """Run at most so many at once from now on; those under way go on."""
        self._limit = limit
        self.look()

    def add(self, download: Download) -> None:
        """Take care of a download until it has ended."""
        self._unfinished.setdefault(download.id, Tries(self._tools, download))
        self.look()

    def runs(self, download: Download) -> bool:
        """Tell whether a download is under way."""
        return download.id in self._running

    async def drop(self, downloads: Sequence[Download]) -> None:
        """Stop downloads where they are; what came is on the disk.

        One that is only being checked and saved is not interrupted.
        """
        for download in downloads:
            self._unfinished.pop(download.id, None)
        await DeferredList([self._stopped_one(each) for each in downloads])

    def _stopped_one(self, download: Download) -> Deferred[None]:
        """Stop a download; fires once it has stopped."""
        ended: Deferred[None] = Deferred()
        running = self._running.get(download.id)
        if running is None:
            ended.callback(None)
            return ended
        running.addBoth(lambda _: ended.callback(None))
        if download.state is not DownloadState.CHECKING:
            running.cancel()
        return ended

    async def stop(self) -> None:
        """Stop all downloads where they are; what came is on the disk."""
        self._stopped = True
        self._forget_timer()
        running = list(self._running.values())
        for each in running:
            each.cancel()
        await DeferredList(running)

    def look(self) -> None:
        """See soon what is due."""
        self._look_in(0)

    def _look_in(self, delay: float) -> None:
        self._forget_timer()
        if not self._stopped:
            rest = self._rested - self._tools.clock.seconds()
            self._timer = self._tools.clock.callLater(max(delay, rest), self._look)

    def _forget_timer(self) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()

    def _look(self) -> None:
        """Start what is due, and look again when the next one will be."""
        online = self._tools.arranger.online
        due, now = self._start_due(online=online), self._tools.clock.seconds()
        crowd = len(self._unfinished)
        self._rested = now + REST * crowd if crowd > CROWD else now
        wait = due - now
        if not online:
            wait = min(wait, POLL)
        if len(self._running) < self._limit and wait < float("inf"):
            self._look_in(max(0.0, wait))

    def _start_due(self, *, online: bool) -> float:
        """Start what is due as far as the limit allows; tell when the next one will be due."""
        soonest, now = float("inf"), self._tools.clock.seconds()
        for tries in sorted(self._unfinished.values(), key=_urgency):
            if len(self._running) >= self._limit:
                break
            if tries.download.id in self._running:
                continue
            due = tries.download.due(online=online)
            if due <= now:
                self._start(tries)
            elif due < soonest:
                soonest = due
        return soonest

    def _start(self, tries: Tries) -> None:
        download = tries.download
        running = Deferred.fromCoroutine(tries.once())
        self._running[download.id] = running
        running.addErrback(self._fault, download)
        running.addBoth(lambda _: self._ended(download))

    def _fault(self, failure: Failure, download: Download) -> None:
        """Keep one download's trouble from the others; stopping one is no trouble."""
        if failure.check(CancelledError):
            return
        self.log.failure("{download}: a fault in this program", failure, download=download)
        if not download.at_rest:
            download.course.fail("a fault in this program stopped it; the log says more")

    def _ended(self, download: Download) -> None:
        del self._running[download.id]
        if download.at_rest:
            self._unfinished.pop(download.id, None)
        if download.over:
            self._over(download)
        self.look()


_RANK: Final = {priority: rank for rank, priority in enumerate(Priority)}


def _urgency(tries: Tries) -> tuple[int, int]:
    return _RANK[tries.download.record.priority], tries.download.id
