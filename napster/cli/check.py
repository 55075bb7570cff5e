"""`napster shares check`: what sharing some folders would publish, before anybody is told."""

import os
from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from pathlib import Path

from napster.cli.command import LocalCommand
from napster.cli.exits import DONE, FAILED
from napster.cli.grid import Column
from napster.cli.listing import show_grid
from napster.cli.screen import Screen
from napster.cli.text import clean
from napster.daemon.options import ConfigError, load
from napster.daemon.places import config_file
from napster.peer.api import ApiError, BadRequestError
from napster.peer.config import Settings
from napster.peer.library.lint import Finding, Linter, Verdict
from napster.peer.library.roots import ShareRoot, ShareRootError, share_roots
from napster.units import format_size

_EXAMPLES = 3
_TYPES = 8


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "folders", nargs="*", metavar="DIR", help="a folder, or NAME=DIR; else those configured"
    )
    parser.add_argument("--config", type=Path, metavar="FILE", help="the peer's configuration file")
    parser.add_argument(
        "--allow",
        action="append",
        default=[],
        metavar="PATTERN",
        help="share what matches though it is hidden or looks like a secret",
    )
    parser.add_argument("--all", action="store_true", help="name every refused file")
    parser.add_argument("--json", action="store_true", help="answer with JSON, for programs")


def _run(options: Namespace, screen: Screen) -> int:
    roots, allow = _wanted(options)

    def looked_at(files: int) -> None:
        if screen.moves:
            screen.paint([f"{files:,} files seen"])

    verdict = Linter(allow).check(roots, looked_at)
    if options.json:
        screen.json(_as_json(verdict))
    else:
        _show(screen, verdict, None if options.all else _EXAMPLES)
    return DONE if verdict.is_clean else FAILED


def _wanted(options: Namespace) -> tuple[Sequence[ShareRoot], Sequence[str]]:
    """Tell what to look through, and what is allowed. Raises ApiError."""
    file = options.config or config_file("peer", os.environ)
    try:
        settings = load(Settings, file, {})
        roots = share_roots(options.folders or settings.share)
    except ConfigError as error:
        raise BadRequestError(f"{error}.") from error
    except ShareRootError as error:
        raise BadRequestError(f"{error}.") from error
    if not roots:
        raise ApiError("No folder is named, and none is configured: napster shares check DIR.")
    return roots, [*settings.allow, *options.allow]


def _show(screen: Screen, verdict: Verdict, examples: int | None) -> None:
    counts = f"{_some(verdict.files, 'file')} in {_some(verdict.folders, 'folder')}"
    screen.line(f"{counts} would be shared, {format_size(verdict.size)} in all.")
    if verdict.types:
        screen.line()
        show_grid(screen, _type_columns(verdict))
    for path, length in verdict.largest[:1]:
        screen.line(f"The largest: {path}, {format_size(length)}")
    for finding in verdict.refused:
        screen.line()
        _show_finding(screen, finding, examples)
    if verdict.concerns:
        screen.line()
    for concern in verdict.concerns:
        screen.line(f"Look again: {concern}.")
    screen.line()
    screen.line(_summary(verdict))


def _some(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _type_columns(verdict: Verdict) -> list[Column]:
    types = verdict.types[:_TYPES]
    return [
        Column("type", [clean(each.ending) or "(none)" for each in types]),
        Column("files", [f"{each.files:,}" for each in types], right=True),
        Column("size", [format_size(each.size) for each in types], right=True),
    ]


def _show_finding(screen: Screen, finding: Finding, examples: int | None) -> None:
    count = len(finding.paths)
    screen.line(f"{count:,} not shared: {finding.reason}")
    for path in finding.paths[:examples]:
        screen.line(f"  {path}")
    if examples is not None and count > examples:
        screen.line(f"  and {count - examples:,} more (--all names them)")


def _summary(verdict: Verdict) -> str:
    if verdict.is_clean:
        return "Nothing needs your attention. Nobody has been told of anything."
    return "Look at the above before you share this. Nobody has been told of anything yet."


def _as_json(verdict: Verdict) -> dict[str, object]:
    return {
        "files": verdict.files,
        "size": verdict.size,
        "folders": verdict.folders,
        "types": [
            {"ending": each.ending, "files": each.files, "size": each.size}
            for each in verdict.types
        ],
        "largest": [{"path": path, "size": size} for path, size in verdict.largest],
        "refused": [{"reason": each.reason, "paths": list(each.paths)} for each in verdict.refused],
        "concerns": list(verdict.concerns),
        "clean": verdict.is_clean,
    }


COMMAND = LocalCommand(_arguments, _run)
