"""The sources of one download: which to ask next, and when."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final

import attrs
from twisted.internet.interfaces import IReactorTime

from napster.peer.arrange import Arrangement
from napster.peer.downloads.errors import (
    LostError,
    SourceError,
    StalledError,
    WrongContentError,
)
from napster.peer.downloads.patience import patience_with, queue_wait, wait_after
from napster.peer.downloads.people import People, Person
from napster.peer.downloads.record import Offer
from napster.wire.fields import display

PROGRESS: Final = 256 << 10
"""A source that has sent so many bytes has earned its chances again."""
MORE_SLOTS: Final = 10.0
"""After how many seconds it is seen whether a user has more slots than were known of."""
MOST_SOURCES: Final = 64
"""How many sources of one file are kept."""


@attrs.define(eq=False)
class Source:
    """One offer, and how it went with it. Times are those of the clock, in seconds."""

    offer: Offer
    person: Person
    failures: int = 0
    not_before: float = 0.0
    reason: str = ""
    arrangement: Arrangement | None = None
    """What was agreed on last; holds for going on with a broken transfer without the index."""
    address: str = ""
    """Where it was met last; empty if it was not."""
    is_relayed: bool = False
    """Whether it was met last at the relay of an index."""
    ended_before: int = 0
    """How many transfers from its owner had ended when it was asked last."""
    from_start: bool = False
    """Whether it has to be asked for the whole file, since it seems unable to resume."""

    @property
    def who(self) -> str:
        """The nick, fit to be shown."""
        return display(self.offer.nick.encode("latin-1", "replace"))

    @property
    def due(self) -> float:
        """When it may be asked."""
        return max(self.not_before, self.person.due)

    @property
    def why(self) -> str:
        """Why it is not asked now."""
        if self.person.due <= self.not_before:
            return self.reason
        return self.person.reason or f"{self.who} sends other files first"


Ended = Callable[[Source, Exception], None]
"""Told of a source that did not deliver."""


class Sources:
    """All sources of one download."""

    def __init__(
        self,
        offers: Iterable[Offer],
        people: People,
        clock: IReactorTime,
        random: Callable[[], float],
    ) -> None:
        self._people = people
        self._clock = clock
        self._random = random
        self._all: dict[tuple[str, bytes], Source] = {}
        self.add(offers)

    @property
    def offers(self) -> tuple[Offer, ...]:
        """The offers, to be remembered."""
        return tuple(source.offer for source in self._all.values())

    def add(self, offers: Iterable[Offer]) -> bool:
        """Take in offers not yet known; tell whether there were any."""
        new = [offer for offer in offers if offer.key not in self._all]
        for offer in new[: MOST_SOURCES - len(self._all)]:
            self._all[offer.key] = Source(offer, self._people.person(offer.nick))
        return bool(new)

    def found(self, offers: Iterable[Offer]) -> None:
        """Take in offers found at the index; who was dropped and has not lied gets a new chance."""
        offers = list(offers)
        for offer in offers:
            known = self._all.get(offer.key)
            if known is not None and known.offer.dropped and not known.offer.lied:
                _forgive(known)
        self.add(offers)

    def doubt_others(self, source: Source) -> None:
        """Take note that the content has become that of one source: others only resemble it."""
        for each in self._all.values():
            if each is not source:
                each.offer = attrs.evolve(each.offer, resembles=True)

    def next(self, *, online: bool, busy: Iterable[Source] = ()) -> Source | None:
        """Choose whom to ask now: the fastest of those with the fewest failures.

        While the index is away, only those who agreed already can be asked. Nobody is asked who is
        `busy` with this file, be it under another name.
        """
        now, occupied = self._clock.seconds(), [source.person for source in busy]
        ready = [
            source
            for source in self._live(online=online)
            if source.due <= now and source.person not in occupied
        ]
        return min(ready, key=_preference, default=None)

    def soonest(self, *, online: bool = True) -> Source | None:
        """Tell which source can be asked first; None if there is none."""
        best: Source | None = None
        for source in self._live(online=online):
            if best is None or source.due < best.due:
                best = source
        return best

    def failed(self, source: Source, error: Exception) -> None:
        """Take note that a source did not deliver; drop it if it was its last chance."""
        if not isinstance(error, LostError | StalledError):
            source.arrangement = None
        patience = patience_with(error)
        failing = source.person if patience.person else source
        failing.failures += 1
        until = self._clock.seconds() + wait_after(patience, failing.failures, self._random)
        reason = f"{source.who}: {error}" if isinstance(error, SourceError) else str(error)
        if patience.person:
            source.person.wait(until, reason)
            return
        source.not_before, source.reason = until, reason
        if patience.chances is not None and source.failures >= patience.chances:
            lied = isinstance(error, WrongContentError)
            source.offer = attrs.evolve(source.offer, dropped=source.reason, lied=lied)

    def queued(self, source: Source, place: int, reason: str) -> None:
        """Take note that a source's upload slots are taken."""
        source.arrangement = None
        person = source.person
        wait = queue_wait(place, person.queued + 1, self._random)
        person.queue(self._clock.seconds() + wait, reason)
        person.full(self._clock.seconds() + MORE_SLOTS)

    def delivered(self, source: Source, count: int) -> None:
        """Take note of how many bytes a source has sent in one go."""
        if count >= PROGRESS:
            source.failures = 0

    def forgive(self) -> None:
        """Give every source all its chances again, at once."""
        for source in self._all.values():
            _forgive(source)
            source.person.well()

    def verdict(self) -> str:
        """Say why no source is left."""
        said = [each.offer.dropped or each.person.lied for each in self._all.values()]
        return "no source is left (" + "; ".join(said[:5]) + ")"

    def _live(self, *, online: bool) -> Iterator[Source]:
        for source in self._all.values():
            is_out = source.offer.dropped or source.person.lied
            if not is_out and (online or source.arrangement):
                yield source


def _forgive(source: Source) -> None:
    source.offer = attrs.evolve(source.offer, dropped="", lied=False)
    source.failures, source.not_before = 0, 0.0


def _preference(source: Source) -> tuple[bool, bool, int, int]:
    return (
        source.offer.resembles,
        source.from_start,
        source.failures + source.person.failures,
        -source.offer.speed,
    )
