"""How fast a download is."""

from collections import deque
from typing import Final

from twisted.internet.interfaces import IReactorTime

WINDOW: Final = 10.0
"""Over how many seconds a rate is the average."""
_STEP: Final = 0.5


class Meter:
    """Watches how much of a file is here, and tells the rate of the last seconds."""

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._seen: deque[tuple[float, int]] = deque()

    def start(self, here: int) -> None:
        """Begin anew with so many bytes."""
        self._seen.clear()
        self._seen.append((self._clock.seconds(), here))

    def note(self, here: int) -> None:
        """Take note of how many bytes are here now."""
        now = self._clock.seconds()
        if len(self._seen) > 1 and now - self._seen[-2][0] < _STEP:
            self._seen.pop()
        self._seen.append((now, here))
        self._forget(now)

    @property
    def rate(self) -> float:
        """Bytes per second, averaged over WINDOW."""
        now = self._clock.seconds()
        self._forget(now)
        if len(self._seen) < 2:
            return 0.0
        (then, before), (_, here) = self._seen[0], self._seen[-1]
        return max(0, here - before) / max(now - then, _STEP)

    def _forget(self, now: float) -> None:
        while len(self._seen) > 1 and self._seen[0][0] < now - WINDOW:
            self._seen.popleft()
