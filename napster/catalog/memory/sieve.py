"""Dropping files that do not pass the filters of a search, or are not shown to who asks.

Conditions on columns are compared for many ids at once. Where all ids of a window are looked
through, its part of the columns is compared as a whole, which is much faster than picking values
out one by one. Conditions on owners are worked out once per block. What columns cannot tell for
certain, because a file is odd or an extension has no code, is looked up in the files themselves at
the end.
"""

from array import array
from collections.abc import Callable
from functools import reduce
from operator import and_
from typing import Any

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from napster.catalog.filters import has_filter, passes
from napster.catalog.interface import Asker
from napster.catalog.memory.blocks import SHIFT, Blocks, Ids
from napster.catalog.memory.columns import FORMS, ODD, Columns
from napster.catalog.memory.endings import codes_of
from napster.catalog.memory.fields import BEYOND, BITRATE, DURATION, SIZE
from napster.catalog.memory.files import Reader
from napster.catalog.memory.frequencies import codes_in
from napster.wire.search import ANY, Range, SearchQuery

Mask = npt.NDArray[np.bool_]
_Where = Ids | slice
_Condition = Callable[[_Where], Mask]
_SPARSE = 8
"""If fewer than one in so many pass, or are shown, they are made a set of their own."""
_EDGES = 512
"""Where blocks that are shown begin and end more often, there is no set made of them."""
_NOT_SHOWN = np.zeros(1, np.bool_)
_AT_ONCE = 128
"""So many files are looked at one by one before it is seen whether there are enough."""


def _between(column: npt.NDArray[Any], wanted: Range, beyond: int) -> _Condition:
    """Accept values in a range; `beyond` stands for all that are as high or higher."""
    low = min(wanted.lowest or 0, beyond)
    high = beyond if wanted.highest is None else min(wanted.highest, beyond)
    if high == beyond:
        return lambda where: column[where] >= low
    if not low:
        return lambda where: column[where] <= high
    if high < low:
        return lambda where: column[where] < 0
    number = column.dtype.type
    first, width = number(low), number(high - low)
    return lambda where: column[where] - first <= width  # what is lower wraps round


def _among(column: npt.NDArray[np.uint8], codes: Mask) -> _Condition:
    return lambda where: codes[column[where]]


def _conditions(query: SearchQuery, columns: Columns) -> list[_Condition]:
    conditions = []
    if query.bitrate != ANY:
        conditions.append(_between(columns.bitrate, query.bitrate, BEYOND[BITRATE]))
    if query.duration != ANY:
        conditions.append(_between(columns.duration, query.duration, BEYOND[DURATION]))
    if query.size != ANY:
        conditions.append(_between(columns.size, query.size, BEYOND[SIZE]))
    if query.frequency != ANY:
        conditions.append(_among(columns.marks, np.tile(codes_in(query.frequency), FORMS)))
    if query.type is not None:
        conditions.append(_among(columns.ending, codes_of(query.type)))
    return conditions


def _shown(query: SearchQuery, asker: Asker, own: int | None, blocks: Blocks) -> Mask | None:
    """Tell for each block whether any of its files may be shown; None if all may.

    The last element stands for blocks that are taken while the search goes on: theirs are not.
    """
    used = slice(blocks.top >> SHIFT)
    conditions: list[Mask] = []
    if query.speed != ANY:
        conditions.append(_between(blocks.speed, query.speed, 255)(used))
    if query.size.lowest:
        conditions.append(blocks.largest[used] >= min(query.size.lowest, BEYOND[SIZE]))
    if blocks.hides_from(asker):
        conditions.append(blocks.met(used, asker))
    if own is not None:
        conditions.append(blocks.shelf_number[used] != own)
    return np.concatenate((reduce(and_, conditions), _NOT_SHOWN)) if conditions else None


def _ids_if_few(blocks: Mask) -> BitMap | None:
    """Return the ids of some blocks, if these are few in all; else None."""
    ids, count = BitMap(), np.count_nonzero(blocks)
    if not count:
        return ids
    if count > len(blocks) // _SPARSE:
        return None
    edges = np.flatnonzero(np.diff(blocks, prepend=False, append=False))
    if len(edges) > _EDGES:
        return None
    for first, end in edges.reshape(-1, 2).tolist():
        ids.add_range(first << SHIFT, end << SHIFT)
    return ids


class Sieve:
    """The filters of one search."""

    def __init__(self, query: SearchQuery, asker: Asker, own: int | None, reader: Reader) -> None:
        self._query = query
        self._reader = reader
        self._conditions = _conditions(query, reader.columns) if has_filter(query) else []
        self._shown = _shown(query, asker, own, reader.blocks)
        self._uncertain = bool(self._conditions) or query.extension is not None

    def owners(self) -> BitMap | None:
        """Return the ids of all blocks that are shown, if these are few; else None."""
        return None if self._shown is None else _ids_if_few(self._shown)

    def window(self, low: int, high: int) -> BitMap:
        """Return the ids from `low` to before `high`, or those whose columns pass if few do."""
        if self._conditions:
            span = slice(low, high)
            accepted = reduce(and_, [condition(span) for condition in self._conditions])
            if np.count_nonzero(accepted) < (high - low) // _SPARSE:
                passing = np.flatnonzero(accepted).astype(np.uint32) + np.uint32(low)
                return BitMap(array("I", passing.tobytes()), optimize=False)
        return BitMap(range(low, high))

    def ids(self, found: Ids, wanted: int) -> Ids:
        """Return the first ids found that pass, at most as many as wanted."""
        for condition in self._conditions:
            found = found[condition(found)]
        if self._shown is not None:
            found = found[self._shown.take(found >> SHIFT, mode="clip")]
        return self._certain(found, wanted) if self._uncertain and len(found) else found[:wanted]

    def _certain(self, ids: Ids, wanted: int) -> Ids:
        """Check what columns do not tell, until enough have passed."""
        passed = self._sure(ids[:_AT_ONCE])
        for start in range(_AT_ONCE, len(ids), _AT_ONCE):
            if len(passed) >= wanted:
                break
            passed = np.concatenate((passed, self._sure(ids[start : start + _AT_ONCE])))
        return passed[:wanted]

    def _sure(self, ids: Ids) -> Ids:
        """Return those of some ids whose files pass, read where the columns leave a doubt."""
        doubtful = self._doubtful(ids)
        if not doubtful.any():
            return ids
        accepted = ~doubtful
        hits = self._reader.read(ids[doubtful])
        accepted[doubtful] = [passes(hit, self._query) for hit in hits]
        return ids[accepted]

    def _doubtful(self, ids: Ids) -> Mask:
        if self._query.extension is not None:
            return np.ones(len(ids), np.bool_)
        doubtful: Mask = self._reader.columns.forms(ids) == ODD
        return doubtful
