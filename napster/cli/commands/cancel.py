"""`napster cancel`: stop downloads and delete their partial files."""

from argparse import ArgumentParser

from napster.cli.command import PeerCommand, Session
from napster.cli.exits import DONE
from napster.cli.parser import add_common
from napster.daemon.codec import dump


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument(
        "ids", nargs="+", type=int, metavar="ID", help="the id of a download in napster downloads"
    )
    add_common(parser)


async def _run(session: Session) -> int:
    cancelled = []
    for number in session.options.ids:
        download = await session.peer.cancel(number)
        cancelled.append(download)
        if not session.options.json:
            session.screen.line(f"Cancelled {download.id}, {download.name}.")
    if session.options.json:
        session.screen.json(dump(cancelled))
    return DONE


COMMAND = PeerCommand(_arguments, _run)
