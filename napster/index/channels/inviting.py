"""Inviting users to channels."""

from napster.index.channels.channel import Channel
from napster.index.channels.rooms import announce, find_channel, tell_user
from napster.index.channels.visiting import visit
from napster.index.commands import CommandError, Commands
from napster.index.levels import Level
from napster.index.limits import Cost
from napster.index.network import User
from napster.index.session import Session
from napster.wire.messages.channels import (
    AcceptInvitation,
    DeclineInvitation,
    Invitation,
    Invite,
)
from napster.wire.messages.chanops import InviteToChannel
from napster.wire.messages.login import Notice

COMMANDS = Commands()


@COMMANDS.on(InviteToChannel, Cost.MESSAGE)
async def invite_in_words(session: Session, request: InviteToChannel) -> None:
    """Invite a user, who is told in words: every program shows those."""
    await _invite(session, request.channel, request.nick)


@COMMANDS.on(Invite, Cost.MESSAGE)
async def invite(session: Session, request: Invite) -> None:
    """Invite a user, who is told by 430 as well: the program may have a button for it."""
    channel, user = await _invite(session, request.channel, request.nick)
    topic = channel.charter.topic.replace(b'"', b"'")
    invitation = Invitation(session.user.nick, channel.name, topic)
    await session.hub.network.send(user.nick, invitation.frame())


async def _invite(session: Session, name: str, nick: str) -> tuple[Channel, User]:
    hub, inviter = session.hub, session.user
    channel = find_channel(session, name)
    if channel.member(inviter.nick) is None and inviter.level < Level.MODERATOR:
        raise CommandError(f"You are not a member of channel {channel.name}")
    if inviter.muzzled:
        raise CommandError("You are muzzled.")
    user = await hub.network.locate(nick)
    if user is None:
        raise CommandError(f"User {nick} is not currently online.")
    if user.ignores(inviter.nick):
        raise CommandError(f"{user.nick} is ignoring you")
    if channel.member(user.nick):
        raise CommandError(f"{user.nick} is already in channel {channel.name}")
    if hub.channels.inviter(channel, user.nick):
        raise CommandError(f"{user.nick} has been invited to channel {channel.name} already")
    hub.channels.invite(channel, user.nick, inviter.nick)
    await tell_user(hub, user, f"{inviter.nick} invited you to channel {channel.name}".encode())
    sentence = f"{inviter.nick} invited {user.nick} to channel {channel.name}"
    await announce(session, channel, sentence.encode())
    return channel, user


@COMMANDS.on(AcceptInvitation, Cost.MESSAGE)
async def accept(session: Session, request: AcceptInvitation) -> None:
    """Let a user in, and tell who has invited."""
    channels, nick = session.hub.channels, session.user.nick
    channel = channels.find(request.channel)
    by = channels.inviter(channel, nick) if channel else None
    await visit(session, request.channel)
    if by:
        await _tell(session, by, f"{nick} accepted your invitation to channel {request.channel}")


@COMMANDS.on(DeclineInvitation, Cost.MESSAGE)
async def decline(session: Session, request: DeclineInvitation) -> None:
    """Forget an invitation, and tell who has invited."""
    channels, nick = session.hub.channels, session.user.nick
    channel = channels.find(request.channel)
    by = channels.take_invitation(channel, nick) if channel else None
    if by is None:
        raise CommandError(f"Nobody has invited you to channel {request.channel}")
    await _tell(session, by, f"{nick} declined your invitation to channel {request.channel}")


async def _tell(session: Session, nick: str, sentence: str) -> None:
    await session.hub.network.send(nick, Notice(sentence.encode("latin-1")).frame())
