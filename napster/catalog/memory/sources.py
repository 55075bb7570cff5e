"""All offers of a content together: how many there are, and which is best."""

from collections.abc import Sequence

import attrs
import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from napster.catalog.interface import Asker, FoundContent, Hit
from napster.catalog.memory.blocks import SHIFT, Ids
from napster.catalog.memory.contents import Contents, Rows
from napster.catalog.memory.files import Reader
from napster.catalog.memory.lookup import Lookup

_MOST = 1000
_OWNER_BITS = 32


@attrs.frozen(eq=False)
class _Offers:
    """Offers that may be shown: the row of what was asked for, the file, and its owner's state."""

    rows: Rows
    ids: Ids
    owners: npt.NDArray[np.uint32]
    """The numbers of their shelves."""
    reachable: npt.NDArray[np.bool_]
    free: npt.NDArray[np.bool_]
    speed: npt.NDArray[np.uint8]

    def one_each(self) -> Rows:
        """Pick one offer of each owner in each row."""
        pairs = self.rows << _OWNER_BITS | self.owners
        _, first = np.unique(pairs, return_index=True)
        chosen: Rows = first
        return chosen

    def best_last(self) -> Rows:
        """Order the offers of each row: those last that are most likely to be had."""
        return np.lexsort((self.speed, self.free, self.reachable, self.rows))


class Sources:
    """Finds the offers of contents."""

    def __init__(self, reader: Reader, contents: Contents, lookup: Lookup) -> None:
        self._reader = reader
        self._blocks = reader.blocks
        self._since = reader.columns.since
        self._contents = contents
        self._lookup = lookup

    def holders(self, content_id: bytes, asker: Asker, own: int | None) -> Sequence[Hit]:
        """Find who shares a content, the best offers first."""
        offers = self._visible(*self._contents.files([content_id]), asker, own)
        ids = offers.ids[offers.best_last()[::-1][:_MOST]]
        return list(self._reader.read(ids))

    def gather(self, ids: Ids, asker: Asker, own: int | None) -> list[FoundContent]:
        """Find all offers of what some files have in them; those not alive are left out."""
        contents = self._contents.of(ids)
        known = [row for row, content in enumerate(contents) if content is not None]
        alone = [row for row, content in enumerate(contents) if content is None]
        rows, files = self._contents.files([each for each in contents if each is not None])
        rows = np.concatenate((np.array(known, np.int64)[rows], np.array(alone, np.int64)))
        offers = self._visible(rows, np.concatenate((files, ids[alone])), asker, own)
        return self._summed_up(offers, contents)

    def _visible(self, rows: Rows, ids: Ids, asker: Asker, own: int | None) -> _Offers:
        """Leave out what is dead, what stands there twice, and what the asker is not shown."""
        ids, first = np.unique(ids, return_index=True)
        alive = self._lookup.alive(BitMap(ids.tolist())).to_array()
        shown = np.isin(ids, np.frombuffer(alive, np.uint32), assume_unique=True)
        blocks = ids >> SHIFT
        firewalled = self._blocks.firewalled[blocks]
        owners = self._blocks.shelf_number[blocks]
        if own is not None:
            shown &= owners != own
        if asker.firewalled:
            shown &= self._blocks.met(blocks, asker)
        blocks = blocks[shown]
        return _Offers(
            rows=rows[first[shown]],
            ids=ids[shown],
            owners=owners[shown],
            reachable=~firewalled[shown],
            free=self._blocks.free[blocks],
            speed=self._blocks.speed[blocks],
        )

    def _summed_up(self, offers: _Offers, contents: Sequence[bytes | None]) -> list[FoundContent]:
        count = len(contents)
        order = offers.best_last()
        best = np.zeros(count, np.uint32)
        best[offers.rows[order]] = offers.ids[order]
        since = np.full(count, np.iinfo(np.uint32).max, np.uint32)
        np.minimum.at(since, offers.rows, self._since[offers.ids])
        users = offers.one_each()
        rows, can_be_reached = offers.rows[users], offers.reachable[users]
        sources = np.bincount(rows, minlength=count)
        reachable = np.bincount(rows[can_be_reached], minlength=count)
        free = np.bincount(rows[can_be_reached & offers.free[users]], minlength=count)
        there = np.flatnonzero(sources).tolist()
        hits = self._reader.read(best[there])
        numbers = (sources, reachable, free, since)
        columns = [[int(numbers[row]) for row in there] for numbers in numbers]
        return list(map(FoundContent, hits, [contents[row] for row in there], *columns))
