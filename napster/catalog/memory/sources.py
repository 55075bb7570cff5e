"""All offers of a content together: how many there are, and which is best."""

from array import array
from collections.abc import Callable, Iterator, Sequence

import attrs
import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from napster.catalog.interface import Asker, Census, FoundContent, Hit, RareContents
from napster.catalog.memory.blocks import SHIFT, Ids
from napster.catalog.memory.contents import KEYS, NO_CONTENT, Contents, Rows
from napster.catalog.memory.files import Reader
from napster.catalog.memory.lookup import Lookup
from napster.catalog.memory.slices import Steps

_MOST = 1000
_COMPARED = 512
"""So many offers, about, are compared with a search to choose those to be shown."""
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
        self._contents = contents
        self._lookup = lookup

    def holders(self, content_id: bytes, asker: Asker, own: int | None) -> Sequence[Hit]:
        """Find who shares a content, the best offers first."""
        offers = self._visible(*self._contents.files([content_id]), asker, own)
        ids = offers.ids[offers.best_last()[::-1][:_MOST]]
        return list(self._reader.read(ids))

    def portions(self, ids: Ids) -> Iterator[Ids]:
        """Divide files into portions of whose contents there are few offers, or of one file."""
        contents = [each or NO_CONTENT for each in self._contents.of(ids)]
        return (ids[some] for some in self._contents.portions(contents))

    def gather(
        self,
        ids: Ids,
        asker: Asker,
        own: int | None,
        matches: Callable[[Hit], bool] | None = None,
    ) -> list[FoundContent]:
        """Find all offers of what some files have in them; those not alive are left out.

        The best is shown of those that match, if it matters: the files themselves do.
        """
        contents = self._contents.of(ids)
        known = [row for row, content in enumerate(contents) if content is not None]
        alone = [row for row, content in enumerate(contents) if content is None]
        rows, files = self._contents.files([each for each in contents if each is not None])
        rows = np.concatenate((np.array(known, np.int64)[rows], np.array(alone, np.int64)))
        offers = self._visible(rows, np.concatenate((files, ids[alone])), asker, own)
        return self._summed_up(offers, contents, self._shown(offers, ids, matches))

    def copies(self, contents: Sequence[bytes], own: int | None) -> Steps[list[int]]:
        """Tell how many owners besides one share each of some contents."""
        counts: list[int] = []
        for some in self._contents.portions(contents):
            counts += self._copies(contents[some], own)
            yield
        return counts

    def _copies(self, contents: Sequence[bytes], own: int | None) -> list[int]:
        rows, ids = self._contents.files(contents)
        alive = self._alive(ids)
        rows, owners = rows[alive], self._blocks.shelf_number[ids[alive] >> SHIFT]
        others = owners != own if own is not None else np.ones(len(rows), np.bool_)
        pairs = np.unique(rows[others] << _OWNER_BITS | owners[others])
        counts: list[int] = np.bincount(pairs >> _OWNER_BITS, minlength=len(contents)).tolist()
        return counts

    def census(self) -> Steps[Census]:
        """Count all contents, and those that one owner alone has."""
        contents = rare = size = 0
        for ids, _ in self._contents.windows():
            count, alone = self._alone(ids)
            contents += count
            rare += len(alone)
            size += self._reader.size(alone)
            yield
        return Census(contents, rare, size)

    def rare(self, after: int, most: int, asker: Asker, own: int | None) -> Steps[RareContents]:
        """List contents that one owner alone has: about `most`, from a place on."""
        found: list[FoundContent] = []
        for ids, end in self._contents.windows(after):
            _, alone = self._alone(ids)
            some, rest = self._first(alone, most - len(found))
            found += self.gather(some, asker, own)
            if rest is not None:
                return RareContents(found, rest)
            if len(found) >= most and end < KEYS:
                return RareContents(found, end)
            yield
        return RareContents(found, None)

    def _first(self, ids: Ids, most: int) -> tuple[Ids, int | None]:
        """Take about so many, those that begin alike together; tell where the rest begins."""
        if len(ids) <= most:
            return ids, None
        keys = self._contents.ranks(ids)[:, 0]
        last = keys[most - 1]
        some = ids[keys <= last]
        return some, int(last) + 1 if len(some) < len(ids) else None

    def _alone(self, ids: Ids) -> tuple[int, Ids]:
        """Tell how many contents some files have, and give one file of each with a sole owner."""
        ids = ids[self._alive(ids)]
        if not len(ids):
            return 0, ids
        ranks = self._contents.ranks(ids)
        owners = self._blocks.shelf_number[ids >> SHIFT]
        order = np.lexsort((owners, *ranks.T[::-1]))
        ranks, owners = ranks[order], owners[order]
        is_first = np.ones(len(ids), np.bool_)
        is_first[1:] = (ranks[1:] != ranks[:-1]).any(axis=1)
        is_other = is_first.copy()
        is_other[1:] |= owners[1:] != owners[:-1]
        starts = np.flatnonzero(is_first)
        holders = np.add.reduceat(is_other, starts, dtype=np.int64)
        alone: Ids = ids[order][starts[holders == 1]]
        return len(starts), alone

    def _alive(self, ids: Ids) -> npt.NDArray[np.bool_]:
        alive = self._lookup.alive(BitMap(array("I", ids.tobytes()))).to_array()
        if len(alive) == len(ids):
            return np.ones(len(ids), np.bool_)
        return np.isin(ids, np.frombuffer(alive, np.uint32))

    def _visible(self, rows: Rows, ids: Ids, asker: Asker, own: int | None) -> _Offers:
        """Leave out what is dead, what stands there twice, and what the asker is not shown."""
        ids, first = np.unique(ids, return_index=True)
        shown = self._alive(ids)
        blocks = ids >> SHIFT
        owners = self._blocks.shelf_number[blocks]
        if own is not None:
            shown &= owners != own
        if self._blocks.hides_from(asker):
            shown &= self._blocks.met(blocks, asker)
        blocks = blocks[shown]
        return _Offers(
            rows=rows[first[shown]],
            ids=ids[shown],
            owners=owners[shown],
            reachable=self._blocks.connected_to(blocks, asker),
            free=self._blocks.free[blocks],
            speed=self._blocks.speed[blocks],
        )

    def _shown(
        self, offers: _Offers, ids: Ids, matches: Callable[[Hit], bool] | None
    ) -> tuple[Rows, Ids]:
        """Choose the offer to be shown in each row that has one; returns rows and offers.

        It is the best that matches; after many that do not, it is the file in the row itself.
        """
        order = offers.best_last()[::-1]
        rows, best = offers.rows[order], offers.ids[order]
        there, first, row = np.unique(rows, return_index=True, return_inverse=True)
        if matches is None:
            return there, best[first]
        shown: Ids = ids[there]
        is_known, is_open = np.zeros(len(there), np.bool_), best[first] != shown
        is_known[row[best == shown[row]]] = True
        rank, low, left = np.arange(len(row)) - first[row], 0, _COMPARED
        while left and is_open.any():
            high = 2 * low + 1
            looked_at = np.flatnonzero(is_open[row] & (low <= rank) & (rank < high))[:left]
            if not len(looked_at):
                break
            hits = self._reader.read(best[looked_at])
            fitting = looked_at[list(map(matches, hits))][::-1]  # the best comes last, and stays
            shown[row[fitting]] = best[fitting]
            is_known[row[fitting]], is_open[row[fitting]] = True, False
            low, left = high, left - len(looked_at)
        return there[is_known], shown[is_known]

    def _summed_up(
        self, offers: _Offers, contents: Sequence[bytes | None], shown: tuple[Rows, Ids]
    ) -> list[FoundContent]:
        count = len(contents)
        since = np.full(count, np.iinfo(np.uint32).max, np.uint32)
        np.minimum.at(since, offers.rows, self._blocks.offered.of(offers.ids))
        users = offers.one_each()
        rows, can_be_reached = offers.rows[users], offers.reachable[users]
        sources = np.bincount(rows, minlength=count)
        reachable = np.bincount(rows[can_be_reached], minlength=count)
        free = np.bincount(rows[can_be_reached & offers.free[users]], minlength=count)
        rows_shown, ids_shown = shown
        there = rows_shown.tolist()
        hits = self._reader.read(ids_shown)
        numbers = (sources, reachable, free, since)
        columns = [each[there].tolist() for each in numbers]
        return list(map(FoundContent, hits, [contents[row] for row in there], *columns))
