"""How fast files are sent: limits for all uploads together, and for those to one user.

Leave to send is given out in small parts. A limit knows when its next part is due; whoever has to
wait is called by one timer that all share, in the order in which their parts are due, so that all
get the same. What is sent, and by what kind of connection, is of no concern here.
"""

from collections.abc import Iterator
from heapq import heapify, heappop, heappush
from itertools import count
from typing import Final

import attrs
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime

TICK: Final = 0.005
"""How often the timer looks, in seconds, while anybody waits."""
LAG: Final = 0.5
"""For how many seconds what could not be sent in time is made up for: a tick can come late."""
PART_TIME: Final = 1.0
"""A part lasts so many seconds at the rate that each upload gets, within these bounds, in bytes:"""
SMALLEST_PART: Final = 2**11
LARGEST_PART: Final = 2**16
UNLIMITED_PART: Final = 2**22
"""A part when there is no limit. The next one heeds a limit that has been set meanwhile."""


@attrs.define
class Limit:
    """So many bytes per second, or any number if `rate` is 0; `due` is when the next may go."""

    rate: float
    due: float = 0.0
    uploads: int = 0
    """How many share it."""

    def take(self, size: int, now: float) -> float:
        """Set bytes aside; returns when they may go."""
        if not self.rate:
            return now
        due = max(self.due, now - LAG)
        self.due = due + size / self.rate
        return due

    def change(self, rate: float, now: float) -> None:
        """Go by another rate from now on; what was set aside before is forgotten."""
        self.rate, self.due = rate, now

    def enter(self, now: float) -> None:
        """Count one more upload; nothing is made up for from the time when there was none."""
        if not self.uploads:
            self.due = now
        self.uploads += 1


_Waiting = tuple[float, int, Deferred[None]]
"""When it is due, a number that keeps equals in order, and what is fired then."""


class Pacer:
    """Gives out leave to send. Rates are in bytes per second, 0 for no limit."""

    def __init__(self, clock: IReactorTime, rate: float = 0, rate_per_user: float = 0) -> None:
        self._clock = clock
        self._total = Limit(rate)
        self._rate_per_user = rate_per_user
        self._users: dict[str, Limit] = {}
        self._waiting: list[_Waiting] = []
        self._numbers = count()
        self._timer: IDelayedCall | None = None

    def set_rates(self, rate: float, rate_per_user: float) -> None:
        """Go by other rates; all who wait get the part they wait for at the next tick."""
        now = self._clock.seconds()
        self._total.change(rate, now)
        self._rate_per_user = rate_per_user
        for limit in self._users.values():
            limit.change(rate_per_user, now)
        self._waiting = [(now, number, go) for _, number, go in self._waiting]
        heapify(self._waiting)

    def join(self, user: str) -> "Pace":
        """Let one more upload to a user take part."""
        return Pace(self, user)

    async def part(self, user: str, left: int, largest: int) -> int:
        """Wait until a part of the `left` bytes may be sent; returns its size in bytes.

        If there is a limit, it is at most the `largest`.
        """
        limits = self._users[user], self._total
        size = min(left, *_sizes(limits, largest))
        for limit in limits:
            now = self._clock.seconds()
            due = limit.take(size, now)
            if due > now or self._is_anybody_due(now):
                await self._wait(due)
        return size

    def _is_anybody_due(self, now: float) -> bool:
        return bool(self._waiting) and self._waiting[0][0] <= now

    def enter(self, user: str) -> None:
        """Count one more upload to a user."""
        now = self._clock.seconds()
        self._users.setdefault(user, Limit(self._rate_per_user)).enter(now)
        self._total.enter(now)

    def leave(self, user: str) -> None:
        """Count one upload less."""
        limit = self._users[user]
        limit.uploads -= 1
        self._total.uploads -= 1
        if not limit.uploads:
            del self._users[user]

    def _wait(self, due: float) -> Deferred[None]:
        go: Deferred[None] = Deferred(self._withdraw)
        heappush(self._waiting, (due, next(self._numbers), go))
        self._tick_on()
        return go

    def _withdraw(self, gone: Deferred[None]) -> None:
        self._waiting = [each for each in self._waiting if each[2] is not gone]
        heapify(self._waiting)
        self._tick_on()

    def _tick_on(self) -> None:
        """Have the timer run if, and only if, somebody waits."""
        if self._waiting and self._timer is None:
            self._timer = self._clock.callLater(TICK, self._tick)
        elif not self._waiting and self._timer is not None:
            self._timer.cancel()
            self._timer = None

    def _tick(self) -> None:
        self._timer = None
        now = self._clock.seconds()
        while self._waiting and self._waiting[0][0] <= now:
            _, _, go = heappop(self._waiting)
            go.callback(None)
        self._tick_on()


def _sizes(limits: tuple[Limit, ...], largest: int) -> Iterator[int]:
    for limit in limits:
        if limit.rate:
            share = limit.rate / limit.uploads * PART_TIME
            yield int(max(SMALLEST_PART, min(share, largest)))
        else:
            yield UNLIMITED_PART


class Pace:
    """The pace of one upload, from its start to its end."""

    def __init__(self, pacer: Pacer, user: str) -> None:
        self._pacer = pacer
        self._user = user
        self._part: Deferred[int] | None = None
        self._largest = SMALLEST_PART
        pacer.enter(user)

    def part(self, left: int) -> Deferred[int]:
        """Wait until a part of the `left` bytes may be sent; fires with its size in bytes.

        Under a limit the first parts are small: how many share it shows soon.
        """
        part = self._pacer.part(self._user, left, self._largest)
        self._largest = min(2 * self._largest, LARGEST_PART)
        self._part = Deferred.fromCoroutine(part)
        return self._part

    def end(self) -> None:
        """Wait no more, if anything is waited for: that fails with a CancelledError. Only once."""
        self._pacer.leave(self._user)
        if self._part is not None:
            self._part.cancel()
