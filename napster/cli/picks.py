"""The numbers a person picks rows of a search with: `3`, `1-12`, `7.3`, `1,3,6-10`."""

import re
from collections.abc import Sequence

import attrs

from napster.peer.api import BadRequestError, FoundFile, SearchPage, Wanted

_SPAN = re.compile(r"(?P<first>[0-9]{1,9})(?:-(?P<last>[0-9]{1,9})|\.(?P<source>[0-9]{1,9}))?")
_LOOKS_LIKE_NUMBERS = re.compile(r"[0-9.,-]+")


@attrs.frozen
class Span:
    """Rows from `first` to `last`, or one source of one row."""

    word: str
    first: int
    last: int
    source: int | None = None
    """Which of the row's sources, counted from 1; None for all of them."""


def are_numbers(words: Sequence[str]) -> bool:
    """Whether words can only be meant as numbers of rows."""
    return all(_LOOKS_LIKE_NUMBERS.fullmatch(word) for word in words)


def parse_spans(words: Sequence[str]) -> list[Span]:
    """Read numbers of rows. Raises BadRequestError naming the part that is none."""
    parts = [part for word in words for part in word.split(",")]
    return [_span(part) for part in parts]


def parse_ids(words: Sequence[str]) -> list[Span]:
    """Read ids of downloads: `3`, `1-12`, `1,3,6-10`. Raises BadRequestError."""
    spans = parse_spans(words)
    for span in spans:
        if span.source is not None:
            raise BadRequestError(f"{span.word!r} is no id: write 3, 1-12 or 1,3,6-10.")
    return spans


def _span(part: str) -> Span:
    match = _SPAN.fullmatch(part)
    if match is None:
        raise BadRequestError(f"{part!r} is no number: write 3, 1-12, 7.3 or 1,3,6-10.")
    first, last = int(match["first"]), int(match["last"] or match["first"])
    if last < first:
        raise BadRequestError(f"{part!r} runs backwards: write {last}-{first}.")
    return Span(part, first, last, int(match["source"]) if match["source"] else None)


def wanted(file: FoundFile, folder: str = "") -> Wanted:
    """Make what a peer is asked to get of a row; `folder` is where it goes below the downloads."""
    return Wanted(file.name, file.size, file.md5, file.sources, folder, file.content)


def choose(spans: Sequence[Span], page: SearchPage) -> list[FoundFile]:
    """Find the rows that were picked, each once, with the sources they may come from.

    Raises BadRequestError if a row or a source is not there.
    """
    rows = {row.number: row for row in page.rows}
    chosen: dict[int, FoundFile] = {}
    for span in spans:
        _check(span, rows, page)
        for number in range(span.first, span.last + 1):
            chosen.setdefault(number, _only(rows[number], span))
    return list(chosen.values())


def _check(span: Span, rows: dict[int, FoundFile], page: SearchPage) -> None:
    if not rows:
        raise BadRequestError(f"The search for {page.query!r} found nothing to pick from.")
    if not {span.first, span.last} <= rows.keys():
        raise BadRequestError(
            f"There is no row {span.word}: the last search ({page.query}) found 1 to {max(rows)}."
        )


def _only(row: FoundFile, span: Span) -> FoundFile:
    if span.source is None:
        return row
    if not 1 <= span.source <= len(row.sources):
        raise BadRequestError(f"Row {span.first} has sources 1 to {len(row.sources)} only.")
    return attrs.evolve(row, sources=(row.sources[span.source - 1],))
