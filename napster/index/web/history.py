"""Figures of the last hours, in a ring of fixed size."""

from collections import deque
from collections.abc import Callable, Sequence
from math import ceil

import attrs

INTERVAL = 10.0
"""Seconds from one sample to the next."""
SPAN = 8 * 3600.0
"""So many seconds are remembered."""


@attrs.frozen
class Sample:
    """How things were at a moment (monotonic s), and on average since the one before."""

    at: float
    users: int
    files: int
    searches_per_second: float
    worst_lag: float
    """By how much the reactor was late at worst, in seconds."""


@attrs.frozen
class Point:
    """One point of a plot: where from 0 (the begin) to 1 (now), and the figure."""

    x: float
    y: float


class History:
    """The samples of the last hours."""

    def __init__(self) -> None:
        self.samples: deque[Sample] = deque(maxlen=int(SPAN / INTERVAL))

    def add(self, sample: Sample) -> None:
        """Remember a sample; the oldest one makes room."""
        self.samples.append(sample)

    @property
    def last(self) -> Sample:
        """The latest sample; one of nothing if there is none yet."""
        return self.samples[-1] if self.samples else Sample(0.0, 0, 0, 0.0, 0.0)

    def span(self, shortest: float) -> float:
        """Return for how many seconds there are samples, at least so many."""
        if not self.samples:
            return shortest
        return max(shortest, self.samples[-1].at - self.samples[0].at)

    def points(self, figure: Callable[[Sample], float], span: float, most: int) -> Sequence[Point]:
        """Return a figure over a span of seconds, in at most so many points.

        Of samples that share a point the largest figure counts.
        """
        samples = list(self.samples)
        figures = list(map(figure, samples))
        width = max(1, ceil(len(samples) / most))
        now = self.last.at
        return [
            Point(1 - (now - samples[end - 1].at) / span, max(figures[max(0, end - width) : end]))
            for end in range(len(samples), 0, -width)
        ][::-1]
