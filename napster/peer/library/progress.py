"""How far the hashing is, and how long it will take."""

from enum import Enum

import attrs
from twisted.internet.interfaces import IReactorTime

from napster.peer.library.inventory import Tally

_FILE_COST = 64 << 10
"""Opening a file takes about as long as reading so many bytes."""


class Phase(Enum):
    """What the library is doing."""

    SCANNING = "scanning"
    HASHING = "hashing"
    WATCHING = "watching"


@attrs.frozen
class Progress:
    """How far the library is with the files it knows of. Sizes in bytes."""

    phase: Phase
    files_done: int
    files_total: int
    bytes_done: int
    bytes_total: int
    seconds_left: float | None
    """None while more files may yet be found, or nothing is being hashed."""


class Meter:
    """Measures one run of hashing, from the first file to the last that was waiting."""

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._started = 0.0
        self._done = Tally()

    def start(self) -> None:
        """Begin a new run."""
        self._started = self._clock.seconds()
        self._done = Tally()

    def advance(self, files: int, size: int) -> None:
        """Count files that were hashed, and the bytes read of them."""
        self._done.files += files
        self._done.size += size

    def read(self, phase: Phase, waiting: Tally, under_way: int) -> Progress:
        """Say how far the run is; `under_way` are the bytes read of files not yet done."""
        done = self._done.size + under_way
        files, size = self._done.files + waiting.files, self._done.size + waiting.size
        left = self._seconds_left(done, waiting, under_way) if phase is Phase.HASHING else None
        return Progress(phase, self._done.files, files, min(done, size), size, left)

    def _seconds_left(self, done: int, waiting: Tally, under_way: int) -> float | None:
        cost = done + self._done.files * _FILE_COST
        elapsed = self._clock.seconds() - self._started
        if cost <= 0 or elapsed <= 0:
            return None
        left = max(waiting.size - under_way, 0) + waiting.files * _FILE_COST
        return left * elapsed / cost
