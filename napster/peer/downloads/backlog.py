"""How much of what came still waits for the disk, and who has to wait for that."""

from typing import Final, Protocol

PAUSE_AT: Final = 8 << 20
RESUME_AT: Final = 4 << 20
"""How many bytes may wait for the disk before the sources have to wait, and until when."""


class Pausable(Protocol):
    """A connection that can wait."""

    def pause(self) -> None:
        """Stop reading."""

    def resume(self) -> None:
        """Read on."""


class Backlog:
    """What all sources of one download have sent and the disk has not yet."""

    def __init__(self) -> None:
        self._waiting = 0
        self._sources: list[Pausable] = []
        self.full = False
        """Whether the sources are paused."""

    def join(self, source: Pausable) -> None:
        """Let a connection take part."""
        self._sources.append(source)
        if self.full:
            source.pause()

    def leave(self, source: Pausable) -> None:
        """Forget a connection; nothing happens if it is not known."""
        if source in self._sources:
            self._sources.remove(source)

    def add(self, count: int) -> None:
        """Take note of bytes on their way to the disk."""
        self._waiting += count
        if self._waiting >= PAUSE_AT and not self.full:
            self.full = True
            for source in self._sources:
                source.pause()

    def stored(self, count: int) -> None:
        """Take note of bytes that are on the disk, or never will be."""
        self._waiting -= count
        if self.full and self._waiting <= RESUME_AT:
            self.full = False
            for source in self._sources:
                source.resume()
