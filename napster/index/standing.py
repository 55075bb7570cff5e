"""Standing searches: left by a user, and told of every matching file when it is shared."""

from collections import Counter
from collections.abc import Sequence

from napster.catalog.filters import may_see
from napster.catalog.interface import Refusal
from napster.catalog.listing import Listing
from napster.index.commands import Commands
from napster.index.hub import Hub
from napster.index.levels import Level
from napster.index.limits import Cost
from napster.index.network import User
from napster.index.nicks import nick_key
from napster.index.session import Session
from napster.index.standing_searches import MOST_A_MINUTE, Key, StandingError
from napster.wire.errors import ParseError
from napster.wire.extension import Unwatch, Watch, Watching, WatchState, watched_frames
from napster.wire.search import parse_query

COMMANDS = Commands()
"""For sessions that speak the extension only."""


@COMMANDS.on(Watch, Cost.SEARCH, least=Level.USER)
async def watch(session: Session, request: Watch) -> None:
    """Leave a standing search, or say why not."""
    hub = session.hub
    await _resume(session)
    try:
        query = parse_query(request.query)
        most = hub.settings.max_standing
        paused = hub.standing.add(session.user.nick, request.id, query, most)
    except (ParseError, StandingError) as error:
        session.send(Watching(request.id, WatchState.OVER, str(error)))
    else:
        session.send(_paused(request.id) if paused else Watching(request.id, WatchState.STANDING))


def _paused(id_: int) -> Watching:
    text = f"more than {MOST_A_MINUTE} files a minute match; search to see them all"
    return Watching(id_, WatchState.PAUSED, text)


async def _resume(session: Session) -> None:
    """Resume all searches whose pause is over; others have their turn meanwhile."""
    while session.hub.standing.resume():
        await session.breathe()


@COMMANDS.on(Unwatch)
async def unwatch(session: Session, request: Unwatch) -> None:
    """Withdraw a standing search."""
    known = session.hub.standing.remove(Key(nick_key(session.user.nick), request.id))
    text = None if known else "there is no standing search of this number"
    session.send(Watching(request.id, WatchState.OVER, text))


async def announce(
    session: Session,
    records: Sequence[bytes],
    listing: Listing | None,
    refusals: Sequence[Refusal],
) -> None:
    """Tell those who wait for them of the files that a user has just shared, but for refused ones.

    `listing` are the same files if they have been taken apart.
    The user who shares is read no further meanwhile; others have their turn.
    """
    hub, owner = session.hub, session.user.owner
    whose = b" %b %d %d" % (owner.nick.encode("ascii"), owner.address, owner.speed)
    refused = Counter(each.path for each in refusals)
    await _resume(session)
    for match in hub.standing.match(owner, records, listing):
        if match is None:
            await session.breathe()
            continue
        if refused[match.path]:
            refused[match.path] -= 1
            continue
        frames = watched_frames(match.body + whose, (key.id for key in match.keys))
        for key, frame in zip(match.keys, frames, strict=True):
            if await _may_see(hub, key.nick, session.user):
                _tell(hub, key, frame)
            await session.breathe()


async def _may_see(hub: Hub, nick: str, owner: User) -> bool:
    """Whether a search of somebody would find what an owner shares."""
    user = await hub.network.locate(nick)
    if user is None or user.level < Level.USER:
        return False
    return may_see(user.asker, owner.owner)


def _tell(hub: Hub, key: Key, frame: bytes) -> None:
    left = hub.standing.count(key)
    if left is None:
        return
    hub.meters.standing_hits += 1
    hub.network.send_soon(key.nick, frame)
    if left == 0:
        hub.network.send_soon(key.nick, _paused(key.id).frame())
