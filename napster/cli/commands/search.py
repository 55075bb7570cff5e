"""`napster search`: a table of files to pick from."""

from argparse import ArgumentParser, RawDescriptionHelpFormatter

from napster.cli.command import PeerCommand, Session
from napster.cli.parser import CommandParser, add_common, add_one_shot, word
from napster.cli.results import show_page
from napster.cli.table import search_lines

GRAMMAR = """\
words:
  love song      both words, in any order         '"size>10"'  these words, not a filter
  -live          not this word                    lov*         words that begin so
filters (in quotes, because of the shell):
  'bitrate>=192' 'freq>=44100' 'size>10M' 'duration<5:00' 'speed>=cable' ext:flac type:video
"""


def _arguments(parser: ArgumentParser) -> None:
    if isinstance(parser, CommandParser):
        parser.excluding_words = True
    parser.formatter_class = RawDescriptionHelpFormatter
    parser.epilog = GRAMMAR
    parser.add_argument("words", nargs="+", type=word, metavar="WORD", help="a word or a filter")
    parser.add_argument("--ping", action="store_true", help="measure latency of the first twenty")
    add_common(parser)
    add_one_shot(parser)


async def _run(session: Session) -> int:
    options = session.options
    page = await session.peer.search(" ".join(options.words), ping=options.ping)
    return show_page(session, page, search_lines)


COMMAND = PeerCommand(_arguments, _run)
