"""Watching all shared folders for changes, as far as the system lets us."""

import errno
from collections.abc import Callable
from threading import Lock

from twisted.internet.interfaces import IReactorFDSet
from twisted.logger import Logger

from napster.peer.library import inotify
from napster.peer.library.beneath import Place
from napster.peer.library.changes import Changes
from napster.peer.library.inotify import Inotify

_MOVES = inotify.MOVED_FROM | inotify.MOVED_TO | inotify.DELETE | inotify.ISDIR


class Watcher:
    """Turns the kernel's events into `changes`; calls `overflowed` when some were lost."""

    log = Logger()

    def __init__(
        self, reactor: IReactorFDSet, changes: Changes, overflowed: Callable[[], None]
    ) -> None:
        self._reactor = reactor
        self._changes = changes
        self._overflowed = overflowed
        self._inotify: Inotify | None = None
        self._places: dict[int, Place] = {}
        # Held while a watch is made, so that no event of it comes before its folder is known.
        self._lock = Lock()
        self.is_complete = True
        """Whether every folder entered is watched."""

    def start(self) -> None:
        """Begin; without inotify, say so and watch nothing."""
        try:
            self._inotify = Inotify(self._reactor, self._occurred)
        except OSError as error:
            self._fell_short(error)

    def stop(self) -> None:
        """End all watches. No thread may be entering a folder."""
        if self._inotify is not None:
            self._inotify.close()
            self._inotify = None
        self._places.clear()

    def entered(self, place: Place, folder: int) -> int | None:
        """Watch an open folder; returns the number of its watch. For use in threads."""
        if self._inotify is None:
            return None
        try:
            with self._lock:
                watch = self._inotify.watch(folder)
                self._places[watch] = place
        except OSError as error:
            self._fell_short(error)
            return None
        return watch

    def watches(self, place: Place, watch: int | None) -> bool:
        """Whether a watch is alive, and still that of this folder."""
        return watch is not None and self._places.get(watch) == place

    def forget(self, place: Place, watch: int | None) -> None:
        """End the watch of a folder, unless the folder was moved and found again elsewhere."""
        if watch is not None and self._inotify is not None and self.watches(place, watch):
            del self._places[watch]
            self._inotify.ignore(watch)

    def _occurred(self, watch: int, mask: int, name: bytes) -> None:
        if mask & inotify.Q_OVERFLOW:
            self.log.warn("Too many files changed at once: looking through all shared folders")
            self._overflowed()
            return
        with self._lock:
            place = self._places.get(watch)
            if mask & inotify.IGNORED:
                self._places.pop(watch, None)
        if place is None:
            return
        if mask & inotify.IGNORED and place.parts:
            # The folder is gone, or the disk that was mounted there.
            self._changes.moved(*place.split())
        elif name:
            change = self._changes.moved if mask & _MOVES else self._changes.written
            change(place, name)

    def _fell_short(self, error: OSError) -> None:
        if self.is_complete:
            self.is_complete = False
            limit = error.errno == errno.ENOSPC
            self.log.warn(
                "Not all shared folders can be watched for changes ({reason}); they are looked "
                "through at intervals instead, so that changes show later",
                reason="the limit fs.inotify.max_user_watches is reached: raise it with sysctl"
                if limit
                else error.strerror,
            )
