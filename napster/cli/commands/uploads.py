"""`napster uploads`: who gets files from here, and who waits."""

from argparse import ArgumentParser
from collections.abc import Sequence

from napster.cli.command import PeerCommand, Session
from napster.cli.exits import DONE
from napster.cli.grid import Column
from napster.cli.listing import show_list
from napster.cli.parser import add_common
from napster.cli.text import clean
from napster.peer.api import UploadStatus
from napster.units import format_duration, format_rate, format_size


def _arguments(parser: ArgumentParser) -> None:
    add_common(parser)


async def _run(session: Session) -> int:
    uploads = await session.peer.uploads()
    show_list(session, uploads, _columns, "Nobody gets or waits for a file.")
    return DONE


def _columns(uploads: Sequence[UploadStatus]) -> list[Column]:
    return [
        Column("user", [clean(each.nick) for each in uploads]),
        Column("name", [clean(each.name) for each in uploads], flexible=True),
        Column("size", [format_size(each.size) for each in uploads], right=True),
        Column("sent", [_share(each) for each in uploads], right=True),
        Column("speed", [format_rate(each.rate) for each in uploads], right=True),
        Column("address", [clean(each.address) for each in uploads]),
        Column("state", [_state(each) for each in uploads]),
    ]


def _share(upload: UploadStatus) -> str:
    return f"{upload.done / upload.size:.0%}" if upload.size else "100%"


def _state(upload: UploadStatus) -> str:
    place = "" if upload.place is None else f", place {upload.place}"
    wait = upload.starts_in
    when = "" if wait is None else f", about {format_duration(wait)} to go"
    return clean(f"{upload.state}{place}{when}")


COMMAND = PeerCommand(_arguments, _run)
