"""Which channels there are, and who is in one."""

from collections.abc import Callable

from napster.index.channels.channel import Channel, Mode
from napster.index.channels.rooms import find_channel
from napster.index.commands import CommandError, Commands
from napster.index.levels import Level
from napster.index.limits import Cost
from napster.index.session import Session
from napster.index.slices import in_answers
from napster.wire.messages import Message
from napster.wire.messages.channels import (
    ListChannels,
    ListChannelsFully,
    ListedChannel,
    ListedChannelFully,
    ListedName,
    ListNames,
    NamesEnd,
)

COMMANDS = Commands()


@COMMANDS.on(ListChannels, Cost.SEARCH, end=ListChannels().frame())
async def list_channels(session: Session, _request: ListChannels) -> None:
    """Tell which channels there are, as far as the user may know."""
    await _list(session, _line)


@COMMANDS.on(ListChannelsFully, Cost.SEARCH, end=ListChannelsFully().frame())
async def list_channels_fully(session: Session, _request: ListChannelsFully) -> None:
    """Tell the same, and who may enter each."""
    await _list(session, _full_line)


async def _list(session: Session, describe: Callable[[Channel], Message]) -> None:
    async for channel in in_answers(session, session.hub.channels):
        if channel.is_known_to(session.user):
            session.send(describe(channel))


def _line(channel: Channel) -> Message:
    return ListedChannel(channel.name, len(channel.members), channel.charter.topic)


def _full_line(channel: Channel) -> Message:
    charter = channel.charter
    return ListedChannelFully(
        channel=channel.name,
        members=len(channel.members),
        temporary=int(not channel.has(Mode.REGISTERED)),
        level=charter.level,
        limit=charter.limit,
        topic=charter.topic.replace(b'"', b"'"),
    )


@COMMANDS.on(ListNames, Cost.SEARCH, end=NamesEnd().frame())
async def list_names(session: Session, request: ListNames) -> None:
    """Tell a member, or a moderator, who is in a channel."""
    hub = session.hub
    channel = find_channel(session, request.channel)
    if session.user.level < Level.MODERATOR and channel.member(session.user.nick) is None:
        raise CommandError(f"you're not on channel {channel.name}")
    async for nick in in_answers(session, tuple(channel.members)):
        user = await hub.network.locate(nick)
        if user:
            shared = hub.catalog.count(user.nick)
            session.send(ListedName(channel.name, user.nick, shared, user.speed))
