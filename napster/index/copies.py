"""Telling how many users hold a content, and which contents one user alone does."""

from napster.index.commands import CommandError, Commands
from napster.index.contents import found
from napster.index.levels import Level
from napster.index.limits import Cost
from napster.index.session import Session
from napster.wire.extension import (
    MOST_COUNTED,
    CopiesCounted,
    CountCopies,
    Feature,
    FindRare,
    RareTold,
)
from napster.wire.extension.copies import COUNT_BYTES

COMMANDS = Commands()
"""For sessions that speak the extension only."""

_COUNTED_LIKE_A_COMMAND = 50
_PAGE = 100
"""So many rare contents are told at once, about."""
_PAGE_LIKE_COMMANDS = 25


async def _pace(session: Session, commands: float) -> None:
    """Count work as so many commands; a client that wants much of it is read more slowly."""
    if wait := session.allowance.pace(Cost.COMMAND, commands):
        await session.pause(wait)


@COMMANDS.on(CountCopies, least=Level.USER, feature=Feature.CONTENT)
async def count_copies(session: Session, request: CountCopies) -> None:
    """Answer with a 20025: how many others share each content, be it reachable or not."""
    ids = request.ids
    if len(ids) > MOST_COUNTED:
        raise CommandError(f"at most {MOST_COUNTED} contents can be asked about at once (20024)")
    await _pace(session, len(ids) / _COUNTED_LIKE_A_COMMAND)
    counts = await session.hub.catalog.copies(ids, session.user.nick)
    told = b"".join(count.to_bytes(COUNT_BYTES, "little") for count in counts)
    session.send(CopiesCounted(request.req, told))


@COMMANDS.on(FindRare, least=Level.USER, feature=Feature.CONTENT)
async def find_rare(session: Session, request: FindRare) -> None:
    """Answer with a 20011 for each content that one user alone shares, and a 20027."""
    await _pace(session, _PAGE_LIKE_COMMANDS)
    hub = session.hub
    census = await hub.census.take()
    page = await hub.catalog.rare(request.after or 0, _PAGE, session.user.asker)
    for each in page.found:
        session.send(found(request.req, each))
        await session.breathe()
    session.send(RareTold(request.req, census.contents, census.rare, census.size, page.next))
