"""Channels: listed and given up."""

from napster.index import acts
from napster.index.actors import NotThereError
from napster.index.admin.calls import Calls, Console, page_of, tidy
from napster.index.admin.values import About, ChannelInfo, Page
from napster.index.audit import Act
from napster.index.channels.channel import Channel, Mode
from napster.index.channels.rooms import leave
from napster.index.hub import Hub
from napster.wire.fields import display
from napster.wire.messages.channels import Part
from napster.wire.messages.login import Notice

CALLS = Calls()


@CALLS.on("channels", Page)
async def channels(console: Console, asked: Page) -> list[ChannelInfo]:
    """List channels, private ones among them, by name."""
    found = page_of(console.hub.channels, lambda each: each.name, asked)
    return [_info(channel) for channel in found]


def _info(channel: Channel) -> ChannelInfo:
    charter = channel.charter
    return ChannelInfo(
        name=channel.name,
        members=len(channel.members),
        limit=charter.limit,
        level=charter.level.title,
        kept=channel.has(Mode.REGISTERED),
        modes=sorted(mode.value for mode in charter.modes - {Mode.REGISTERED}),
        operators=sorted(charter.operators),
        topic=display(charter.topic),
    )


@CALLS.on("channel.drop", About)
async def drop(console: Console, asked: About) -> None:
    """End a channel: it is kept no longer, and everybody in it has to go."""
    hub, reason = console.hub, tidy(asked.reason)
    channel = hub.channels.find(asked.name)
    if channel is None:
        raise NotThereError(f"there is no channel {asked.name}")
    hub.channels.amend(channel, modes=channel.charter.modes - {Mode.REGISTERED})
    why = f": {reason}" if reason else ""
    farewell = acts.notice(f"Channel {channel.name} was closed by {console.actor.shown}{why}")
    while channel.members:  # while some are told to go, others come
        for nick in tuple(channel.members):
            await _send_away(hub, channel, nick, farewell)
    await hub.channels.keep(channel)
    await acts.report(hub, console.actor, Act.DROP, channel.name, reason)


async def _send_away(hub: Hub, channel: Channel, nick: str, farewell: Notice) -> None:
    user = await hub.network.locate(nick)
    if user and channel.member(nick):
        await hub.network.send(nick, Part(channel.name).frame() + farewell.frame())
        await leave(hub, channel, user, hub.catalog.count(nick))
