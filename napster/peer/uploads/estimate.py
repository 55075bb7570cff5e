"""When those who wait for an upload slot may get one."""

from collections.abc import Iterable
from heapq import heapify, heapreplace
from statistics import fmean

from napster.peer.uploads.upload import Upload


def starts(slots: Iterable[float], waiting: Iterable[float]) -> list[float]:
    """Estimate in how many seconds each of those who wait gets a slot, if they are served in order.

    `slots` are the seconds until each slot is free, 0 for one that is; `waiting` the seconds that
    each of those who wait will take, in order. There must be a slot.
    """
    free = list(slots)
    heapify(free)
    return [heapreplace(free, free[0] + seconds) for seconds in waiting]


class UsualPace:
    """At what rate uploads go, from what was last seen."""

    def __init__(self) -> None:
        self._rate = 0.0

    def measure(self, uploads: Iterable[Upload]) -> float:
        """Tell the mean of their rates now, or the last one known; in bytes/s, 0 if none is."""
        rates = [upload.rate for upload in uploads if upload.rate]
        if rates:
            self._rate = fmean(rates)
        return self._rate
