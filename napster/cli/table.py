"""The table of files a person picks from.

A row has a number; a file that several people share has a line for each, to be picked as `7.2`.
Where the width allows, a file and its first source stand on one line, else below each other.
"""

from collections.abc import Callable, Sequence
from itertools import groupby, islice

import attrs

from napster.cli import cells
from napster.cli.grid import Column, lines, useful, width
from napster.cli.text import clean
from napster.peer.api import FoundFile, Source
from napster.units import format_size

_LEAST_NAME = 36
"""A name gets a line of its own before it is cropped to less than this."""


def search_lines(files: Sequence[FoundFile], room: int | None) -> list[str]:
    """Write the rows of a search; the titles come first. `room` None means any width will do."""
    beside = _beside(files)
    name = next(column for column in beside if column.flexible)
    excess = width(beside) - room if room is not None else 0
    if name.width - excess >= min(name.width, _LEAST_NAME):
        return lines(beside, room)
    return _below(files, room)


def _beside(files: Sequence[FoundFile]) -> list[Column]:
    numbers, *facts = _file_columns(files)
    spread = [_spread(numbers, files, _mark), *(_spread(fact, files, _blank) for fact in facts)]
    return useful([*spread, *_source_columns(files)])


def _spread(column: Column, files: Sequence[FoundFile], more: Callable[[int], str]) -> Column:
    """Make room below a file's cell for its further sources, counted from 2."""
    spread: list[str] = []
    for cell, file in zip(column.cells, files, strict=True):
        spread += [cell, *map(more, range(2, len(file.sources) + 1))]
    return attrs.evolve(column, cells=spread)


def _mark(place: int) -> str:
    return f".{place}"


def _marks(sources: int) -> list[str]:
    return [_mark(place) for place in range(1, sources + 1)] if sources > 1 else [""]


def _blank(_: int) -> str:
    return ""


def _below(files: Sequence[FoundFile], room: int | None) -> list[str]:
    marks = [mark for file in files for mark in _marks(len(file.sources))]
    indented = Column("", [f"{mark:>7}" for mark in marks])
    offers = iter(lines([indented, *useful(_source_columns(files))], room))
    titles, *rows = lines(useful(_file_columns(files)), room)
    shown = [titles, next(offers)]
    for row, file in zip(rows, files, strict=True):
        shown += [row, *islice(offers, len(file.sources))]
    return shown


def browse_lines(files: Sequence[FoundFile], room: int | None) -> list[str]:
    """Write the files of one user under their folders, in the order they come."""
    titles, *rows = lines(useful(_file_columns(files)), room)
    shown = [titles]
    pairs = zip(files, rows, strict=True)
    for folder, group in groupby(pairs, key=lambda pair: pair[0].sources[0].folder):
        shown += [f"{clean(folder)}/", *(row for _, row in group)]
    return shown


def _file_columns(files: Sequence[FoundFile]) -> list[Column]:
    return [
        Column("#", [f"{file.number:>4}" for file in files], right=True),
        Column("name", [clean(file.name) for file in files], flexible=True),
        Column("size", [format_size(file.size) for file in files], right=True),
        Column("quality", [cells.quality(file) for file in files]),
        Column("length", [cells.length(file) for file in files], right=True),
    ]


def _source_columns(files: Sequence[FoundFile]) -> list[Column]:
    sources = [source for file in files for source in file.sources]
    return [
        Column("user", [cells.user(*each) for file in files for each in _with_more(file)]),
        Column("address", [cells.address(source) for source in sources]),
        Column("speed", [cells.speed(source) for source in sources]),
        Column("ping", [cells.ping(source) for source in sources], right=True),
        _spread(Column("free", [cells.free(file) for file in files], right=True), files, _blank),
        _spread(Column("since", [cells.since(file) for file in files]), files, _blank),
    ]


def _with_more(file: FoundFile) -> list[tuple[Source, int]]:
    """List the sources that are named, the last with the number of those who are not."""
    *others, last = file.sources
    return [*((each, 0) for each in others), (last, file.shared_by - len(file.sources))]
