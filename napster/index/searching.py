"""Searching, browsing, and finding further sources by hash."""

from collections.abc import Awaitable, Callable, Sized
from itertools import islice
from typing import TypeVar

from twisted.internet.defer import Deferred

from napster.catalog.interface import Asker, Hits
from napster.index.commands import Commands
from napster.index.explaining import tell_why
from napster.index.levels import Level
from napster.index.limits import Cost
from napster.index.session import Session
from napster.wire.errors import ParseError
from napster.wire.fields import FieldReader
from napster.wire.framing import encode_all
from napster.wire.messages.people import SignedOff
from napster.wire.messages.searching import (
    Browse,
    BrowseEnd,
    BrowseFile,
    Search,
    SearchEnd,
    Source,
    SourcesEnd,
    SourcesRequest,
)
from napster.wire.search import SearchQuery

F = TypeVar("F", bound=Sized)

COMMANDS = Commands()

_LIKE_A_SEARCH = 100
"""A list of so many files counts as a search."""
_LIKE_A_LIST = 40
"""A list counts as so many searches at most."""
_CHUNK = 128
"""So many files of a list are written before others have their turn."""


def _browse_end(body: bytes) -> BrowseEnd:
    """Name who was asked about, as far as that can be read."""
    try:
        return BrowseEnd(FieldReader(body, open_quotes=True).argument().decode("latin-1"))
    except ParseError:
        return BrowseEnd("")


@COMMANDS.on(Search, Cost.SEARCH, end=SearchEnd().frame(), least=Level.USER)
async def search(session: Session, request: Search) -> None:
    """Answer with a 201 for each file found."""

    async def show(hits: Hits) -> None:
        session.outbox.put(hits.frames())

    await perform_search(session, request.query, session.hub.catalog.search, show)


async def perform_search(
    session: Session,
    query: SearchQuery,
    find: "Callable[[SearchQuery, Asker], Deferred[F]]",
    show: Callable[[F], Awaitable[None]],
) -> None:
    """Find, show what was found, and tell those whose programs understand it why it is so little.

    No more is found than one search may find here.
    """
    hub = session.hub
    query = query.limited(hub.settings.max_results)
    asker = session.user.asker
    begun = hub.clock.seconds()
    hits = await find(query, asker)
    results = len(hits)
    if results:
        await show(hits)
    seconds = hub.clock.seconds() - begun
    hub.meters.searched(seconds, results)
    if hub.search_log:
        hub.search_log.add(query, seconds, results)
    if session.user.extended:
        await tell_why(session, query, asker, results)


@COMMANDS.on(Browse, Cost.SEARCH, end=_browse_end, least=Level.USER)
async def browse(session: Session, request: Browse) -> None:
    """Answer with a 212 for each file of a user, or with 210 if there is no such user."""
    owner = await session.hub.network.locate(request.nick)
    if owner is None:
        session.send(SignedOff(request.nick))
        return
    await _wait_for_a_list(session, owner.nick, request.limit)
    files = iter(await session.hub.catalog.browse(owner.nick, request.limit or None))
    nick = owner.nick.encode("ascii")
    while chunk := list(islice(files, _CHUNK)):
        bodies = [nick + b" " + file.body() for file in chunk]
        session.outbox.put(encode_all(BrowseFile.type, bodies))
        await session.breathe()


async def _wait_for_a_list(session: Session, nick: str, limit: int | None) -> None:
    """Count a list as so many searches as cost the same; let a user who asked for many wait."""
    files = session.hub.catalog.count(nick)
    searches = min(limit or files, files) / _LIKE_A_SEARCH
    if wait := session.allowance.pace(Cost.SEARCH, min(searches, _LIKE_A_LIST)):
        await session.pause(wait)


@COMMANDS.on(SourcesRequest, Cost.SEARCH, end=SourcesEnd().frame(), least=Level.USER)
async def sources(session: Session, request: SourcesRequest) -> None:
    """Answer with a 216 for each user who has a file."""
    hub = session.hub
    hits = await hub.catalog.sources(request.md5, request.size, session.user.asker)
    for hit in islice(hits, hub.settings.max_results):
        file, owner = hit.file, hit.owner
        session.send(
            Source(
                nick=owner.nick,
                address=owner.address,
                port=owner.port,
                path=file.path,
                md5=file.md5,
                size=file.size,
                speed=owner.speed,
            )
        )
