"""Who may do what in a channel: operators, voices, muzzles."""

from collections.abc import Collection

from napster.index.channels.channel import Channel, Mode
from napster.index.channels.rooms import (
    amend,
    announce,
    because,
    find_member,
    find_run_channel,
    tell_user,
)
from napster.index.channels.tending import set_modes
from napster.index.commands import CommandError, Commands
from napster.index.levels import Level
from napster.index.limits import Cost
from napster.index.network import User
from napster.index.nicks import nick_key
from napster.index.session import Session
from napster.wire.messages.chanops import (
    Deop,
    ListOps,
    MuzzleInChannel,
    Op,
    UnmuzzleInChannel,
    Unvoice,
    Voice,
)
from napster.wire.messages.people import PrivateMessage

COMMANDS = Commands()

SERVICE = "ChanServ"
"""Lists that have no message of their own come as private messages from here."""
_MOST_OPERATORS = 256
_MOST_MUZZLES = 256
_MOST_NICKS = 32
"""So many users one command can be about."""


@COMMANDS.on(Op, Cost.MESSAGE)
async def op(session: Session, request: Op) -> None:
    """Make operators; what a moderator does so makes the channel a registered one."""
    for nick in _some(request.nicks):
        await _appoint(session, request.channel, nick)
    channel = find_run_channel(session, request.channel)
    if not request.nicks:
        _list_operators(session, channel)
    elif session.user.level >= Level.MODERATOR:
        await set_modes(session, channel, channel.charter.modes | {Mode.REGISTERED})


async def _appoint(session: Session, name: str, nick: str) -> None:
    """Make somebody operator: a registered nick for good, another one until it leaves."""
    user = await session.hub.network.locate(nick)
    account = await session.hub.accounts.find(nick)
    channel = find_run_channel(session, name)
    here = user is not None and channel.member(nick) is not None
    if account is None and not here:
        raise CommandError(f"{nick} is not in channel {channel.name}, and not registered")
    operators = _without(channel.charter.operators, nick)
    operators += (account.nick,) if account else ()
    if len(operators) > _MOST_OPERATORS:
        raise CommandError(f"a channel has at most {_MOST_OPERATORS} operators")
    if user and here:
        channel.change_member(nick, operator=True)
        sentence = f"{session.user.nick} set you as operator on channel {channel.name}"
        await tell_user(session.hub, user, sentence.encode())
    sentence = f"{session.user.nick} set {nick} as operator on channel {channel.name}"
    await amend(session, channel, sentence.encode(), but=nick, operators=operators)


@COMMANDS.on(Deop, Cost.MESSAGE)
async def deop(session: Session, request: Deop) -> None:
    """Make operators ordinary members."""
    for nick in _some(request.nicks):
        await _dismiss(session, request.channel, nick)
    if not request.nicks:
        _list_operators(session, find_run_channel(session, request.channel))


async def _dismiss(session: Session, name: str, nick: str) -> None:
    user = await session.hub.network.locate(nick)
    channel = find_run_channel(session, name)
    if nick_key(nick) not in map(nick_key, _operators(channel)):
        raise CommandError(f"{nick} is not operator of channel {channel.name}")
    sentence = f"{session.user.nick} removed {nick} as operator on channel {channel.name}"
    if user and channel.member(nick):
        channel.change_member(nick, operator=False)
        told = f"{session.user.nick} removed you as operator on channel {channel.name}"
        await tell_user(session.hub, user, told.encode())
    operators = _without(channel.charter.operators, nick)
    await amend(session, channel, sentence.encode(), but=nick, operators=operators)


@COMMANDS.on(ListOps, Cost.SEARCH)
async def list_ops(session: Session, request: ListOps) -> None:
    """Tell who is operator of a channel, here or not."""
    _list_operators(session, find_run_channel(session, request.channel))


def _list_operators(session: Session, channel: Channel) -> None:
    _list(session, f"operators for channel {channel.name}", _operators(channel))


def _operators(channel: Channel) -> Collection[str]:
    found = {nick_key(nick): nick for nick in channel.charter.operators}
    here = {key: member.nick for key, member in channel.members.items() if member.operator}
    return (found | here).values()


@COMMANDS.on(Voice, Cost.MESSAGE)
async def voice(session: Session, request: Voice) -> None:
    """Let members talk while the channel is moderated."""
    await _set_voices(session, request.channel, request.nicks, given=True)


@COMMANDS.on(Unvoice, Cost.MESSAGE)
async def unvoice(session: Session, request: Unvoice) -> None:
    """Let them talk no longer while it is."""
    await _set_voices(session, request.channel, request.nicks, given=False)


async def _set_voices(session: Session, name: str, nicks: Collection[str], *, given: bool) -> None:
    channel = find_run_channel(session, name)
    for nick in _some(nicks):
        user = await find_member(session, channel, nick)
        channel.change_member(nick, voice=given)
        did = "gave {} voice" if given else "took voice from {}"
        start, end = f"{session.user.nick} ", f" on channel {channel.name}"
        await tell_user(session.hub, user, f"{start}{did.format('you')}{end}".encode())
        sentence = f"{start}{did.format(user.nick)}{end}".encode()
        await announce(session, channel, sentence, but=user.nick)
    if not nicks:
        voiced = [each.nick for each in channel.members.values() if each.voice]
        _list(session, f"voiced users on channel {channel.name}", voiced)


@COMMANDS.on(MuzzleInChannel, Cost.MESSAGE)
async def muzzle(session: Session, request: MuzzleInChannel) -> None:
    """Forbid a member to talk in a channel, also after leaving and coming back."""
    user = await session.hub.network.locate(request.nick)
    channel = find_run_channel(session, request.channel)
    if user is None or channel.member(user.nick) is None:
        raise CommandError(f"{request.nick} is not in channel {channel.name}")
    muzzles = (*_without(channel.charter.muzzles, user.nick), user.nick)
    if len(muzzles) > _MOST_MUZZLES:
        raise CommandError(f"a channel has at most {_MOST_MUZZLES} muzzles")
    await _set_muzzles(session, channel, request, user, muzzles)


@COMMANDS.on(UnmuzzleInChannel, Cost.MESSAGE)
async def unmuzzle(session: Session, request: UnmuzzleInChannel) -> None:
    """Let somebody talk in a channel again, there at this moment or not."""
    user = await session.hub.network.locate(request.nick)
    channel = find_run_channel(session, request.channel)
    muzzles = _without(channel.charter.muzzles, request.nick)
    if len(muzzles) == len(channel.charter.muzzles):
        raise CommandError(f"{request.nick} is not muzzled on channel {channel.name}")
    await _set_muzzles(session, channel, request, user, muzzles)


async def _set_muzzles(
    session: Session,
    channel: Channel,
    request: MuzzleInChannel | UnmuzzleInChannel,
    user: User | None,
    muzzles: tuple[str, ...],
) -> None:
    """Set who may not talk, and tell of it; `user` is whom it is about, if online."""
    if user and not channel.may_judge(session.user, user):
        raise CommandError(f"permission denied: {user.nick} has your level or a higher one")
    nick = user.nick if user else request.nick
    verb = "muzzled" if isinstance(request, MuzzleInChannel) else "unmuzzled"
    start = f"{session.user.nick} {verb} "
    end = f" on channel {channel.name}".encode() + because(session, request.reason)
    if user and channel.member(nick):
        await tell_user(session.hub, user, f"{start}you".encode() + end)
    sentence = f"{start}{nick}".encode() + end
    await amend(session, channel, sentence, but=nick, muzzles=muzzles)


def _list(session: Session, title: str, nicks: Collection[str]) -> None:
    total = f"END of {title} ({len(nicks)} total)"
    for line in (f"{title[0].upper()}{title[1:]}:", *nicks, total):
        session.send(PrivateMessage(SERVICE, line.encode("ascii")))


def _some(nicks: Collection[str]) -> Collection[str]:
    if len(nicks) > _MOST_NICKS:
        raise CommandError(f"one command is about at most {_MOST_NICKS} users")
    return nicks


def _without(nicks: tuple[str, ...], nick: str) -> tuple[str, ...]:
    return tuple(each for each in nicks if nick_key(each) != nick_key(nick))
