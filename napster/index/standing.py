"""Standing searches: left by a user, and told of every matching file when it is shared."""

from collections import Counter
from collections.abc import Sequence

from napster.catalog.filters import may_see
from napster.catalog.interface import Asker, Hit, Refusal
from napster.catalog.results import frame
from napster.index.commands import Commands
from napster.index.limits import Cost
from napster.index.nicks import nick_key
from napster.index.presence import owner_of
from napster.index.session import Session
from napster.index.standing_searches import MOST_A_MINUTE, Key, StandingError
from napster.wire.errors import ParseError
from napster.wire.extension import Unwatch, Watch, Watching, WatchState, watched_frame
from napster.wire.framing import encode
from napster.wire.search import parse_query

COMMANDS = Commands()
"""For sessions that speak the extension only."""

_HEADER = len(encode(0, b""))


@COMMANDS.on(Watch, Cost.SEARCH)
async def watch(session: Session, request: Watch) -> None:
    """Leave a standing search, or say why not."""
    hub = session.hub
    try:
        query = parse_query(request.query)
        hub.standing.add(session.user.nick, request.id, query, hub.settings.max_standing)
    except (ParseError, StandingError) as error:
        session.send(Watching(request.id, WatchState.OVER, str(error)))
    else:
        session.send(Watching(request.id, WatchState.STANDING))


@COMMANDS.on(Unwatch)
async def unwatch(session: Session, request: Unwatch) -> None:
    """Withdraw a standing search."""
    known = session.hub.standing.remove(Key(nick_key(session.user.nick), request.id))
    text = None if known else "there is no standing search of this number"
    session.send(Watching(request.id, WatchState.OVER, text))


async def announce(
    session: Session, records: Sequence[bytes], refusals: Sequence[Refusal]
) -> None:
    """Tell those who wait for them of the files that a user has just shared, but for refused ones.

    The user who shares is read no further meanwhile; others have their turn.
    """
    standing, owner = session.hub.standing, owner_of(session.user)
    refused = Counter(each.path for each in refusals)
    while standing.resume():
        await session.breathe()
    for hit, keys in standing.match(owner, records):
        if refused[hit.file.path]:
            refused[hit.file.path] -= 1
            continue
        body = frame(hit)[_HEADER:]
        for key in keys:
            await _tell(session, key, hit, body)
            await session.breathe()


async def _tell(session: Session, key: Key, hit: Hit, body: bytes) -> None:
    hub = session.hub
    user = await hub.network.locate(key.nick)
    if user is None or not may_see(Asker(user.nick, user.firewalled), hit.owner):
        return
    left = hub.standing.count(key)
    if left is None:
        return
    hub.meters.standing_hits += 1
    await hub.network.send(key.nick, watched_frame(key.id, body))
    if left == 0:
        text = f"more than {MOST_A_MINUTE} files a minute match; search to see them all"
        await hub.network.send(key.nick, Watching(key.id, WatchState.PAUSED, text).frame())
