"""Watches how late the reactor is, and takes a sample of everything now and then."""

from twisted.application.service import Service
from twisted.internet.interfaces import IDelayedCall

from napster.index.hub import Hub
from napster.index.web.history import INTERVAL, History, Sample

TICK = 0.25
"""Seconds from one look at the reactor's lag to the next."""


class Sampler(Service):
    """Fills a history from a hub while it runs."""

    def __init__(self, hub: Hub) -> None:
        self.history = History()
        self._hub = hub
        self._clock = hub.clock
        self._due = 0.0
        self._next_sample = 0.0
        self._counted = (0.0, 0)
        self._call: IDelayedCall | None = None

    def startService(self) -> None:
        """Begin, with a first sample at once."""
        super().startService()
        now = self._clock.seconds()
        self._counted = now, self._hub.meters.searches
        self._sample(now)
        self._wait()

    def stopService(self) -> None:
        """Watch no longer."""
        super().stopService()
        if self._call and self._call.active():
            self._call.cancel()

    def _wait(self) -> None:
        self._due = self._clock.seconds() + TICK
        self._call = self._clock.callLater(TICK, self._tick)

    def _tick(self) -> None:
        now = self._clock.seconds()
        self._hub.meters.lagged(max(0.0, now - self._due))
        if now >= self._next_sample:
            self._sample(now)
        self._wait()

    def _sample(self, now: float) -> None:
        hub, meters = self._hub, self._hub.meters
        then, searches = self._counted
        self._counted = now, meters.searches
        rate = (meters.searches - searches) / (now - then) if now > then else 0.0
        files = hub.catalog.totals().files
        self.history.add(Sample(now, len(hub.network), files, rate, meters.worst_lag))
        meters.worst_lag = 0.0
        self._next_sample = now + INTERVAL
