"""The slowest searches and the words most searched for lately, in a bounded space."""

from collections import Counter
from heapq import heappushpop, nlargest
from itertools import count

import attrs
from twisted.internet.interfaces import IReactorTime

from napster.catalog.words import words
from napster.wire.search import SearchQuery

HALF = 1800.0
"""What is told covers the last half hour at least and the last hour at most, in seconds."""
_SLOWEST = 10
_MOST_WORDS = 8192
_LONGEST_WORD = 40
_LONGEST_SEARCH = 120


@attrs.frozen(order=True)
class SlowSearch:
    """A search, how long its answer took (s) and when it came (monotonic s)."""

    seconds: float
    number: int
    """Tells it from others."""
    at: float
    phrases: bytes
    results: int


@attrs.define(eq=False)
class _Period:
    """What was searched during one half hour."""

    begun: float
    slowest: list[SlowSearch] = attrs.field(factory=list)
    counts: Counter[bytes] = attrs.field(factory=Counter)

    def count(self, phrases: bytes) -> None:
        """Count the words, forgetting the least frequent ones when there are too many."""
        self.counts.update(word[:_LONGEST_WORD] for word in set(words(phrases)))
        if len(self.counts) > _MOST_WORDS:
            self.counts = Counter(dict(self.counts.most_common(_MOST_WORDS // 2)))

    def keep(self, search: SlowSearch) -> None:
        """Keep a search if it is among the slowest."""
        if len(self.slowest) < _SLOWEST:
            self.slowest.append(search)
            self.slowest.sort()  # a sorted list is a heap
        elif search > self.slowest[0]:
            heappushpop(self.slowest, search)


class SearchLog:
    """Remembers two periods of half an hour: this one and the one before.

    Counts of words are exact while there are few different ones, and a lower bound after that.
    """

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._numbers = count()
        self._periods = [_Period(clock.seconds())]

    def add(self, query: SearchQuery, seconds: float, results: int) -> None:
        """Remember a search that took so long."""
        now = self._clock.seconds()
        self._turn_over(now)
        phrases = b" ".join(query.contains)
        period = self._periods[-1]
        period.count(phrases)
        shown = phrases[:_LONGEST_SEARCH]
        period.keep(SlowSearch(seconds, next(self._numbers), now, shown, results))

    def slowest(self) -> list[SlowSearch]:
        """List the slowest searches, the slowest one first."""
        self._turn_over(self._clock.seconds())
        return nlargest(_SLOWEST, (each for period in self._periods for each in period.slowest))

    def top_words(self, most: int) -> list[tuple[bytes, int]]:
        """List the words most searched for, with the number of searches."""
        self._turn_over(self._clock.seconds())
        total: Counter[bytes] = Counter()
        for period in self._periods:
            total.update(period.counts)
        return total.most_common(most)

    def _turn_over(self, now: float) -> None:
        if now - self._periods[-1].begun >= HALF:
            recent = now - self._periods[-1].begun < 2 * HALF
            self._periods = [*self._periods[-1:], _Period(now)] if recent else [_Period(now)]
