"""Names to be looked at again: soon after something happened to them, and once they are quiet."""

from collections.abc import Callable

from twisted.internet.interfaces import IDelayedCall, IReactorTime

from napster.peer.library.beneath import Place

_TICK = 0.25
"""Seconds over which events are gathered."""

Look = Callable[[Place, frozenset[bytes]], None]
"""Called with a folder and the names in it to be looked at."""


class Changes:
    """Gathers what happens to names and asks for a look at them.

    One that is written to is busy until nothing has happened to it for `quiet` seconds; it is
    looked at when that begins and when it ends.
    """

    def __init__(self, clock: IReactorTime, quiet: float, look: Look) -> None:
        self._clock = clock
        self._quiet = quiet
        self._look = look
        self._due: dict[Place, set[bytes]] = {}
        self._busy: dict[tuple[Place, bytes], float] = {}  # in order of their last event
        self._tick: IDelayedCall | None = None

    def moved(self, place: Place, name: bytes) -> None:
        """Note that a name has come or gone."""
        self._due.setdefault(place, set()).add(name)
        self._wait()

    def written(self, place: Place, name: bytes) -> None:
        """Note that a file was written to."""
        if not self.is_busy(place, name):
            self.moved(place, name)
        self.settle(place, name)

    def settle(self, place: Place, name: bytes) -> None:
        """Look at a file when it has been quiet, from now on."""
        self._busy.pop((place, name), None)
        self._busy[place, name] = self._clock.seconds()
        self._wait()

    def is_busy(self, place: Place, name: bytes) -> bool:
        """Whether a file was written to just now."""
        return (place, name) in self._busy

    def stop(self) -> None:
        """Forget everything."""
        self._due.clear()
        self._busy.clear()
        if self._tick is not None:
            self._tick.cancel()
            self._tick = None

    def _wait(self) -> None:
        if self._tick is None:
            self._tick = self._clock.callLater(_TICK, self._ticked)

    def _ticked(self) -> None:
        self._tick = None
        self._end_quiet()
        due, self._due = self._due, {}
        for place, names in due.items():
            self._look(place, frozenset(names))
        if self._busy or self._due:
            self._wait()

    def _end_quiet(self) -> None:
        latest = self._clock.seconds() - self._quiet
        while self._busy:
            (place, name), when = next(iter(self._busy.items()))
            if when > latest:
                break
            del self._busy[place, name]
            self._due.setdefault(place, set()).add(name)
