"""Noticing that a path is offered twice.

Of an owner who is sharing, the hashes of all paths are kept at hand in two sorted arrays, one of
which is short, so that adding to it is quick. They can be made again from the columns, so
they are dropped when there are many. A hash that was seen before does not prove that the path is
shared; it is a reason to look.
"""

from collections import OrderedDict

import numpy as np
import numpy.typing as npt

from napster.catalog.memory.batch import Hashes
from napster.catalog.memory.lookup import Lookup
from napster.catalog.memory.pairs import MERGING
from napster.catalog.memory.shelf import Shelf

_MOST = 1 << 19
"""So many hashes are kept."""
_LATEST = 8192


class Seen:
    """The hashes of one shelf."""

    def __init__(self, earlier: Hashes) -> None:
        self._earlier = np.sort(earlier)
        self._latest = np.empty(0, np.uint32)

    def __len__(self) -> int:
        return len(self._earlier) + len(self._latest)

    def remember(self, hashes: Hashes) -> Hashes:
        """Remember hashes; returns those that were known already or are there twice."""
        latest = np.concatenate((self._latest, hashes))
        latest.sort(kind=MERGING)
        known = hashes[self._are_earlier(hashes)]
        again = latest[1:] == latest[:-1]
        if again.any():
            known = np.concatenate((known, latest[1:][again]))
            latest = np.unique(latest)
        if len(latest) > _LATEST:
            places = np.searchsorted(self._earlier, latest)
            self._earlier = np.insert(self._earlier, places, latest)
            latest = latest[:0]
        self._latest = latest
        return known

    def _are_earlier(self, hashes: Hashes) -> npt.NDArray[np.bool_]:
        if not len(self._earlier):
            return np.zeros(len(hashes), np.bool_)
        places = np.searchsorted(self._earlier[:-1], hashes)
        found: npt.NDArray[np.bool_] = self._earlier[places] == hashes
        return found


class SeenPaths:
    """The hashes of those shelves that shared last."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._seen: OrderedDict[Shelf, Seen] = OrderedDict()
        self._count = 0
        """How many hashes there are."""

    def knows(self, shelf: Shelf) -> bool:
        """Whether the hashes of a shelf are at hand, or there are none."""
        return shelf in self._seen or not shelf.blocks

    def remember(self, shelf: Shelf, hashes: Hashes) -> Hashes:
        """Remember hashes of a shelf; returns those that were known already or are there twice."""
        seen = self._of(shelf)
        before = len(seen)
        known = seen.remember(hashes)
        self._count += len(seen) - before
        while self._count > _MOST and len(self._seen) > 1:
            self.forget(next(iter(self._seen)))
        return known

    def _of(self, shelf: Shelf) -> Seen:
        seen = self._seen.get(shelf)
        if seen is None:
            seen = self._seen[shelf] = Seen(self._lookup.path_hashes(shelf))
            self._count += len(seen)
        self._seen.move_to_end(shelf)
        return seen

    def forget(self, shelf: Shelf) -> None:
        """Drop the hashes of a shelf."""
        self._count -= len(self._seen.pop(shelf, ()))
