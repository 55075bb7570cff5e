"""How many contents there are, and how many of them one user alone has; counted now and then."""

from twisted.internet.interfaces import IReactorTime

from napster.catalog.interface import Census, ICatalog
from napster.daemon.turns import Turns

_FRESH = 60.0
"""For so many seconds a count is good enough."""


class CensusTaker:
    """Counts when asked, but not again and again: all contents are looked through for it."""

    def __init__(self, clock: IReactorTime, catalog: ICatalog) -> None:
        self._clock = clock
        self._catalog = catalog
        self._lock = Turns()
        self._taken: Census | None = None
        self._at = 0.0

    async def take(self) -> Census:
        """Tell of all contents; what is told is at most a minute old."""
        async with self._lock:
            now = self._clock.seconds()
            if self._taken is None or now - self._at > _FRESH:
                self._taken, self._at = await self._catalog.census(), now
            return self._taken
