"""Finding files by their content, and noting who has free upload slots."""

from collections.abc import Sequence

from napster.catalog.interface import FoundContent, Hit
from napster.catalog.results import search_hit
from napster.index.commands import Commands
from napster.index.levels import Level
from napster.index.limits import Cost
from napster.index.network import User
from napster.index.searching import perform_search
from napster.index.session import Session
from napster.wire.errors import ParseError
from napster.wire.extension import (
    ContentSource,
    Feature,
    Find,
    FindEnd,
    FindSources,
    Found,
    UploadState,
)
from napster.wire.search import parse_query
from napster.wire.tagged import read_tagged

COMMANDS = Commands()
"""For sessions that speak the extension only."""

_REQ = 1


@COMMANDS.on(UploadState, feature=Feature.CONTENT)
async def note_uploads(session: Session, state: UploadState) -> None:
    """Take note of how busy a user's uploads are."""
    before = session.user.owner
    owner = session.change(uploads_told=state).owner
    if owner != before:
        session.hub.catalog.update_owner(owner)


def _end(body: bytes) -> FindEnd:
    """Name the question that was asked, as far as that can be read."""
    try:
        req = read_tagged(body).get(_REQ, b"")
    except ParseError:
        req = b""
    return FindEnd(int.from_bytes(req[:4], "little"))


@COMMANDS.on(Find, Cost.SEARCH, end=_end, least=Level.USER, feature=Feature.CONTENT)
async def find(session: Session, request: Find) -> None:
    """Answer with a 20011 for each content found."""

    async def show(contents: Sequence[FoundContent]) -> None:
        for each in contents:
            session.send(found(request.req, each))
            await session.breathe()

    query = parse_query(request.query)
    await perform_search(session, query, session.hub.catalog.search_contents, show)


def found(req: int, content: FoundContent) -> Found:
    """Make a 20011 of a content."""
    return Found(
        req=req,
        hit=search_hit(content.hit),
        size=content.hit.file.size,
        sources=content.sources,
        reachable=content.reachable,
        free=content.free,
        content_id=content.content_id,
        since=content.since,
    )


@COMMANDS.on(FindSources, Cost.SEARCH, end=_end, least=Level.USER, feature=Feature.CONTENT)
async def find_sources(session: Session, request: FindSources) -> None:
    """Answer with a 20014 for each offer of a content, the best first."""
    hub = session.hub
    hits = await hub.catalog.holders(request.content_id, session.user.asker)
    for hit in hits[: hub.settings.max_results]:
        user = await hub.network.locate(hit.owner.nick)
        if user is not None:
            session.send(_source(session, request.req, hit, user))
        await session.breathe()


def _source(session: Session, req: int, hit: Hit, user: User) -> ContentSource:
    told = user.uploads_told
    return ContentSource(
        req=req,
        nick=user.nick.encode("ascii"),
        path=hit.file.path,
        address=session.hub.address_for(session.user, user),
        port=session.user.port_of(user),
        speed=user.speed,
        free=told.free if told else None,
        waiting=told.waiting if told else None,
        fingerprint=user.fingerprint if user.uses(Feature.SECURE) else None,
        ipv6=session.user.ipv6_of(user),
    )
