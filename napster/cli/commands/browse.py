"""`napster browse`: all files of one user, by folder, as a table to pick from."""

from argparse import ArgumentParser

import attrs

from napster.cli.command import PeerCommand, Session
from napster.cli.folders import each_offer
from napster.cli.parser import add_common, add_one_shot, word
from napster.cli.results import show_page
from napster.cli.table import browse_lines


def _arguments(parser: ArgumentParser) -> None:
    parser.add_argument("user", type=word, metavar="NICK", help="whose files to list")
    add_common(parser)
    add_one_shot(parser)


async def _run(session: Session) -> int:
    page = await session.peer.browse(session.options.user)
    rows = sorted(each_offer(page), key=lambda row: (row.sources[0].folder, row.name))
    numbered = [attrs.evolve(row, number=number) for number, row in enumerate(rows, 1)]
    return show_page(session, attrs.evolve(page, rows=numbered), browse_lines)


COMMAND = PeerCommand(_arguments, _run)
