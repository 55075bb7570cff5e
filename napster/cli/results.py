"""Show a page of results, and keep it so that its numbers mean something."""

from collections.abc import Callable, Sequence

from napster.cli.command import Session
from napster.cli.exits import DONE, NOTHING_FOUND
from napster.cli.pages import LastSearch
from napster.cli.screen import Screen, Style
from napster.daemon.codec import dump
from napster.peer.api import ApiError, FoundFile, SearchPage
from napster.units import format_count

Layout = Callable[[Sequence[FoundFile], int | None], list[str]]


def show_page(session: Session, page: SearchPage, layout: Layout) -> int:
    """Show a page and keep it for `get`; returns the exit status."""
    try:
        session.pages.save(LastSearch(page, session.options.index or ""))
    except ApiError as error:
        session.screen.error(str(error))
    if session.options.json:
        session.screen.json(dump(page))
    elif page.rows:
        _show_table(session.screen, page, layout)
    else:
        session.screen.error(f"Nothing found for {page.query}.")
        for note in page.notes:
            session.screen.error(_sentence(note))
    return DONE if page.rows else NOTHING_FOUND


def _show_table(screen: Screen, page: SearchPage, layout: Layout) -> None:
    titles, *rows = layout(page.rows, screen.columns)
    screen.line(titles, Style.BOLD)
    for row in rows:
        screen.line(row)
    screen.line(_summary(page), Style.DIM)
    for note in page.notes:
        screen.line(_sentence(note), Style.DIM)


def _summary(page: SearchPage) -> str:
    if any(row.shared_by > len(row.sources) for row in page.rows):
        return f"{format_count(len(page.rows), 'file')}, shared {format_count(page.files, 'time')}."
    return f"{format_count(page.files, 'file')} shared by {format_count(page.users, 'user')}."


def _sentence(note: str) -> str:
    return note[:1].upper() + note[1:]
