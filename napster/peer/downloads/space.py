"""Room on the disk: what is free, and what the downloads under way still need of it."""

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from napster.peer.downloads.disk import Worker
from napster.peer.downloads.errors import NoSpaceError
from napster.units import format_size

KEPT_FREE: Final = 1 << 20
"""How many bytes are left alone, for records and marks."""


def free_bytes(folder: Path) -> int:
    """Tell how many bytes this user may still write there. Blocking; raises OSError."""
    status = os.statvfs(folder)
    return status.f_bavail * status.f_frsize


class Space:
    """Shares the room on one disk out among downloads: who claims first, gets it first."""

    def __init__(self, free: Callable[[Path], int] = free_bytes) -> None:
        self._free = free
        self._claims: dict[int, Callable[[], int]] = {}

    @contextmanager
    def claimed(self, download: int, missing: Callable[[], int]) -> Iterator[None]:
        """Keep room for the bytes that a download misses while the context lasts."""
        self._claims[download] = missing
        try:
            yield
        finally:
            del self._claims[download]

    async def check(self, download: int, worker: Worker, folder: Path) -> None:
        """Raise NoSpaceError with both figures if a claimed download cannot end here, OSError."""
        free = await worker.run(self._free, folder)
        need = self._claims[download]()
        kept = sum(self._earlier(download))
        if need + kept + KEPT_FREE > free:
            raise NoSpaceError(_shortage(need, free, kept, folder))

    async def shortage(self, need: int, worker: Worker, folder: Path) -> str:
        """Say both figures of a disk that turned out to be full. Raises OSError."""
        return _shortage(need, await worker.run(self._free, folder), 0, folder)

    def _earlier(self, download: int) -> Iterator[int]:
        for claimant, missing in self._claims.items():
            if claimant == download:
                return
            yield missing()


def _shortage(need: int, free: int, kept: int, folder: Path) -> str:
    of_it = f", of which other downloads need {format_size(kept)}" if kept else ""
    return (
        f"it needs {format_size(need)} more and {format_size(free)} are free in {folder}{of_it}; "
        "it goes on by itself once there is room"
    )
