"""Columns give way, the widest first, and only where they must."""

import pytest

from napster.cli.grid import Column, lines

SHOWN = [
    Column("id", ["1"], right=True),
    Column("name", ["n" * 30], flexible=True),
    Column("size", ["s" * 10]),
    Column("state", ["t" * 20], flexible=True),
]


@pytest.mark.parametrize(
    ("room", "widths"),
    [
        (None, [30, 20]),
        (100, [30, 20]),
        (68, [30, 20]),
        (62, [24, 20]),
        (54, [18, 18]),
        (20, [8, 8]),
    ],
)
def test_squeezing(room: int | None, widths: list[int]) -> None:
    """Two flexible columns share what is missing, down to the least."""
    _, row = lines(SHOWN, room)
    _, name, size, state = row.split()
    assert [len(name), len(state)] == widths
    assert len(size) == 10
