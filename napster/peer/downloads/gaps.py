"""A set of pieces, kept as ranges: what of a big file nobody has been asked for yet."""

from bisect import bisect_right
from collections.abc import Iterable, Iterator
from operator import itemgetter

Range = tuple[int, int]
"""The first piece, and the one behind the last."""


class Gaps:
    """Pieces in ascending ranges that do not touch."""

    def __init__(self, count: int, without: Iterable[int] = ()) -> None:
        """Begin with the pieces from 0 to below `count`, but for some."""
        self._ranges: list[Range] = [(0, count)] if count else []
        self._count = count
        for piece in sorted(without):
            self.remove(piece)

    def __len__(self) -> int:
        return self._count

    def __contains__(self, piece: int) -> bool:
        at = self._at(piece)
        return at >= 0 and piece < self._ranges[at][1]

    def __iter__(self) -> Iterator[Range]:
        return iter(self._ranges)

    def add(self, piece: int) -> None:
        """Put a piece in; nothing happens if it is there."""
        if piece in self:
            return
        at, first, end = self._at(piece) + 1, piece, piece + 1
        until = at
        if at > 0 and self._ranges[at - 1][1] == piece:
            at, first = at - 1, self._ranges[at - 1][0]
        if until < len(self._ranges) and self._ranges[until][0] == end:
            until, end = until + 1, self._ranges[until][1]
        self._ranges[at:until] = [(first, end)]
        self._count += 1

    def remove(self, piece: int) -> None:
        """Take a piece out; nothing happens if it is not there."""
        if piece not in self:
            return
        at = self._at(piece)
        first, end = self._ranges[at]
        parts = [(first, piece), (piece + 1, end)]
        self._ranges[at : at + 1] = [each for each in parts if each[0] < each[1]]
        self._count -= 1

    def _at(self, piece: int) -> int:
        """Find the last range that begins at or before a piece."""
        return bisect_right(self._ranges, piece, key=itemgetter(0)) - 1
