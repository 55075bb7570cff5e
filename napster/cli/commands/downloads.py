"""`napster downloads`: the downloads the daemon knows, as a list, one by one, or live."""

from argparse import ArgumentParser
from collections import Counter
from collections.abc import Iterator, Sequence

from napster.cli.command import PeerCommand, Session
from napster.cli.deeds import find
from napster.cli.exits import DONE
from napster.cli.follow import Follower, follow_all
from napster.cli.grid import NOTHING, Column
from napster.cli.listing import show_list
from napster.cli.live import senders
from napster.cli.parser import add_common, word
from napster.cli.picks import parse_ids
from napster.cli.progress import FINISHED, movement, outcome, was_here
from napster.cli.screen import Style
from napster.cli.text import clean
from napster.daemon.codec import dump
from napster.peer.api import BadRequestError, DownloadState, DownloadStatus, Priority
from napster.units import format_duration, format_rate, format_size


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "ids", nargs="*", type=word, metavar="ID", help="tell all of these: 3, 1-12 or 1,3,6-10"
    )
    parser.add_argument(
        "--follow", action="store_true", help="show how they go on, until all have ended"
    )
    add_common(parser)


async def _run(session: Session) -> int:
    options, screen = session.options, session.screen
    if options.follow:
        return await _follow(session)
    downloads = await session.peer.downloads()
    if options.ids:
        _tell_all(session, find(parse_ids(options.ids), downloads))
        return DONE
    show_list(session, downloads, _columns, "There are no downloads.")
    if not options.json:
        for line in _totals(downloads, screen.columns):
            screen.line(line, Style.DIM)
    return DONE


async def _follow(session: Session) -> int:
    if session.options.json or session.options.ids:
        raise BadRequestError("--follow shows all downloads to a person: no ids, no --json.")
    session.farewell = "The daemon goes on."
    await follow_all(session.peer, Follower(session.screen, session.clock).show, session.clock)
    session.screen.line("All downloads have ended.")
    return DONE


def _tell_all(session: Session, downloads: Sequence[DownloadStatus]) -> None:
    if session.options.json:
        session.screen.json(dump(downloads))
        return
    for download in downloads:
        session.screen.line(f"{download.id}, {download.name}", Style.BOLD)
        for name, text in _facts(download):
            session.screen.line(f"  {name:<10}{text}")


def _facts(download: DownloadStatus) -> Iterator[tuple[str, str]]:
    yield "state", outcome(download)
    if download.size is not None:
        yield "size", f"{format_size(download.done)} of {format_size(download.size)}"
    if download.source:
        yield "from", senders(download)
    if download.state not in FINISHED:
        yield "priority", download.priority.value
        yield "goes to", download.folder
    if download.renamed:
        yield "renamed", download.renamed


def _totals(downloads: Sequence[DownloadStatus], room: int | None) -> list[str]:
    """Count downloads by how they are, and say how far the unfinished ones are together."""
    if len(downloads) < 2:
        return []
    counts = Counter(_fate(each) for each in downloads)
    counted = ", ".join(f"{count:,} {fate}" for fate, count in counts.most_common())
    together = movement([each for each in downloads if each.state not in FINISHED], room)
    return [f"{counted}.", *([together] if together else [])]


def _fate(download: DownloadStatus) -> str:
    if was_here(download):
        return "here already"
    return "saved" if download.state is DownloadState.DONE else download.state.value


def _columns(downloads: Sequence[DownloadStatus]) -> list[Column]:
    return [
        Column("id", [str(each.id) for each in downloads], right=True),
        Column("name", [clean(each.name) for each in downloads], flexible=True),
        Column("size", [_size(each) for each in downloads], right=True),
        Column("done", [_share(each) for each in downloads], right=True),
        Column("priority", [_priority(each) for each in downloads]),
        Column("from", [senders(each) for each in downloads], flexible=True),
        Column("state", [_state(each) for each in downloads], flexible=True),
    ]


def _size(download: DownloadStatus) -> str:
    return NOTHING if download.size is None else format_size(download.size)


def _share(download: DownloadStatus) -> str:
    if download.size is None:
        return format_size(download.done)
    return f"{download.done / download.size:.0%}" if download.size else "100%"


def _priority(download: DownloadStatus) -> str:
    return NOTHING if download.priority is Priority.NORMAL else download.priority.value


def _state(download: DownloadStatus) -> str:
    match download.state:
        case DownloadState.DONE:
            verified = f", {download.verified}" if download.verified else ""
            renamed = ", renamed" if download.renamed else ""
            return f"{_fate(download)}{verified}{renamed}"
        case DownloadState.RECEIVING:
            left = download.seconds_left
            time = "" if left is None else f", {format_duration(left)} left"
            relayed = " by relay" if download.relayed else ""
            return f"{format_rate(download.rate)}{relayed}{time}"
        case _:
            return clean(outcome(download))


COMMAND = PeerCommand(_arguments, _run)
