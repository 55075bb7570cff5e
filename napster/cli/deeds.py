"""Commands that do one thing to one, several or all downloads."""

from argparse import ArgumentParser
from collections.abc import Awaitable, Callable, Sequence

import attrs

from napster.cli.command import Session
from napster.cli.exits import DONE, FAILED
from napster.cli.parser import add_common, word
from napster.cli.picks import Span, parse_ids
from napster.cli.progress import outcome
from napster.daemon.codec import dump
from napster.peer.api import (
    BadRequestError,
    DownloadState,
    DownloadStatus,
    NotFoundError,
    PeerApi,
)

OVER = frozenset({DownloadState.DONE, DownloadState.CANCELLED})
AT_REST = OVER | {DownloadState.PAUSED, DownloadState.FAILED}

Call = Callable[[PeerApi, Sequence[int]], Awaitable[Sequence[DownloadStatus]]]


@attrs.frozen
class Deed:
    """What is done to downloads, and which state shows that it was done."""

    said: str
    """What is said of those it was done to: `Paused`."""
    applies: Callable[[DownloadStatus], bool]
    """Whether `--all` means a download."""
    worked: Callable[[DownloadStatus], bool]
    """Whether a download stands as it should afterwards."""


def add_choice(parser: ArgumentParser, all_help: str) -> None:
    """Add the words that choose downloads."""
    parser.add_argument(
        "ids",
        nargs="*",
        type=word,
        metavar="ID",
        help="ids of downloads as napster downloads shows them: 3, 1-12 or 1,3,6-10",
    )
    parser.add_argument("--all", action="store_true", help=all_help)
    add_common(parser)


async def carry_out(session: Session, deed: Deed, call: Call) -> int:
    """Do it to the downloads that were chosen, and tell; returns the exit status."""
    options, screen = session.options, session.screen
    if options.all == bool(options.ids):
        raise BadRequestError("Name the downloads by their ids, or say --all.")
    spans = parse_ids(options.ids)
    listed = await session.peer.downloads()
    chosen = [each for each in listed if deed.applies(each)] if options.all else find(spans, listed)
    after = await call(session.peer, [each.id for each in chosen])
    if options.json:
        screen.json(dump(after))
    else:
        for line in _told(deed, after):
            screen.line(line)
    return DONE if all(map(deed.worked, after)) else FAILED


def find(spans: Sequence[Span], listed: Sequence[DownloadStatus]) -> list[DownloadStatus]:
    """Find downloads by their ids, each once; of a range, those there are.

    Raises NotFoundError where there is none.
    """
    found: dict[int, DownloadStatus] = {}
    for span in spans:
        meant = {each.id: each for each in listed if span.first <= each.id <= span.last}
        if not meant:
            raise NotFoundError(f"There is no download {span.word}; napster downloads lists all.")
        found |= meant
    return list(found.values())


def _told(deed: Deed, after: Sequence[DownloadStatus]) -> list[str]:
    done = [each for each in after if deed.worked(each)]
    left = [f"{each.id}, {each.name}: {outcome(each)}" for each in after if not deed.worked(each)]
    match done:
        case []:
            return left or ["There is no download to do that to."]
        case [one]:
            return [f"{deed.said} {one.id}, {one.name}.", *left]
        case _:
            return [f"{deed.said} {len(done):,} downloads.", *left]
