"""Cells in columns, fitted to a width."""

from collections.abc import Iterable, Sequence

import attrs

from napster.cli.text import columns, crop, pad

NOTHING = "-"
_GAP = "  "
_LEAST_ROOM = 8
"""How many columns even a squeezed cell keeps."""


@attrs.frozen
class Column:
    """One column: its title and cells, clean texts.

    `flexible` columns give way when there is not enough room, the widest first; `right` aligns
    numbers.
    """

    title: str
    cells: Sequence[str]
    right: bool = False
    flexible: bool = False

    @property
    def width(self) -> int:
        """How many columns of a terminal the widest cell or the title takes."""
        return max(map(columns, (self.title, *self.cells)))

    @property
    def empty(self) -> bool:
        """Whether no cell says anything."""
        return all(cell in {"", NOTHING} for cell in self.cells)


def useful(all_columns: Iterable[Column]) -> list[Column]:
    """Leave out columns that say nothing."""
    return [column for column in all_columns if not column.empty]


def width(shown: Sequence[Column]) -> int:
    """Count the columns of a terminal that a grid takes unless it is squeezed."""
    return sum(column.width for column in shown) + len(_GAP) * (len(shown) - 1)


def lines(shown: Sequence[Column], room: int | None) -> list[str]:
    """Lay columns out side by side, the titles first; `room` is None where width is no matter."""
    widths = _widths(shown, width(shown) - room if room is not None else 0)
    rows = zip(*([column.title, *column.cells] for column in shown), strict=True)
    return [_line(row, shown, widths) for row in rows]


def _widths(shown: Sequence[Column], excess: int) -> list[int]:
    """Squeeze flexible columns by so many columns of a terminal altogether, as far as they go."""
    widths = [column.width for column in shown]
    flexible = [at for at, column in enumerate(shown) if column.flexible]
    while excess > 0 and flexible:
        widest = max(flexible, key=lambda at: widths[at])
        if widths[widest] <= _LEAST_ROOM:
            break
        widths[widest] -= 1
        excess -= 1
    return widths


def _line(cells: Sequence[str], shown: Sequence[Column], widths: Sequence[int]) -> str:
    fitted = (
        pad(crop(cell, width), width, right=column.right)
        for cell, column, width in zip(cells, shown, widths, strict=True)
    )
    return _GAP.join(fitted).rstrip()
