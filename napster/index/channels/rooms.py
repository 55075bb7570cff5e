"""What all commands about channels do: find one, ask who may, tell those in it."""

from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred

from napster.index.audit import Act
from napster.index.channels.channel import Channel, Membership, Mode
from napster.index.channels.names import channel_key
from napster.index.commands import CommandError
from napster.index.levels import Level
from napster.index.network import User
from napster.index.nicks import nick_key
from napster.index.unbroken import to_the_end
from napster.wire.fields import crop, display
from napster.wire.messages import Message
from napster.wire.messages.channels import MemberCame, MemberLeft
from napster.wire.messages.login import Notice

if TYPE_CHECKING:
    from napster.index.hub import Hub
    from napster.index.session import Session

_LONGEST_NOTICE = 250
"""So many bytes old servers send at most when they tell operators something."""
_LONGEST_REASON = 64


def find_channel(session: "Session", name: str) -> Channel:
    """Find a channel that the user may know of; raises CommandError."""
    channel = session.hub.channels.find(name)
    if channel is None or not channel.is_known_to(session.user):
        raise CommandError(f"Channel {name} does not exist!")
    return channel


def find_own_channel(session: "Session", name: str) -> tuple[Channel, Membership]:
    """Find a channel that the user is in, and the place there; raises CommandError."""
    channel = session.hub.channels.find(name)
    member = channel.member(session.user.nick) if channel else None
    if channel is None or member is None:
        raise CommandError(f"You are not a member of channel {name}")
    return channel, member


def find_run_channel(session: "Session", name: str) -> Channel:
    """Find a channel that the user may change; raises CommandError."""
    channel = find_channel(session, name)
    if not channel.is_run_by(session.user):
        raise CommandError(f"permission denied: you are not operator of channel {channel.name}")
    return channel


async def find_member(session: "Session", channel: Channel, nick: str) -> User:
    """Find somebody in a channel; raises CommandError."""
    user = await session.hub.network.locate(nick)
    if user is None or channel.member(nick) is None:
        raise CommandError(f"{nick} is not in channel {channel.name}")
    return user


def require_voice_here(channel: Channel, member: Membership) -> None:
    """Raise CommandError if an ordinary member may not talk in a channel."""
    if channel.charter.muzzles_nick(member.nick):
        raise CommandError(f"permission denied: muzzled on channel {channel.name}")
    if channel.has(Mode.MODERATED) and not member.voice:
        raise CommandError(f"permission denied: channel {channel.name} is moderated")


async def enter(hub: "Hub", channel: Channel, user: User, *, operator: bool) -> None:
    """Let a user in, and tell the others."""
    hub.channels.enter(channel, Membership(user.nick, operator=operator))
    await hub.network.join(channel_key(channel.name), user.nick)
    came = MemberCame(channel.name, user.nick, hub.catalog.count(user.nick), user.speed)
    await publish(hub, channel, came, but=user.nick)


async def leave(hub: "Hub", channel: Channel, user: User, shared: int) -> None:
    """Let a user out who shares so many files, and tell the others."""
    hub.channels.leave(channel, user.nick)
    await hub.network.part(channel_key(channel.name), user.nick)
    await publish(hub, channel, MemberLeft(channel.name, user.nick, shared, user.speed))


def leave_all(hub: "Hub", user: User, shared: int) -> None:
    """Let a user out of all channels who goes and shared so many files."""
    for channel in hub.channels.of(user.nick):
        Deferred.fromCoroutine(leave(hub, channel, user, shared))
    hub.channels.forget(user.nick)


def publish(hub: "Hub", channel: Channel, message: Message, *, but: str = "") -> Deferred[None]:
    """Send a message to everybody in a channel but one."""
    return hub.network.publish(channel_key(channel.name), message.frame(), but=but)


def tell_operators(
    hub: "Hub", channel: Channel, sentence: bytes, *, but: str = ""
) -> Deferred[None]:
    """Tell the operators and moderators in a channel something in words, all but one."""
    return hub.network.publish(
        channel_key(channel.name),
        _notice(sentence).frame(),
        but=but,
        least=Level.MODERATOR,
        nicks=channel.operators(),
    )


@to_the_end
async def announce(session: "Session", channel: Channel, sentence: bytes, *, but: str = "") -> None:
    """Tell the operators and moderators in a channel, and the user, what the user did.

    `but` is told in other words and not here. What moderators do is kept, also if they go
    meanwhile.
    """
    user = session.user
    await tell_operators(session.hub, channel, sentence, but=but)
    member = channel.member(user.nick)
    hears = member is not None and (member.operator or user.level >= Level.MODERATOR)
    if not hears and nick_key(user.nick) != nick_key(but):
        session.send(_notice(sentence))
    if user.level >= Level.MODERATOR:
        did = display(sentence).removeprefix(f"{user.nick} ")
        await session.hub.records.audit.record(user.nick, Act.CHANNEL, channel.name, did)


async def amend(
    session: "Session", channel: Channel, sentence: bytes, *, but: str = "", **changes: Any
) -> None:
    """Change a channel's charter, tell of it in a sentence (see `announce`), and keep it."""
    channels = session.hub.channels
    channels.amend(channel, **changes)
    keeping = Deferred.fromCoroutine(channels.keep(channel))  # begun before the user can go
    await announce(session, channel, sentence, but=but)
    await keeping


def tell_user(hub: "Hub", user: User, sentence: bytes) -> Deferred[bool]:
    """Tell somebody something in words."""
    return hub.network.send(user.nick, _notice(sentence).frame())


def _notice(sentence: bytes) -> Notice:
    return Notice(crop(sentence, _LONGEST_NOTICE))


def because(session: "Session", reason: bytes) -> bytes:
    """Write a user's reason behind a sentence, as much of it as is passed on; nothing for none.

    Raises CommandError if there is one and the user is muzzled: others would read it.
    """
    if not reason:
        return b""
    if session.user.muzzled:
        raise CommandError("You are muzzled; do this without a reason")
    return b": " + crop_reason(reason)


def crop_reason(reason: bytes) -> bytes:
    """Cut a reason as old servers do."""
    return crop(reason, _LONGEST_REASON)
