"""`napster shares risk`: what exists only once, among what is shared here or on the network."""

from argparse import ArgumentParser
from collections.abc import Sequence

from napster.cli.command import PeerCommand, Session
from napster.cli.exits import DONE, FAILED
from napster.cli.grid import Column
from napster.cli.listing import show_grid
from napster.cli.parser import add_common
from napster.cli.screen import Screen
from napster.cli.text import clean
from napster.daemon.codec import dump
from napster.peer.api import FoundFile, Holding, RareReport, RiskReport
from napster.units import format_count, format_size

_SHOWN = 50


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "--network", action="store_true", help="what other users share of which there is one copy"
    )
    parser.add_argument("--all", action="store_true", help=f"list more than {_SHOWN} files")
    add_common(parser)


async def _run(session: Session) -> int:
    screen, most = session.screen, None if session.options.all else _SHOWN
    if screen.moves and not session.options.json:
        screen.paint(["Counting copies..."])
    if session.options.network:
        reports = await session.peer.rare()
        if session.options.json:
            screen.json(dump(reports))
        else:
            _show_network(screen, reports, most)
        return FAILED if all(report.note for report in reports) else DONE
    report = await session.peer.risk()
    if session.options.json:
        screen.json(dump(report))
    else:
        _show_own(screen, report, most)
    return DONE


def _show_own(screen: Screen, report: RiskReport, most: int | None) -> None:
    shown = report.alone[:most]
    if shown:
        show_grid(screen, _holding_columns(shown))
    _tell_rest(screen, report.alone_contents - len(shown), len(report.alone) > len(shown))
    screen.line(
        f"{format_count(report.alone_contents, 'file')} ({format_size(report.alone_size)})"
        f" of {report.contents:,} ({format_size(report.size)}): nobody else shares the same."
    )
    for note in report.notes:
        screen.error(f"Not counted: {note}")


def _holding_columns(shown: Sequence[Holding]) -> list[Column]:
    return [
        Column("only here", [clean(each.name) for each in shown], flexible=True),
        Column("size", [format_size(each.size) for each in shown], right=True),
    ]


def _show_network(screen: Screen, reports: Sequence[RareReport], most: int | None) -> None:
    for report in reports:
        if report.note:
            screen.error(f"Index {report.index}: {report.note}.")
            continue
        shown = report.rows[:most]
        if shown:
            show_grid(screen, _rare_columns(shown))
        if report.cut or len(shown) < len(report.rows):
            screen.line("... and more" + ("." if report.cut and most is None else "; see --all."))
        screen.line(
            f"Index {report.index}: {format_count(report.rare, 'file')}"
            f" ({format_size(report.size)}) of {report.contents:,}, shared by one user alone."
        )


def _rare_columns(shown: Sequence[FoundFile]) -> list[Column]:
    return [
        Column("name", [clean(each.name) for each in shown], flexible=True),
        Column("size", [format_size(each.size) for each in shown], right=True),
        Column("only at", [clean(each.sources[0].nick) for each in shown]),
    ]


def _tell_rest(screen: Screen, count: int, could_be_shown: bool) -> None:  # noqa: FBT001
    if count:
        screen.line(f"... and {count:,} more" + ("; --all lists them." if could_be_shown else "."))


COMMAND = PeerCommand(_arguments, _run)
