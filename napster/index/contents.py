"""Sharing and finding files by their content, for those who have agreed on it."""

from collections.abc import Iterator, Sequence

from napster.catalog.interface import FoundContent, Hit, Refusal
from napster.catalog.results import search_hit
from napster.index.commands import Commands
from napster.index.levels import Level
from napster.index.limits import Cost
from napster.index.name_filter import NameFilter
from napster.index.network import User
from napster.index.presence import owner_of
from napster.index.searching import asker_of, perform_search
from napster.index.session import Session
from napster.index.sharing import keep_pace, room_for_more, take_in
from napster.wire.errors import ParseError
from napster.wire.extension import (
    ID_BYTES,
    ContentFile,
    ContentShared,
    ContentSource,
    Feature,
    Find,
    FindEnd,
    FindSources,
    Found,
    RefusedFile,
    ShareContent,
    UploadState,
)
from napster.wire.fields import crop
from napster.wire.search import parse_query
from napster.wire.tagged import read_tagged

COMMANDS = Commands()
"""For sessions that speak the extension only."""

_REASON = 60
"""So many bytes of a reason are told: then the reasons for a whole 20002 fit into one message."""
_NO_CONTENT = bytes(ID_BYTES)
_UNSENDABLE = (b'"', b"\0")
_REQ = 1


@COMMANDS.on(ShareContent, feature=Feature.CONTENT)
async def share(session: Session, offer: ShareContent) -> None:
    """Take files in with their content ids; the answer says which of them."""
    hub, files = session.hub, offer.files
    paths = [offer.directory + file.name for file in files]
    records = [file.record(offer.directory) for file in files]
    await keep_pace(session, records)
    reasons = dict(_faults(paths, files, hub.name_filter))
    sound = [place for place in range(len(files)) if place not in reasons]
    room = room_for_more(session)
    surplus = f"one user may share {hub.settings.max_shared:,} files here"
    reasons |= dict.fromkeys(sound[room:], surplus)
    taken = sound[:room]
    contents = [files[place].content_id for place in taken]
    result = await take_in(session, [records[place] for place in taken], contents)
    told = _places([paths[place] for place in taken], result.refusals)
    reasons |= {taken[place]: reason for place, reason in told}
    refused = [RefusedFile(place, _short(reasons[place])) for place in sorted(reasons)]
    session.send(ContentShared(offer.batch, result.accepted, refused))


def _faults(
    paths: Sequence[bytes], files: Sequence[ContentFile], names: NameFilter
) -> Iterator[tuple[int, str]]:
    """Find files that cannot be taken, and say why."""
    text = b"\n".join(paths)
    usual = all(paths) and not any(sign in text for sign in _UNSENDABLE)
    if usual and not names and all(file.content_id != _NO_CONTENT for file in files):
        return
    for place, (path, file) in enumerate(zip(paths, files, strict=True)):
        if not path:
            yield place, "the file has no name"
        elif any(sign in path for sign in _UNSENDABLE):
            yield place, "the name holds a character that no message can carry"
        elif file.content_id == _NO_CONTENT:
            yield place, "the content id is all zeros"
        elif fault := names.fault(path):
            yield place, fault


def _places(paths: Sequence[bytes], refusals: Sequence[Refusal]) -> Iterator[tuple[int, str]]:
    """Find out which of some files were refused; of equal paths it is the last ones."""
    left = list(refusals)
    for place in range(len(paths) - 1, -1, -1):
        if left and left[-1].path in (paths[place], b""):
            yield place, left.pop().reason


def _short(reason: str) -> str:
    return crop(reason.encode(), _REASON).decode()


@COMMANDS.on(UploadState, feature=Feature.CONTENT)
async def note_uploads(session: Session, state: UploadState) -> None:
    """Take note of how busy a user's uploads are."""
    before = owner_of(session.user)
    owner = owner_of(session.change(uploads_told=state))
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
            session.send(_found(request.req, each))
            await session.breathe()

    query = parse_query(request.query)
    await perform_search(session, query, session.hub.catalog.search_contents, show)


def _found(req: int, content: FoundContent) -> Found:
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
    hits = await hub.catalog.holders(request.content_id, asker_of(session))
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
        port=user.port,
        speed=user.speed,
        free=told.free if told else None,
        waiting=told.waiting if told else None,
        fingerprint=user.fingerprint if user.uses(Feature.SECURE) else None,
    )
