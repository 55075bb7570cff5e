"""`napster shares`: what is shared, and what is not and why; `check` it before, `risk` after."""

from argparse import ArgumentParser
from collections.abc import Sequence

from napster.cli import check, risk
from napster.cli.command import CommandGroup, PeerCommand, Session
from napster.cli.exits import DONE
from napster.cli.grid import Column
from napster.cli.listing import show_grid
from napster.cli.parser import add_common
from napster.cli.screen import Screen
from napster.cli.text import clean
from napster.daemon.codec import dump
from napster.peer.api import RefusedFile, SharesReport, ShareStatus
from napster.units import format_size


def _arguments(parser: ArgumentParser) -> None:
    add_common(parser)


async def _run(session: Session) -> int:
    report = await session.peer.shares()
    if session.options.json:
        session.screen.json(dump(report))
    else:
        _show(session.screen, report)
    return DONE


def _show(screen: Screen, report: SharesReport) -> None:
    if report.shares:
        show_grid(screen, _share_columns(report.shares))
    else:
        screen.line("No folder is shared: start the daemon with --share DIR.")
    if report.refused:
        screen.line()
        show_grid(screen, _refused_columns("not shared", report.refused))
    if report.not_taken:
        screen.line()
        show_grid(screen, _refused_columns("shared, but not taken", report.not_taken))
    files = sum(share.files for share in report.shares)
    screen.line(f"{files:,} files shared, {len(report.refused):,} refused.")


def _share_columns(shares: Sequence[ShareStatus]) -> list[Column]:
    return [
        Column("share", [clean(each.name) for each in shares]),
        Column("folder", [clean(each.folder) for each in shares], flexible=True),
        Column("files", [f"{each.files:,}" for each in shares], right=True),
        Column("size", [format_size(each.size) for each in shares], right=True),
        Column("for", [clean(each.access) for each in shares]),
        Column("state", [clean(each.state) for each in shares]),
    ]


def _refused_columns(title: str, refused: Sequence[RefusedFile]) -> list[Column]:
    return [
        Column(title, [clean(each.name) for each in refused], flexible=True),
        Column("because", [clean(each.reason) for each in refused]),
    ]


COMMAND = CommandGroup(
    {
        "check": ("say what sharing folders would publish, and what it would not", check.COMMAND),
        "risk": ("list what exists only once: what nobody else shares", risk.COMMAND),
    },
    alone=PeerCommand(_arguments, _run),
)
