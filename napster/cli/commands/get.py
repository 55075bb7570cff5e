"""`napster get`: download rows of the last search, or a user's file or folder by its place."""

from argparse import (
    ArgumentParser,
    BooleanOptionalAction,
    Namespace,
    RawDescriptionHelpFormatter,
)
from collections.abc import Sequence
from pathlib import Path

import attrs

from napster.cli import folders
from napster.cli.command import PeerCommand, Session
from napster.cli.exits import DONE, FAILED
from napster.cli.follow import Follower, follow
from napster.cli.pages import PageStore
from napster.cli.parser import add_common, add_one_shot, word
from napster.cli.picks import are_numbers, choose, parse_spans, wanted
from napster.cli.summary import summary, vanished
from napster.daemon.codec import dump
from napster.peer.api import BadRequestError, DownloadState, DownloadStatus, Wanted

_USAGE = """\
napster get 3                row 3 of the last search or browse in this terminal
napster get 1,3,6-10 12      several rows
napster get 7.2              row 7 from its second source
napster get --folder 3       all files of the folder that row 3 lies in
napster get NICK PATH        a user's file, by its place in napster browse NICK
napster get --folder alice Music --only '*.flac' --only 'CD 1/*'
"""


def _arguments(parser: ArgumentParser) -> None:
    parser.formatter_class = RawDescriptionHelpFormatter
    parser.epilog = _USAGE
    parser.add_argument("what", nargs="+", type=word, metavar="WHAT", help="rows, or NICK PATH")
    parser.add_argument("--folder", action="store_true", help="get the whole folder")
    parser.add_argument(
        "--only",
        action="append",
        metavar="PATTERN",
        help="of these files only those that match: '*.mp3', 'CD 1/*'; may be given several times",
    )
    parser.add_argument(
        "--to", type=word, metavar="DIR", help="save in this folder instead of the downloads folder"
    )
    parser.add_argument(
        "--unlisted",
        type=int,
        metavar="SIZE",
        help="ask NICK for PATH, of so many bytes, though no list holds it: it is not for everyone",
    )
    parser.add_argument("--again", action="store_true", help="also get what is there already")
    parser.add_argument(
        "--wait",
        action=BooleanOptionalAction,
        default=True,
        help="wait until everything has arrived, or leave it to the daemon",
    )
    add_common(parser)
    add_one_shot(parser, downloads=True)


def _prepare(options: Namespace, pages: PageStore) -> None:
    """Look up rows by the last search, and ask the index that search asked."""
    options.rows = []
    if are_numbers(options.what):
        last = pages.load()
        options.rows = choose(parse_spans(options.what), last.page)
        if not options.state:
            options.index = options.index or last.index
    elif len(options.what) != 2:
        raise BadRequestError("Write rows, as in napster get 3, or a nick and one path in quotes.")
    if options.unlisted is not None and (options.rows or options.folder or options.unlisted < 0):
        raise BadRequestError("--unlisted is for one file: say its owner's nick, path and size.")
    if options.index and not options.wait:
        raise BadRequestError("--no-wait needs a daemon to go on with the download.")
    if options.index and options.to:
        raise BadRequestError("--to is for a daemon; without one, say --downloads DIR.")


async def _run(session: Session) -> int:
    options, screen = session.options, session.screen
    known = await session.peer.downloads() if options.folder and not options.only else ()
    files = await _wanted(session)
    begun = await session.peer.get(files)
    ended = await _wait(session, begun) if options.wait else begun
    if options.json:
        screen.json(dump(ended))
    else:
        for line in (*summary(ended), *vanished(files, begun, known)):
            screen.line(line)
    if not options.wait:
        return _leave(session)
    return DONE if all(each.state is DownloadState.DONE for each in ended) else FAILED


def _leave(session: Session) -> int:
    if not session.options.json:
        session.screen.line("Left to the daemon. See napster downloads.")
    return DONE


async def _wanted(session: Session) -> Sequence[Wanted]:
    options, peer = session.options, session.peer
    if options.unlisted is not None:
        nick, place = options.what
        found = folders.unlisted(nick, place, options.unlisted)
    elif not options.rows:
        found = await folders.named(peer, *options.what, folder=options.folder)
    elif options.folder:
        found = await folders.whole_folders(peer, options.rows)
    else:
        found = [wanted(row) for row in options.rows]
    to = str(Path(options.to).absolute()) if options.to else ""
    chosen = folders.only(found, options.only) if options.only else found
    return [attrs.evolve(each, to=to, again=options.again) for each in chosen]


async def _wait(session: Session, begun: Sequence[DownloadStatus]) -> Sequence[DownloadStatus]:
    options = session.options
    if options.index:
        session.farewell = "Interrupted. The same napster get goes on where this one stopped."
    else:
        session.farewell = "Interrupted. The daemon goes on; napster downloads tells how far it is."
    show = (lambda _: None) if options.json else Follower(session.screen, session.clock).show
    return await follow(session.peer, begun, show, session.clock)


COMMAND = PeerCommand(_arguments, _run, prepare=_prepare)
