"""What is known of users that hinders all downloads from them: offline, unreachable, slots taken.

Two thousand files wanted of one user who is offline are one question, not two thousand.
"""

from collections.abc import Callable
from typing import Final

import attrs

from napster.peer.downloads.liars import Liars

MOST_PEOPLE: Final = 4096
"""How many users are remembered; the one of longest standing is forgotten first."""


@attrs.define(eq=False)
class Person:
    """One user. Times are those of the clock, in seconds."""

    failures: int = 0
    not_before: float = 0.0
    reason: str = ""
    queued: int = 0
    """How often in a row it was only that all upload slots were taken."""
    ended: int = 0
    """How many transfers from this user to here have ended."""
    active: int = 0
    """How many downloads ask this user or receive at the moment."""
    room: int | None = None
    """How many of them had a slot when another one was told to wait; None if that is not known."""
    more_after: float = 0.0
    """When it may be seen whether there are more slots by now."""
    lied: str = ""
    """Why this user is not to be asked at all; empty if there is nothing against it."""

    @property
    def is_full(self) -> bool:
        """Whether as many files come from this user as there are slots for, so far as is known."""
        return self.room is not None and self.active >= self.room

    @property
    def due(self) -> float:
        """When this user may be asked for another file."""
        return max(self.not_before, self.more_after) if self.is_full else self.not_before

    def full(self, until: float) -> None:
        """Ask for no more at once than now until then: all upload slots are taken."""
        if self.active:
            self.room, self.more_after = self.active, until

    def wait(self, until: float, reason: str) -> None:
        """Leave this user alone for a while."""
        self.not_before = until
        self.reason = reason
        self.queued = 0

    def queue(self, until: float, reason: str) -> None:
        """Leave this user alone for a while: all upload slots are taken."""
        self.not_before = until
        self.reason = reason
        self.queued += 1

    def well(self) -> None:
        """Forget what was wrong: this user has answered."""
        self.failures = 0
        self.wait(0.0, "")

    def slot_freed(self) -> None:
        """Ask again at once: one of this user's transfers to here has ended."""
        self.ended += 1
        if self.queued:
            self.well()


class People:
    """All users that files are wanted of, by nick without case."""

    def __init__(self, liars: Liars | None = None) -> None:
        self.liars = liars or Liars()
        self.slot_freed: Callable[[], None] = lambda: None
        """Told when a transfer from anybody to here has ended."""
        self._known: dict[str, Person] = {}

    def person(self, nick: str) -> Person:
        """Find or make what is known of a user."""
        key = nick.lower()
        if key not in self._known:
            if len(self._known) >= MOST_PEOPLE:
                del self._known[next(iter(self._known))]
            self._known[key] = Person(lied=self.liars.charge(nick))
        return self._known[key]
