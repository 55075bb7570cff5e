"""All that keeps the inventory true: watching, looking through folders at intervals, hashing."""

from collections.abc import Callable
from pathlib import Path

import attrs
from twisted.internet.defer import DeferredList
from twisted.internet.interfaces import IReactorFDSet, IReactorFromThreads, IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from napster.daemon.threads import Threads
from napster.peer.library.attendance import Attendance
from napster.peer.library.beneath import Place
from napster.peer.library.changes import Changes
from napster.peer.library.hash_queue import HashQueue
from napster.peer.library.intake import Intake
from napster.peer.library.inventory import Tally
from napster.peer.library.listeners import Listeners
from napster.peer.library.progress import Phase, Progress
from napster.peer.library.remember import Memory
from napster.peer.library.rules import Rules
from napster.peer.library.scan import Scanner
from napster.peer.library.shelf import RootState, Shelf, Shelves
from napster.peer.library.survey import Disk, Survey
from napster.peer.library.tasks import Tasks
from napster.peer.library.watch import Watcher
from napster.units import format_duration, format_size

_LOG_INTERVAL = 10.0
_THREADS = 20
"""At most two look at each shared folder; those of a disk that hangs must not be all there are."""


@attrs.frozen
class LibrarySettings:
    """How the library works. Times in seconds; `allow` as in `rules.Rules`."""

    allow: tuple[str, ...] = ()
    quiet: float = 2.0
    """How long a file must not have been written to before it is shared."""
    rescan_interval: float = 900.0
    unwatched_rescan_interval: float = 60.0
    """How often folders are looked through of whose changes the system does not tell."""
    check_interval: float = 2.0
    """How often it is checked whether shared folders have come or gone."""
    private: tuple[Path, ...] = ()
    """Folders that are never shared, wherever they lie: those of this program's own files."""
    hashing_threads: int = 2


class Upkeep:
    """Keeps shelves true from start to stop."""

    log = Logger()

    def __init__(
        self,
        reactor: IReactorTime,
        settings: LibrarySettings,
        shelves: Shelves,
        memory: Memory,
        listeners: Listeners,
    ) -> None:
        self._clock = reactor
        self._settings = settings
        self._shelves = shelves
        self._memory = memory
        self._tasks = Tasks()
        self._loops: list[LoopingCall] = []
        self._queue = HashQueue(reactor, settings.hashing_threads)
        self._changes = Changes(reactor, settings.quiet, self._look)
        self._watcher = Watcher(IReactorFDSet(reactor), self._changes, self._rescan_all)
        self._threads = Threads(IReactorFromThreads(reactor), "library", _THREADS)
        self._intake = Intake(shelves, memory, self._changes, listeners, self._queue)
        scanner = Scanner(Rules(settings.allow), self._watcher.entered, settings.private)
        disk = Disk(self._threads, scanner, self._watcher)
        self._survey = Survey(reactor, disk, self._intake, listeners)
        self._attendance = Attendance(self._threads, memory, self._survey)
        self._was_hashing = False

    def start(self) -> None:
        """Begin to look through all shelves, and to watch them."""
        self._watcher.start()
        self._queue.start(self._intake.hashed)
        self._tasks.start(self._memory.forget_unseen())
        for shelf in self._shelves:
            self.add(shelf)
        self._every(self._settings.check_interval, self._check_all)
        self._every(_LOG_INTERVAL, self._log_progress)
        self._every(self._settings.rescan_interval, self._rescan_all)
        self._every(self._settings.unwatched_rescan_interval, self._rescan_unwatched)

    async def stop(self) -> None:
        """Drop all work and wait until nothing is left of it."""
        for loop in self._loops:
            loop.stop()
        self._survey.stop()
        await self._queue.stop()
        await self._tasks.finish()
        self._changes.stop()
        self._watcher.stop()
        await self._threads.stop()

    def add(self, shelf: Shelf) -> None:
        """Look after a new shelf."""
        self._tasks.start(self._attendance.rescan(shelf))

    async def withdraw(self, shelf: Shelf) -> None:
        """Withdraw all files of a shelf that was taken out."""
        await self._attendance.withdraw(shelf)

    async def rescan(self) -> None:
        """Look through all shelves; what is found may still have to be hashed afterwards."""
        sweeps = [self._tasks.start(self._attendance.rescan(each)) for each in self._shelves]
        await DeferredList(sweeps)

    def look(self, place: Place, name: bytes) -> None:
        """Look soon whether a file still is what it was."""
        self._changes.moved(place, name)

    def progress(self) -> Progress:
        """Say what is being done and how far it is."""
        tallies = [shelf.tallies.waiting for shelf in self._shelves]
        waiting = Tally(sum(each.files for each in tallies), sum(each.size for each in tallies))
        return self._queue.progress(self._phase(), waiting)

    def _phase(self) -> Phase:
        if any(shelf.state is RootState.LOOKING for shelf in self._shelves):
            return Phase.SCANNING
        return Phase.WATCHING if self._queue.is_idle else Phase.HASHING

    def _every(self, interval: float, work: Callable[[], None]) -> None:
        loop = LoopingCall(work)
        loop.clock = self._clock
        loop.start(interval, now=False)
        self._loops.append(loop)

    def _look(self, place: Place, names: frozenset[bytes]) -> None:
        shelf = self._shelves.of(place.tree)
        if shelf is not None:
            self._tasks.start(self._survey.look(shelf, place, names))

    def _check_all(self) -> None:
        for shelf in self._shelves:
            self._tasks.start(self._attendance.check(shelf))

    def _rescan_all(self) -> None:
        for shelf in self._shelves:
            self._rescan(shelf)

    def _rescan_unwatched(self) -> None:
        for shelf in self._shelves:
            if shelf.is_remote or not self._watcher.is_complete:
                self._rescan(shelf)

    def _rescan(self, shelf: Shelf) -> None:
        if not shelf.walking.waiting:
            self._tasks.start(self._attendance.rescan(shelf))

    def _log_progress(self) -> None:
        if not self._queue.is_idle:
            self._log_hashing(self.progress())
        elif self._was_hashing:
            files = sum(shelf.tallies.shared.files for shelf in self._shelves)
            size = sum(shelf.tallies.shared.size for shelf in self._shelves)
            self.log.info(
                "All files are hashed: {files} files of {size} are shared",
                files=files,
                size=format_size(size),
            )
        self._was_hashing = not self._queue.is_idle

    def _log_hashing(self, progress: Progress) -> None:
        left = progress.seconds_left
        self.log.info(
            "Hashing: {done} of {total} files, {done_size} of {total_size}, {left}",
            done=progress.files_done,
            total=progress.files_total,
            done_size=format_size(progress.bytes_done),
            total_size=format_size(progress.bytes_total),
            left="still looking for more" if left is None else f"{format_duration(left)} left",
        )
