"""Show a list of things of one kind: as columns, as JSON, or as a sentence that there are none."""

from argparse import Namespace
from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

from napster.cli.grid import Column, lines, useful
from napster.cli.screen import Screen, Style
from napster.daemon.codec import dump

T = TypeVar("T")


class Showing(Protocol):
    """A command at work, as far as showing something goes."""

    @property
    def options(self) -> Namespace:
        """What the command line says."""

    @property
    def screen(self) -> Screen:
        """Where to write."""


def show_list(
    session: Showing, things: Sequence[T], columns: Callable[[Sequence[T]], list[Column]], none: str
) -> None:
    """Show things; `none` is what is said of an empty list."""
    if session.options.json:
        session.screen.json(dump(things))
    elif things:
        show_grid(session.screen, columns(things))
    else:
        session.screen.line(none)


def show_grid(screen: Screen, columns: Iterable[Column]) -> None:
    """Show columns, leaving out those that say nothing."""
    titles, *rows = lines(useful(columns), screen.columns)
    screen.line(titles, Style.BOLD)
    for row in rows:
        screen.line(row)
