"""`napster wish`: what to look out for, and what was found."""

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter
from collections.abc import Sequence
from datetime import UTC, datetime

import attrs

from napster.cli.command import PeerCommand, Session
from napster.cli.commands.search import GRAMMAR
from napster.cli.exits import DONE
from napster.cli.grid import NOTHING, Column
from napster.cli.listing import show_grid
from napster.cli.pages import LastSearch, PageStore
from napster.cli.parser import CommandParser, add_common, word
from napster.cli.picks import parse_ids
from napster.cli.screen import Style
from napster.cli.text import clean
from napster.daemon.codec import dump
from napster.peer.api import (
    ApiError,
    BadRequestError,
    Find,
    NotFoundError,
    SearchPage,
    Wish,
    WishPlace,
)
from napster.units import format_size


def _arguments(parser: ArgumentParser) -> None:
    if isinstance(parser, CommandParser):
        parser.excluding_words = True
    parser.formatter_class = RawDescriptionHelpFormatter
    parser.epilog = f"Without words, the wishes are listed with what was found.\n\n{GRAMMAR}"
    parser.add_argument(
        "words", nargs="*", type=word, metavar="WORD", help="a word or a filter to look out for"
    )
    parser.add_argument(
        "--get", action="store_true", help="download what is found, within the daemon's limits"
    )
    parser.add_argument(
        "--remove", type=word, metavar="N", help="look out for these no longer: 3, 1-12 or 1,3,6-10"
    )
    add_common(parser)


def _prepare(options: Namespace, _pages: PageStore) -> None:
    if options.remove is not None and (options.words or options.get):
        raise BadRequestError("--remove takes numbers of wishes, and stands alone.")
    if options.get and not options.words:
        raise BadRequestError("--get is for a wish: name the words to look out for as well.")


async def _run(session: Session) -> int:
    options = session.options
    if options.remove is not None:
        return await _remove(session)
    if options.words:
        return await _add(session)
    return await _list(session)


async def _add(session: Session) -> int:
    options, screen = session.options, session.screen
    wish = await session.peer.wish(" ".join(options.words), get=options.get)
    if options.json:
        screen.json(dump(wish))
    else:
        screen.line(_title(wish))
        screen.line("napster wish tells what was found.", Style.DIM)
    return DONE


async def _remove(session: Session) -> int:
    options, screen = session.options, session.screen
    known = {wish.id for wish in await session.peer.wishes()}
    chosen: list[int] = []
    for span in parse_ids([options.remove]):
        meant = sorted(number for number in known if span.first <= number <= span.last)
        if not meant:
            raise NotFoundError(f"There is no wish {span.word}; napster wish lists all.")
        chosen += meant
    dropped = await session.peer.drop_wishes(list(dict.fromkeys(chosen)))
    if options.json:
        screen.json(dump(dropped))
    else:
        for wish in dropped:
            screen.line(f"Removed wish {wish.id}: {clean(wish.words)}")
    return DONE


async def _list(session: Session) -> int:
    wishes = _numbered(await session.peer.wishes())
    rows = [find.file for wish in wishes for find in wish.finds]
    if rows:
        _keep(session, SearchPage("napster wish", rows, len(rows), 0))
    if session.options.json:
        session.screen.json(dump(wishes))
    elif wishes:
        for wish in wishes:
            _show(session, wish)
    else:
        session.screen.line("There are no wishes: add one with napster wish WORDS.")
    if last := max((find.id for wish in wishes for find in wish.finds if find.new), default=0):
        await session.peer.see_wishes(last)
    return DONE


def _numbered(wishes: Sequence[Wish]) -> list[Wish]:
    """Give all finds numbers from 1 on, for napster get."""
    numbers = iter(range(1, 1 + sum(len(wish.finds) for wish in wishes)))
    return [
        attrs.evolve(
            wish,
            finds=[
                attrs.evolve(find, file=attrs.evolve(find.file, number=next(numbers)))
                for find in wish.finds
            ],
        )
        for wish in wishes
    ]


def _keep(session: Session, page: SearchPage) -> None:
    try:
        session.pages.save(LastSearch(page, ""))
    except ApiError as error:
        session.screen.error(str(error))


def _show(session: Session, wish: Wish) -> None:
    screen = session.screen
    screen.line(_title(wish), Style.BOLD)
    for place in wish.places:
        screen.line(f"  {_place(place)}", Style.DIM)
    if wish.finds:
        show_grid(screen, _columns(wish.finds))
    else:
        screen.line("  Nothing was found so far.")


def _title(wish: Wish) -> str:
    deed = "; what is found is downloaded" if wish.get else ""
    return f"Wish {wish.id}: {clean(wish.words)}{deed}"


def _place(place: WishPlace) -> str:
    how = "tells at once" if place.at_once else place.note
    return f"index {clean(place.index)}: {clean(how)}"


def _columns(finds: Sequence[Find]) -> list[Column]:
    return [
        Column("#", [f"{find.file.number:>4}" for find in finds], right=True),
        Column("", ["new" if find.new else "" for find in finds]),
        Column("name", [clean(find.file.name) for find in finds], flexible=True),
        Column("size", [format_size(find.file.size) for find in finds], right=True),
        Column("user", [clean(find.file.sources[0].nick) for find in finds]),
        Column("found", [_when(find.found) for find in finds]),
        Column("download", [_download(find) for find in finds], flexible=True),
    ]


def _when(seconds: int) -> str:
    return datetime.fromtimestamp(seconds, UTC).astimezone().strftime("%Y-%m-%d %H:%M")


def _download(find: Find) -> str:
    return str(find.download) if find.download is not None else clean(find.note) or NOTHING


COMMAND = PeerCommand(_arguments, _run, prepare=_prepare)
