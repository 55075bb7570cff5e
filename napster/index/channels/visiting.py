"""Entering and leaving channels."""

from string import digits

from napster.index.channels.channel import Channel, Charter, Mode
from napster.index.channels.names import channel_name, name_fault
from napster.index.channels.rooms import enter, find_own_channel, leave, tell_operators
from napster.index.commands import CommandError, Commands
from napster.index.levels import Level
from napster.index.limits import Cost
from napster.index.network import User
from napster.index.session import Session
from napster.index.slices import in_answers
from napster.wire.fields import display
from napster.wire.messages.channels import (
    Join,
    Joined,
    ListedMember,
    MembersEnd,
    Part,
    Topic,
)

COMMANDS = Commands()

_FAILED = "channel join failed: "


@COMMANDS.on(Join, Cost.MESSAGE)
async def join(session: Session, request: Join) -> None:
    """Let a user in and show who is there."""
    await visit(session, request.channel)


@COMMANDS.on(Part, Cost.MESSAGE)
async def part(session: Session, request: Part) -> None:
    """Let a user out."""
    user, hub = session.user, session.hub
    channel, _ = find_own_channel(session, request.channel)
    session.send(Part(channel.name))
    await leave(hub, channel, user, hub.catalog.count(user.nick))


async def visit(session: Session, name: str) -> None:
    """Let a user into a channel, into a new one if there is none; raises CommandError."""
    user, hub = session.user, session.hub
    _check_visitor(session)
    channel = hub.channels.find(name)
    channel = _admit(session, channel) if channel else _found(session, channel_name(name))
    operator = channel.charter.appoints(user) or not (
        channel.members or channel.has(Mode.REGISTERED)
    )
    session.send(Joined(channel.name))
    await enter(hub, channel, user, operator=operator)
    await _show(session, channel)
    if operator:
        server = hub.settings.server_name
        session.tell(f"Server {server} set you as operator on channel {channel.name}")
        sentence = f"Server {server} set {user.nick} as operator on channel {channel.name}"
        await tell_operators(hub, channel, sentence.encode(), but=user.nick)


def _check_visitor(session: Session) -> None:
    user, most = session.user, session.hub.settings.max_channels
    if user.level >= Level.MODERATOR:
        return
    if user.muzzled:
        raise CommandError(f"{_FAILED}can't join channels while muzzled")
    if len(session.hub.channels.of(user.nick)) >= most:
        raise CommandError(f"{_FAILED}you may only join {most} channels")


def _found(session: Session, name: str) -> Channel:
    """Make a channel, of which whoever makes it is operator."""
    user, hub = session.user, session.hub
    if user.level < Level.MODERATOR and not hub.settings.open_channels:
        raise CommandError(f"{_FAILED}only moderators make channels here")
    if user.level < Level.USER:
        raise CommandError(f"{_FAILED}requires level {Level.USER.title}")
    if fault := name_fault(name, hub.settings.max_channel_name):
        raise CommandError(_FAILED + fault)
    topic = f"Welcome to the {name} channel.".encode("ascii")
    operators = (user.nick,) if user.registered else ()
    charter = Charter(name, topic, hub.settings.channel_limit, operators=operators)
    return hub.channels.open(charter)


def _admit(session: Session, channel: Channel) -> Channel:
    """Return the channel a user gets into: a full one that is registered goes on in another."""
    registered = channel.has(Mode.REGISTERED)
    _check_admission(session, channel)
    while channel.full and not _is_privileged(channel, session.user):
        if not registered:
            raise CommandError(f"{_FAILED}channel full")
        channel = _next_room(session, channel)
        _check_admission(session, channel)
    return channel


def _check_admission(session: Session, channel: Channel) -> None:
    user = session.user
    if channel.member(user.nick):
        raise CommandError(f"{_FAILED}already joined channel {channel.name}")
    if user.level < channel.charter.level:
        raise CommandError(f"{_FAILED}requires level {channel.charter.level.title}")
    if _is_privileged(channel, user):
        return
    if ban := channel.charter.ban_of(user):
        raise CommandError(f"{_FAILED}banned: {display(ban.reason)}")
    if channel.has(Mode.INVITE) and not session.hub.channels.inviter(channel, user.nick):
        raise CommandError(f"{_FAILED}invite only")


def _is_privileged(channel: Channel, user: User) -> bool:
    return user.level >= Level.MODERATOR or channel.charter.appoints(user)


def _next_room(session: Session, channel: Channel) -> Channel:
    """Return the room that `#name2` is to `#name`, made if there is none."""
    hub = session.hub
    stem = channel.name.rstrip(digits)
    name = f"{stem}{int(channel.name.removeprefix(stem) or 1) + 1}"
    if name_fault(name, hub.settings.max_channel_name):
        raise CommandError(f"{_FAILED}channel full")
    charter = channel.charter
    room = Charter(name, charter.topic, charter.limit, charter.level)
    return hub.channels.find(name) or hub.channels.open(room)


async def _show(session: Session, channel: Channel) -> None:
    """Tell who and what is there, in the order programs of 1999 expect (protocol section 2)."""
    hub, name = session.hub, channel.name
    async for nick in in_answers(session, tuple(channel.members)):
        user = await hub.network.locate(nick)
        if user:
            session.send(ListedMember(name, user.nick, hub.catalog.count(user.nick), user.speed))
    session.send(MembersEnd(name))
    session.send(Topic(name, channel.charter.topic))
