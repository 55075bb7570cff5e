"""Users of several levels in channels, and what they are told there."""

from typing import Any

import attrs

from napster.index.channels.channel import Channel
from napster.index.levels import Level
from napster.wire.messages import Message
from napster.wire.messages.channels import Join
from napster.wire.messages.login import Notice
from tests.index.harness import Conn, World

ROOM = "#room"


def login(world: World, nick: str, level: Level | None = None, **options: Any) -> Conn:
    """Log in; with a level, as somebody who is registered."""
    if level is not None:
        world.register(nick)
        account = world.accounts.rows[nick.lower()]
        world.accounts.rows[nick.lower()] = attrs.evolve(account, level=level)
    return world.login(nick, **options)


def moderator(world: World, nick: str = "mod") -> Conn:
    """Log a moderator in."""
    return login(world, nick, Level.MODERATOR)


def gather(world: World, *nicks: str, channel: str = ROOM) -> list[Conn]:
    """Log users in and let them join a channel, of which the first is operator."""
    conns = [login(world, nick) for nick in nicks]
    for conn in conns:
        conn.send(Join(channel))
    hush(*conns)
    return conns


def hush(*conns: Conn) -> None:
    """Take what has come and look at none of it."""
    for conn in conns:
        conn.frames()


def room(world: World, name: str = ROOM) -> Channel:
    """Find a channel that there is."""
    channel = world.hub.channels.find(name)
    assert channel is not None
    return channel


def told(messages: list[Message]) -> list[str]:
    """Return what was said in words, all other messages being a mistake."""
    assert all(isinstance(each, Notice) for each in messages), messages
    return [each.text.decode() for each in messages if isinstance(each, Notice)]
