"""`napster downloads`: all downloads the daemon knows."""

from argparse import ArgumentParser
from collections.abc import Sequence

from napster.cli.command import PeerCommand, Session
from napster.cli.exits import DONE
from napster.cli.grid import NOTHING, Column
from napster.cli.listing import show_list
from napster.cli.parser import add_common
from napster.cli.progress import outcome
from napster.cli.text import clean
from napster.peer.api import DownloadState, DownloadStatus, Priority
from napster.units import format_duration, format_rate, format_size


def _arguments(parser: ArgumentParser) -> None:
    add_common(parser)


async def _run(session: Session) -> int:
    downloads = await session.peer.downloads()
    show_list(session, downloads, _columns, "There are no downloads.")
    return DONE


def _columns(downloads: Sequence[DownloadStatus]) -> list[Column]:
    return [
        Column("id", [str(each.id) for each in downloads], right=True),
        Column("name", [clean(each.name) for each in downloads], flexible=True),
        Column("size", [_size(each) for each in downloads], right=True),
        Column("done", [_share(each) for each in downloads], right=True),
        Column("priority", [_priority(each) for each in downloads]),
        Column("from", [clean(each.source) for each in downloads]),
        Column("state", [_state(each) for each in downloads]),
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
    if download.state is not DownloadState.RECEIVING:
        return clean(outcome(download))
    left = download.seconds_left
    time = "" if left is None else f", {format_duration(left)} left"
    return f"{format_rate(download.rate)}{time}"


COMMAND = PeerCommand(_arguments, _run)
