"""Noticing that a path is offered twice.

Of an owner who is sharing, the hashes of all paths are kept at hand: most of them in a sorted
array, which takes little memory, the latest in a set. Both can be made again from the columns, so
they are kept for a few owners only. A hash that was seen before does not prove that the path is
shared; it is a reason to look.
"""

from collections import OrderedDict
from collections.abc import Iterable, Sequence

import numpy as np
import numpy.typing as npt

from napster.catalog.memory.lookup import Lookup
from napster.catalog.memory.shelf import Shelf

_SHELVES = 32
_LATEST = 1024


def lower_half(hashes: Iterable[int]) -> npt.NDArray[np.uint32]:
    """Cut hashes as they are cut in the column of path hashes."""
    return np.array(list(hashes), np.int64).astype(np.uint32)


class Seen:
    """The hashes of one shelf."""

    def __init__(self, earlier: npt.NDArray[np.uint32]) -> None:
        self._earlier = np.sort(earlier)
        self._latest: set[int] = set()

    def all_new(self, hashes: Sequence[int]) -> bool:
        """Remember hashes; whether they were all new, and different from each other."""
        before = len(self._latest)
        self._latest.update(hashes)
        if len(self._latest) < before + len(hashes):
            return False
        known = self._are_earlier(hashes)
        if len(self._latest) > _LATEST:
            self._earlier = np.sort(np.concatenate((self._earlier, lower_half(self._latest))))
            self._latest.clear()
        return not known

    def _are_earlier(self, hashes: Sequence[int]) -> bool:
        if not len(self._earlier):
            return False
        cut = lower_half(hashes)
        places = np.searchsorted(self._earlier[:-1], cut)
        return bool((self._earlier[places] == cut).any())


class SeenPaths:
    """The hashes of those shelves that shared last."""

    def __init__(self, lookup: Lookup) -> None:
        self._lookup = lookup
        self._seen: OrderedDict[Shelf, Seen] = OrderedDict()

    def of(self, shelf: Shelf) -> Seen:
        """Return the hashes of a shelf."""
        seen = self._seen.get(shelf)
        if seen is None:
            seen = self._seen[shelf] = Seen(self._lookup.path_hashes(shelf))
            if len(self._seen) > _SHELVES:
                self._seen.popitem(last=False)
        self._seen.move_to_end(shelf)
        return seen

    def forget(self, shelf: Shelf) -> None:
        """Drop the hashes of a shelf."""
        self._seen.pop(shelf, None)
