"""Dropping files that do not pass the filters of a search, or are not shown to who asks.

Conditions on columns are compared for many ids at once. Where the ids found lie close together, the
columns are compared as a whole over their range, which is much faster than picking values out one
by one. Conditions on owners are worked out once per block. What columns cannot tell for certain,
because a file is odd or an extension has no code, is looked up in the files themselves at the end.
"""

from collections.abc import Callable
from functools import reduce
from operator import and_
from typing import Any

import numpy as np
import numpy.typing as npt

from napster.catalog.filters import passes
from napster.catalog.interface import Asker
from napster.catalog.memory.blocks import SHIFT, Blocks, Ids
from napster.catalog.memory.columns import ODD, Columns
from napster.catalog.memory.endings import codes_of
from napster.catalog.memory.fields import BEYOND, BITRATE, DURATION, SIZE
from napster.catalog.memory.files import Reader
from napster.catalog.memory.frequencies import codes_in
from napster.wire.search import Range, SearchQuery

Mask = npt.NDArray[np.bool_]
_Where = Ids | slice
_Condition = Callable[[_Where], Mask]
_ANY = Range()
_MANY = 1024
"""Fewer ids are picked out one by one."""
_DENSE = 8
"""So are ids of which fewer than one in so many of their range were found."""
_SPARSE = 8
"""If fewer than one in so many passes, what passes is looked for in what was found."""
_AT_ONCE = 128
"""So many files are looked at one by one before it is seen whether there are enough."""


def _between(column: npt.NDArray[Any], wanted: Range, beyond: int) -> _Condition:
    """Accept values in a range; `beyond` stands for all that are as high or higher."""
    low = min(wanted.lowest or 0, beyond)
    high = beyond if wanted.highest is None else min(wanted.highest, beyond)

    def accepts(where: _Where) -> Mask:
        values = column[where]
        inside: Mask = values >= low
        return inside if high == beyond else inside & (values <= high)

    return accepts


def _size_between(columns: Columns, wanted: Range) -> _Condition:
    """Accept sizes in a range; the highest one stands for all that are as high or higher."""

    def at_least(where: _Where, bound: int) -> Mask:
        bound_high, bound_low = divmod(min(bound, BEYOND[SIZE]), 2**32)
        high = columns.size_high[where]
        accepted: Mask = columns.size_low[where] >= bound_low
        if bound_high:
            accepted &= high == bound_high
        accepted |= high > bound_high
        return accepted

    def accepts(where: _Where) -> Mask:
        inside = at_least(where, wanted.lowest or 0)
        if wanted.highest is None or wanted.highest >= BEYOND[SIZE]:
            return inside
        return inside & ~at_least(where, wanted.highest + 1)

    return accepts


def _among(column: npt.NDArray[np.uint8], codes: Mask) -> _Condition:
    return lambda where: codes[column[where]]


def _conditions(query: SearchQuery, columns: Columns) -> list[_Condition]:
    conditions = []
    if query.bitrate != _ANY:
        conditions.append(_between(columns.bitrate, query.bitrate, BEYOND[BITRATE]))
    if query.duration != _ANY:
        conditions.append(_between(columns.duration, query.duration, BEYOND[DURATION]))
    if query.size != _ANY:
        conditions.append(_size_between(columns, query.size))
    if query.frequency != _ANY:
        conditions.append(_among(columns.frequency, codes_in(query.frequency)))
    if query.type is not None:
        conditions.append(_among(columns.ending, codes_of(query.type)))
    return conditions


def _shown(query: SearchQuery, asker: Asker, own: int | None, blocks: Blocks) -> Mask | None:
    """Tell for each block whether its files are shown; None if all are."""
    used = slice(blocks.top >> SHIFT)
    conditions: list[Mask] = []
    if query.speed != _ANY:
        conditions.append(_between(blocks.speed, query.speed, 255)(used))
    if blocks.hides_from(asker):
        conditions.append(blocks.met(used, asker))
    if own is not None:
        conditions.append(blocks.shelf_number[used] != own)
    return np.logical_and.reduce(conditions) if conditions else None


class Sieve:
    """The filters of one search."""

    def __init__(self, query: SearchQuery, asker: Asker, own: int | None, reader: Reader) -> None:
        self._query = query
        self._reader = reader
        self._form = reader.columns.form
        self._conditions = _conditions(query, reader.columns)
        self._shown = _shown(query, asker, own, reader.blocks)
        self._uncertain = bool(self._conditions) or query.extension is not None

    def ids(self, found: Ids, wanted: int) -> Ids:
        """Return the first ids found that pass, at most as many as wanted."""
        if self._conditions:
            found = self._passing(found)
        if self._shown is not None:
            found = found[self._shown[found >> SHIFT]]
        return self._certain(found, wanted) if self._uncertain and len(found) else found[:wanted]

    def _passing(self, ids: Ids) -> Ids:
        """Return the ids whose columns meet the conditions."""
        first, end = (int(ids[0]), int(ids[-1]) + 1) if len(ids) > _MANY else (0, 0)
        if not len(ids) <= end - first <= len(ids) * _DENSE:  # far apart, or in another order
            return self._picked(ids)
        span = slice(first, end)
        accepted = reduce(and_, [condition(span) for condition in self._conditions])
        if np.count_nonzero(accepted) > len(ids) // _SPARSE:
            chosen: Ids = ids[accepted[ids - np.uint32(first)]]
        else:
            passing = np.flatnonzero(accepted).astype(np.uint32) + np.uint32(first)
            chosen = passing[ids[ids.searchsorted(passing)] == passing]
        return chosen

    def _picked(self, ids: Ids) -> Ids:
        for condition in self._conditions:
            ids = ids[condition(ids)]
        return ids

    def _certain(self, ids: Ids, wanted: int) -> Ids:
        """Check what columns do not tell, until enough have passed."""
        passed = [ids[:0]]
        for start in range(0, len(ids), _AT_ONCE):
            some = ids[start : start + _AT_ONCE]
            passed.append(some[self._pass(some)])
            if sum(map(len, passed)) >= wanted:
                break
        return np.concatenate(passed)[:wanted]

    def _pass(self, ids: Ids) -> Mask:
        asked_for_more = self._query.extension is not None
        doubtful: Mask = (self._form[ids] == ODD) | asked_for_more
        accepted = ~doubtful
        if doubtful.any():
            hits = self._reader.read(ids[doubtful])
            accepted[doubtful] = [passes(hit, self._query) for hit in hits]
        return accepted
