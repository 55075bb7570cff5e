"""Who shares a content.

The content id of each file stands in a column, which costs memory only where there are ids. To find
the files of an id there are runs: the first eight bytes of ids in ascending order, each with its
file. A run is never changed. New files make new runs, and runs of like size are merged, so that
there are few to look into; what has gone is left out then, and until then told by a look at the
column.
"""

from collections.abc import Iterator, Sequence

import attrs
import numpy as np
import numpy.typing as npt

from napster.catalog.memory.blocks import Ids
from napster.catalog.memory.slices import Steps

CONTENT_BYTES = 32
NO_CONTENT = bytes(CONTENT_BYTES)
_WINDOW = 1 << 14
"""So many ids are merged at once, about: as hashes they are spread evenly."""
_LOOKED_THROUGH = 1 << 12
"""So many are looked through at once, about."""
_LOWEST = np.uint64(0)
KEYS = 1 << 64
"""One more than the highest key."""

Keys = npt.NDArray[np.uint64]
Rows = npt.NDArray[np.int64]

_NOKEYS: Keys = np.empty(0, np.uint64)
_NO_IDS: Ids = np.empty(0, np.uint32)


@attrs.frozen(eq=False)
class Run:
    """The beginnings of content ids in ascending order, and beside each a file."""

    keys: Keys
    ids: Ids

    def __len__(self) -> int:
        return len(self.ids)

    def places(self, keys: Keys) -> tuple[Rows, Rows]:
        """Return where the files of each of some keys begin, and how many there are."""
        first = np.searchsorted(self.keys, keys)
        return first, np.searchsorted(self.keys, keys, "right") - first

    def cut(self, low: np.uint64, high: np.uint64 | None) -> "Run":
        """Return the part from one key to before another."""
        first = np.searchsorted(self.keys, low)
        end = len(self.keys) if high is None else np.searchsorted(self.keys, high)
        return Run(self.keys[first:end], self.ids[first:end])


_EMPTY = Run(_NOKEYS, _NO_IDS)


def _numbers(contents: Sequence[bytes]) -> Keys:
    """Return content ids as four numbers each, the key first."""
    numbers: Keys = np.frombuffer(b"".join(contents), np.uint64).reshape(-1, CONTENT_BYTES // 8)
    return numbers


def _sorted(keys: Keys, ids: Ids) -> Run:
    order = np.argsort(keys, kind="stable")
    return Run(keys[order], ids[order])


class Contents:
    """The content ids of all files that have one."""

    def __init__(self, column: npt.NDArray[np.uint8]) -> None:
        """Take the column: 32 bytes for each file id."""
        self._column = column
        self._runs: list[Run] = []
        self._merging = False

    def _keys(self, ids: Ids) -> Keys:
        keys: Keys = self._column[ids].view(np.uint64)[:, 0]
        return keys

    def of(self, ids: Ids) -> list[bytes | None]:
        """Return the content ids of files."""
        whole = self._column[ids].tobytes()
        each = (whole[at : at + CONTENT_BYTES] for at in range(0, len(whole), CONTENT_BYTES))
        return [None if content == NO_CONTENT else content for content in each]

    def add(self, ids: Ids, contents: bytes) -> None:
        """Note the contents of files, one after another."""
        self._column[ids] = np.frombuffer(contents, np.uint8).reshape(-1, CONTENT_BYTES)
        self._runs.append(_sorted(self._keys(ids), ids))

    def forget(self, ids: Ids) -> None:
        """Forget the contents of files."""
        having = ids[self._keys(ids) != 0]
        if len(having):
            self._column[having] = 0

    def files(self, contents: Sequence[bytes]) -> tuple[Rows, Ids]:
        """Return the files that have some contents: for each the row of its content, and its id.

        Some of them may be dead, and one may stand there twice.
        """
        wanted = _numbers(contents)
        order = np.argsort(wanted[:, 0])  # looked up in order, neighbours are near in memory
        keys = wanted[order, 0]
        rows, ids = [np.empty(0, np.int64)], [np.empty(0, np.uint32)]
        for run in self._runs:
            first, counts = run.places(keys)
            beside = np.arange(counts.sum()) - np.repeat(counts.cumsum() - counts, counts)
            rows.append(np.repeat(order, counts))
            ids.append(run.ids[np.repeat(first, counts) + beside])
        row, file_id = np.concatenate(rows), np.concatenate(ids)
        same = (self.ranks(file_id) == wanted[row]).all(axis=1)
        return row[same], file_id[same]

    def portions(self, contents: Sequence[bytes]) -> Iterator[slice]:
        """Divide contents, in order, into portions of few files, or of one content each.

        Files are counted where most of them are, in the longest run.
        """
        keys = _numbers(contents)[:, 0]
        longest = max(self._runs, key=len, default=_EMPTY)
        first = files = 0
        for place, count in enumerate((longest.places(keys)[1] + 1).tolist()):
            if first < place and files + count > _LOOKED_THROUGH:
                yield slice(first, place)
                first, files = place, 0
            files += count
        if len(keys):
            yield slice(first, len(keys))

    def windows(self, start: int = 0) -> Iterator[tuple[Ids, int]]:
        """Go through the files that have a content, those of equal content together.

        Yields some files, those of the lowest ids first, and where the next ones begin. Ids are
        compared by their first eight bytes, from `start` on. Files may be dead, and stand there
        twice; what comes meanwhile may be left out.
        """
        for low, high in _windows(sum(map(len, self._runs)), _LOOKED_THROUGH):
            end = KEYS if high is None else int(high)
            if end <= start:
                continue
            cuts = [run.cut(max(low, np.uint64(start)), high) for run in self._runs]
            keys = np.concatenate([_NOKEYS, *(cut.keys for cut in cuts)])
            ids = np.concatenate([_NO_IDS, *(cut.ids for cut in cuts)])
            yield ids[self._keys(ids) == keys], end

    def ranks(self, ids: Ids) -> Keys:
        """Return by which numbers contents are told apart: four for each file, the key first."""
        ranks: Keys = self._column[ids].view(np.uint64)
        return ranks

    def tidy(self) -> Steps[None]:
        """Merge runs of like size, in steps."""
        while not self._merging and len(self._runs) > 1:
            alike = _alike(self._runs)
            if not alike:
                return
            yield from self._merge(len(self._runs) - alike, len(self._runs))

    def sweep(self) -> Steps[None]:
        """Drop what has been forgotten."""
        while self._merging:
            yield
        for place in range(len(self._runs)):
            yield from self._merge(place, place + 1)
        self._runs = [run for run in self._runs if len(run)]

    def _merge(self, first: int, end: int) -> Steps[None]:
        """Make one run of some that follow each other; others may be added meanwhile."""
        self._merging = True
        try:
            runs = self._runs[first:end]
            size = sum(map(len, runs))
            keys, ids, used = np.empty(size, np.uint64), np.empty(size, np.uint32), 0
            for low, high in _windows(size, _WINDOW):
                part = self._joined([run.cut(low, high) for run in runs])
                place = slice(used, used + len(part))
                keys[place], ids[place], used = part.keys, part.ids, place.stop
                yield
            self._runs[first:end] = [Run(keys[:used], ids[:used])]
        finally:
            self._merging = False

    def _joined(self, cuts: Sequence[Run]) -> Run:
        keys = np.concatenate([cut.keys for cut in cuts])
        ids = np.concatenate([cut.ids for cut in cuts])
        current = self._keys(ids) == keys
        return _sorted(keys[current], ids[current])


def _alike(runs: Sequence[Run]) -> int:
    """Tell how many runs at the end are to be one: those not much smaller than all behind them."""
    behind = chosen = 0
    for count, run in enumerate(reversed(runs)):
        if count and len(run) < 2 * behind:
            chosen = count + 1
        behind += len(run)
    return chosen


def _windows(size: int, about: int) -> list[tuple[np.uint64, np.uint64 | None]]:
    """Divide all keys so that each window has about so many of `size` content ids."""
    bits = (size // about).bit_length()
    bounds = [np.uint64(number << 64 - bits) for number in range(1 << bits)] if bits else [_LOWEST]
    return list(zip(bounds, [*bounds[1:], None], strict=True))
