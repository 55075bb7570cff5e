"""What an index counts while it runs; the metrics and the page are made from it."""

from collections import Counter

import attrs

from napster.daemon.metrics import Histogram

_SEARCH_SECONDS = (0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0)
_LAG_SECONDS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5)


def _search_seconds() -> Histogram:
    return Histogram(*_SEARCH_SECONDS)


def _lag_seconds() -> Histogram:
    return Histogram(*_LAG_SECONDS)


@attrs.define(eq=False)
class Traffic:
    """Bytes between the index and its clients since the start."""

    received: int = 0
    sent: int = 0


@attrs.define(eq=False)
class Meters:
    """Counts since the start."""

    traffic: Traffic = attrs.field(factory=Traffic)
    frames: Counter[int] = attrs.field(factory=Counter)
    """Messages that clients sent, by number, those of unknown commands not among them."""
    unknown_frames: int = 0
    connections: int = 0
    """Connections that were let in."""
    connections_refused: int = 0
    logins: int = 0
    displaced: int = 0
    """Sessions that ended because their nick logged in again."""
    files: int = 0
    """Files taken into the catalog."""
    search_seconds: Histogram = attrs.field(factory=_search_seconds)
    """From a search to its finished answer, in seconds."""
    empty_searches: int = 0
    explained_searches: int = 0
    standing_hits: int = 0
    """Files told to those who had left a standing search."""
    lag_seconds: Histogram = attrs.field(factory=_lag_seconds)
    """By how much the reactor was late for a call that was due, in seconds."""
    worst_lag: float = 0.0
    """The largest of these since it was last set to zero."""

    @property
    def searches(self) -> int:
        """How many searches were answered."""
        return self.search_seconds.count

    def searched(self, seconds: float, results: int) -> None:
        """Count a search that was answered."""
        self.search_seconds.observe(seconds)
        self.empty_searches += not results

    def lagged(self, seconds: float) -> None:
        """Count by how much a call was late."""
        self.lag_seconds.observe(seconds)
        self.worst_lag = max(self.worst_lag, seconds)
