"""Throwing members out of channels, and keeping users out."""

from napster.index.channels.channel import Ban, Channel
from napster.index.channels.rooms import (
    amend,
    announce,
    because,
    crop_reason,
    find_channel,
    find_member,
    find_run_channel,
    leave,
    tell_user,
)
from napster.index.commands import CommandError, Commands
from napster.index.limits import Cost
from napster.index.masks import normalise
from napster.index.network import User
from napster.index.session import Session
from napster.index.slices import in_answers
from napster.wire.messages.channels import Part
from napster.wire.messages.chanops import (
    BanFromChannel,
    ChannelBan,
    ChannelBansEnd,
    ClearChannel,
    ClearChannelBans,
    KickFromChannel,
    ListChannelBans,
    OldKickFromChannel,
    UnbanFromChannel,
)

COMMANDS = Commands()

_MOST_BANS = 256


@COMMANDS.on(KickFromChannel, Cost.MESSAGE)
async def kick(session: Session, request: KickFromChannel) -> None:
    """Throw a member out whom the user outranks."""
    channel = _find_judged_channel(session, request.channel)
    user = await find_member(session, channel, request.nick)
    if not channel.may_judge(session.user, user):
        raise CommandError(f"permission denied: {user.nick} has your level or a higher one")
    nick, reason = session.user.nick, because(session, request.reason)
    told = f"You were kicked from channel {channel.name} by {nick}".encode() + reason
    await _throw_out(session, channel, user, told)
    sentence = f"{nick} kicked {user.nick} out of channel {channel.name}".encode()
    await announce(session, channel, sentence + reason)


@COMMANDS.on(ClearChannel, Cost.MESSAGE)
async def clear(session: Session, request: ClearChannel) -> None:
    """Throw everybody out whom the user outranks."""
    channel = _find_judged_channel(session, request.channel)
    users = await _outranked(session, channel)
    if not users:
        raise CommandError(f"permission denied: nobody in channel {channel.name} is below you")
    sentence = f"{session.user.nick} cleared channel {channel.name}".encode()
    sentence += because(session, request.reason)
    await announce(session, channel, sentence)
    async for user in in_answers(session, users):
        if channel.member(user.nick):
            await _throw_out(session, channel, user, sentence)


async def _outranked(session: Session, channel: Channel) -> list[User]:
    """List the members whom a user may throw out, but for the user."""
    users = [await session.hub.network.locate(nick) for nick in tuple(channel.members)]
    me = session.user
    return [
        user for user in users if user and user.serial != me.serial and channel.may_judge(me, user)
    ]


def _find_judged_channel(session: Session, name: str) -> Channel:
    """Find a channel that the user is in, or may change from outside; raises CommandError."""
    channel, user = find_channel(session, name), session.user
    if user.level < channel.charter.level:
        raise CommandError(f"permission denied: channel {channel.name} is above your level")
    if channel.member(user.nick) is None and not channel.is_run_by(user):
        raise CommandError(f"You are not on channel {channel.name}")
    return channel


async def _throw_out(session: Session, channel: Channel, user: User, told: bytes) -> None:
    hub = session.hub
    await leave(hub, channel, user, hub.catalog.count(user.nick))
    await hub.network.send(user.nick, Part(channel.name).frame())
    await tell_user(hub, user, told)


COMMANDS.on(OldKickFromChannel, Cost.MESSAGE)(kick)


@COMMANDS.on(ListChannelBans, Cost.SEARCH, end=ChannelBansEnd().frame())
async def list_bans(session: Session, request: ListChannelBans) -> None:
    """Tell an operator who is banned."""
    channel = find_run_channel(session, request.channel)
    for ban in channel.charter.bans:
        session.send(ChannelBan(ban.mask, ban.setter, ban.reason, ban.since, 0))


@COMMANDS.on(BanFromChannel, Cost.MESSAGE)
async def ban(session: Session, request: BanFromChannel) -> None:
    """Keep users out of a channel from now on."""
    channel = find_run_channel(session, request.channel)
    mask, bans = _mask(request.mask), channel.charter.bans
    if _find(bans, mask):
        raise CommandError(f"channel ban failed: {mask} is banned already")
    if len(bans) >= _MOST_BANS:
        raise CommandError(f"channel ban failed: a channel has at most {_MOST_BANS} bans")
    reason, since = crop_reason(request.reason), int(session.hub.channels.now())
    made = Ban(mask, session.user.nick, reason, since)
    sentence = f"{made.setter} banned {mask} from {channel.name}".encode()
    sentence += because(session, reason)
    await amend(session, channel, sentence, bans=(*bans, made))


@COMMANDS.on(UnbanFromChannel, Cost.MESSAGE)
async def unban(session: Session, request: UnbanFromChannel) -> None:
    """Lift a ban."""
    channel = find_run_channel(session, request.channel)
    mask, bans = _mask(request.mask), channel.charter.bans
    found = _find(bans, mask)
    if found is None:
        raise CommandError(f"channel unban failed: there is no ban of {mask}")
    sentence = f"{session.user.nick} unbanned {mask} from {channel.name}".encode()
    left = tuple(each for each in bans if each is not found)
    await amend(session, channel, sentence + because(session, request.reason), bans=left)


@COMMANDS.on(ClearChannelBans, Cost.MESSAGE)
async def clear_bans(session: Session, request: ClearChannelBans) -> None:
    """Lift all bans."""
    channel = find_run_channel(session, request.channel)
    if not channel.charter.bans:
        raise CommandError("There are no bans")
    sentence = f"{session.user.nick} cleared the ban list on {channel.name}"
    await amend(session, channel, sentence.encode(), bans=())


def _mask(text: str) -> str:
    try:
        return normalise(text)
    except ValueError as error:
        raise CommandError(str(error)) from None


def _find(bans: tuple[Ban, ...], mask: str) -> Ban | None:
    return next((each for each in bans if each.mask.lower() == mask.lower()), None)
