"""`napster status`: a peer daemon at a glance."""

from argparse import ArgumentParser
from collections.abc import Iterator

from napster.cli.command import PeerCommand, Session
from napster.cli.exits import DONE
from napster.cli.parser import add_common
from napster.daemon.codec import dump
from napster.peer.api import IndexState, IndexStatus, LibraryStatus, Status
from napster.units import format_count, format_duration, format_size


def _arguments(parser: ArgumentParser) -> None:
    add_common(parser)


async def _run(session: Session) -> int:
    status = await session.peer.status()
    if session.options.json:
        session.screen.json(dump(status))
        return DONE
    for name, text in _facts(status):
        session.screen.line(f"{name:<10} {text}")
    for note in status.notes:
        session.screen.line(note)
    return DONE


def _facts(status: Status) -> Iterator[tuple[str, str]]:
    port = f"data port {status.data_port}" if status.data_port else "firewalled, no data port"
    yield "peer", f"{status.nick}, {port}, version {status.version}"
    if status.fingerprint:
        yield "key", status.fingerprint
    for index in status.indexes:
        yield "index", _index(index)
    yield "library", _library(status.library)
    yield (
        "uploads",
        f"{status.uploads_active} of {status.upload_slots} slots in use,"
        f" {status.uploads_queued} waiting",
    )
    yield (
        "downloads",
        f"{status.downloads_active} running, {status.downloads_waiting} waiting,"
        f" {status.downloads_paused} paused, {status.downloads_failed} failed,"
        f" into {status.downloads_folder}",
    )


def _index(index: IndexStatus) -> str:
    reason = f": {index.reason}" if index.reason else ""
    text = f"{index.address}, {index.state.value}{reason}"
    if index.state is not IndexState.ONLINE:
        return text
    users, files = format_count(index.users, "user"), format_count(index.files, "file")
    return f"{text}, {users} with {files}, {index.gigabytes:,} GB"


def _restricted(library: LibraryStatus) -> str:
    return f" {library.restricted:,} not for everyone," if library.restricted else ""


def _library(library: LibraryStatus) -> str:
    text = (
        f"{format_count(library.files, 'file')}, {format_size(library.size)}, "
        f"{library.registered:,} registered,{_restricted(library)} {library.refused:,} refused; "
        f"{library.phase}"
    )
    if library.files_total <= library.files_done:
        return text
    left = library.seconds_left
    time = "" if left is None else f", {format_duration(left)} left"
    return f"{text}: {library.files_done:,} of {library.files_total:,} files{time}"


COMMAND = PeerCommand(_arguments, _run)
