"""All channels of an index: found by name or by member, made, kept and given up."""

from collections.abc import Awaitable, Callable, Iterator
from typing import Any, Protocol
from weakref import WeakKeyDictionary

import attrs

from napster.index.channels.channel import Channel, Charter, Membership, Mode
from napster.index.channels.names import channel_key
from napster.index.nicks import nick_key


class Store(Protocol):
    """Where channels are kept across restarts."""

    def load(self) -> Awaitable[list[Charter]]:
        """Read all."""

    def save(self, charter: Charter) -> Awaitable[None]:
        """Write one."""

    def delete(self, name: str) -> Awaitable[None]:
        """Keep one no longer."""


class Channels:
    """The channels there are; `now` is the wall clock."""

    def __init__(self, store: Store, now: Callable[[], float]) -> None:
        self.now = now
        self._store = store
        self._channels: dict[str, Channel] = {}
        self._kept: set[str] = set()
        self._visits: dict[str, dict[Channel, None]] = {}
        self._invitations: dict[str, WeakKeyDictionary[Channel, str]] = {}

    def __iter__(self) -> Iterator[Channel]:
        """Those there are at this moment."""
        return iter(tuple(self._channels.values()))

    async def load(self) -> None:
        """Open the channels that were kept; fails with what the store fails with."""
        for charter in await self._store.load():
            self.open(charter)
            self._kept.add(channel_key(charter.name))

    def find(self, name: str) -> Channel | None:
        """Find a channel by its name, in any case and with or without `#`."""
        return self._channels.get(channel_key(name))

    def of(self, nick: str) -> tuple[Channel, ...]:
        """List the channels somebody is in, in the order of coming."""
        return tuple(self._visits.get(nick_key(nick), ()))

    def open(self, charter: Charter) -> Channel:
        """Make a channel; nobody is in it yet."""
        channel = self._channels[channel_key(charter.name)] = Channel(charter)
        return channel

    def enter(self, channel: Channel, membership: Membership) -> None:
        """Let somebody in; an invitation is used up by that."""
        channel.seat(membership)
        self._visits.setdefault(nick_key(membership.nick), {})[channel] = None
        self.take_invitation(channel, membership.nick)

    def leave(self, channel: Channel, nick: str) -> None:
        """Let somebody out; the channel ends with its last member unless it is registered."""
        key = nick_key(nick)
        del channel.members[key]
        del self._visits[key][channel]
        if not self._visits[key]:
            del self._visits[key]
        self._close_if_empty(channel)

    def amend(self, channel: Channel, **changes: Any) -> None:
        """Change a channel's charter in memory; `keep` has to follow.

        Does nothing to a channel that has ended: to hear of what happens to it, a member may have
        been sent more than that member read.
        """
        if self.find(channel.name) is channel:
            channel.charter = attrs.evolve(channel.charter, **changes)
            self._close_if_empty(channel)

    async def keep(self, channel: Channel) -> None:
        """Keep a channel's charter as it is now, or no longer if it is not registered."""
        key = channel_key(channel.name)
        if channel.has(Mode.REGISTERED):
            self._kept.add(key)
            await self._store.save(channel.charter)
        elif key in self._kept:
            self._kept.remove(key)
            await self._store.delete(channel.name)

    def invite(self, channel: Channel, nick: str, by: str) -> None:
        """Remember who has invited somebody."""
        self._invitations.setdefault(nick_key(nick), WeakKeyDictionary())[channel] = by

    def inviter(self, channel: Channel, nick: str) -> str | None:
        """Tell who has invited somebody."""
        invitations = self._invitations.get(nick_key(nick))
        return invitations.get(channel) if invitations else None

    def take_invitation(self, channel: Channel, nick: str) -> str | None:
        """Tell who has invited somebody, and forget it."""
        by = self.inviter(channel, nick)
        if by is not None:
            del self._invitations[nick_key(nick)][channel]
        return by

    def forget(self, nick: str) -> None:
        """Forget the invitations of somebody who goes."""
        self._invitations.pop(nick_key(nick), None)

    async def dismiss(self, nick: str) -> None:
        """Take a nick off the operators of all channels: it is nobody's any longer."""
        for channel in self:
            operators = channel.charter.operators
            left = tuple(each for each in operators if nick_key(each) != nick_key(nick))
            if left != operators:
                self.amend(channel, operators=left)
                await self.keep(channel)

    def _close_if_empty(self, channel: Channel) -> None:
        if not channel.members and not channel.has(Mode.REGISTERED):
            del self._channels[channel_key(channel.name)]
