"""How fast one source is while it is asked for something."""

from math import exp
from typing import Final

MEMORY: Final = 2.0
"""After so many seconds of work what was measured counts a third."""
GRACE: Final = 1.0
"""How many seconds a source that has sent nothing yet is not called slow."""


class Pace:
    """Bytes per second, averaged over the last seconds in which something was to come."""

    def __init__(self) -> None:
        self._bytes = 0.0
        self._time = 0.0
        self._since: float | None = None

    def work(self, now: float) -> None:
        """Something is to come from now on."""
        if self._since is None:
            self._since = now

    def came(self, count: int, now: float) -> None:
        """Count bytes that came."""
        passed = now - self._since if self._since is not None else 0.0
        fading = exp(-passed / MEMORY)
        self._bytes = self._bytes * fading + count
        self._time = self._time * fading + passed
        self._since = now

    def rest(self) -> None:
        """Nothing more is to come for now."""
        self._since = None

    def rate(self, now: float) -> float | None:
        """Bytes per second; None if it is not known yet."""
        waiting = now - self._since if self._since is not None else 0.0
        time = self._time + waiting
        is_known = time > 0 and (self._bytes > 0 or time >= GRACE)
        return self._bytes / time if is_known else None
