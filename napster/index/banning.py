"""Bans, as moderators with old programs set, lift and list them."""

from napster.index import acts
from napster.index.acts import reason_text
from napster.index.commands import Commands
from napster.index.levels import Level
from napster.index.moderating import actor_of
from napster.index.session import Session
from napster.wire.messages.moderation import AddBan, BanEntry, BansEnd, ListBans, RemoveBan

COMMANDS = Commands()


@COMMANDS.on(AddBan, least=Level.MODERATOR)
async def ban(session: Session, request: AddBan) -> None:
    """Ban whom a mask means."""
    reason = reason_text(request.reason)
    await acts.ban(session.hub, actor_of(session), request.mask, reason, request.seconds)


@COMMANDS.on(RemoveBan, least=Level.MODERATOR)
async def unban(session: Session, request: RemoveBan) -> None:
    """Lift a ban."""
    reason = reason_text(request.reason)
    await acts.unban(session.hub, actor_of(session), request.mask, reason)


@COMMANDS.on(ListBans, end=BansEnd().frame())
async def list_bans(session: Session, _request: ListBans) -> None:
    """Tell all bans; a private network has nothing to hide from its members."""
    for each in session.hub.records.bans:
        reason = each.reason.encode()
        session.send(BanEntry(each.mask, each.setter, reason, each.since, each.seconds))
        await session.breathe()
