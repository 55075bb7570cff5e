"""The queue of those who have to wait for an upload slot."""

from collections import Counter
from collections.abc import Container, Mapping, Sequence

import attrs
from twisted.internet.interfaces import IReactorTime

FORGET = 600.0
"""After how many seconds without asking again somebody loses the place in the queue."""
HOLD = 90.0
"""A free slot is held for those who asked within so many seconds; others may be passed."""

Key = tuple[str, bytes]
"""Nick in lower case, and the virtual path of the file."""


class QueueFullError(Exception):
    """Too many wait already."""


@attrs.frozen
class UploadLimits:
    """How many files are sent at once, in total and to one user, how many may wait; how fast.

    Friends have `friend_slots` besides. Rates are in bytes per second, 0 for no limit.
    """

    slots: int
    slots_per_user: int
    queue_length: int
    friend_slots: int = 0
    rate: int = 0
    rate_per_user: int = 0


@attrs.define
class _Waiting:
    number: int
    asked: float


class WaitingLine:
    """Who waits for which file. Nobody is called: those who wait ask again from time to time.

    Users take turns: the second file of one comes after the first of everybody else, and what a
    user is being sent already counts like a file ahead in the queue.
    """

    def __init__(
        self, clock: IReactorTime, limits: UploadLimits, friends: Container[str] = ()
    ) -> None:
        """Know who is a friend by the nicks in `friends`, in lower case, which may change."""
        self.limits = limits
        self._friends = friends
        self._clock = clock
        self._waiting: dict[Key, _Waiting] = {}
        self._numbers = 0

    def __len__(self) -> int:
        """Count the files waited for."""
        return len(self._waiting)

    def ask(self, key: Key, taken: Mapping[str, int]) -> int:
        """Ask for a slot; `taken` tells how many each user has.

        Returns 0 if there is one for this file, else its place in the queue, from 1 on. Raises
        QueueFullError.
        """
        self._forget_the_gone()
        is_new = key not in self._waiting
        self._note(key)
        order = self.in_order(taken)
        place = order.index(key)
        if self._has_turn(key, order[:place], Counter(taken)):
            del self._waiting[key]
            return 0
        if is_new and len(order) > self.limits.queue_length:
            del self._waiting[key]
            raise QueueFullError
        return place + 1

    def in_order(self, taken: Mapping[str, int]) -> Sequence[Key]:
        """List what is waited for, next one first."""
        before = Counter(taken)
        ranks: dict[Key, tuple[int, int]] = {}
        for key, waiting in sorted(self._waiting.items(), key=lambda item: item[1].number):
            ranks[key] = before[key[0]], waiting.number
            before[key[0]] += 1
        return sorted(ranks, key=ranks.__getitem__)

    def _note(self, key: Key) -> None:
        now = self._clock.seconds()
        known = self._waiting.setdefault(key, _Waiting(self._numbers, now))
        known.asked = now
        self._numbers += 1

    def _forget_the_gone(self) -> None:
        oldest = self._clock.seconds() - FORGET
        gone = [key for key, waiting in self._waiting.items() if waiting.asked < oldest]
        for key in gone:
            del self._waiting[key]

    def _has_turn(self, key: Key, ahead: Sequence[Key], taken: Counter[str]) -> bool:
        """Whether a slot is left when those ahead who are still there have got theirs."""
        latest = self._clock.seconds() - HOLD
        for other in ahead:
            if self._waiting[other].asked >= latest and self._fits(other[0], taken):
                taken[other[0]] += 1
        return self._fits(key[0], taken)

    def _fits(self, nick: str, taken: Counter[str]) -> bool:
        limits = self.limits
        if taken[nick] >= limits.slots_per_user:
            return False
        if nick in self._friends:
            return taken.total() < limits.slots + limits.friend_slots
        strangers = sum(number for user, number in taken.items() if user not in self._friends)
        return strangers < limits.slots and taken.total() < limits.slots + limits.friend_slots
