"""One channel: what is kept of it, and who is in it."""

from enum import Enum
from typing import Any

import attrs

from napster.index.levels import Level
from napster.index.masks import matches
from napster.index.network import User
from napster.index.nicks import nick_key


class Mode(Enum):
    """What can be set or not; the values are the names on the wire, in the order shown."""

    PRIVATE = "PRIVATE"
    """Only members and moderators learn of it."""
    MODERATED = "MODERATED"
    """Only those with a voice talk."""
    INVITE = "INVITE"
    """Only those who were invited enter."""
    TOPIC = "TOPIC"
    """Every member may set the topic."""
    REGISTERED = "REGISTERED"
    """It stays without members, and is kept across restarts."""


@attrs.frozen
class Ban:
    """Who may not enter. `mask` is as `normalise` makes it, `since` in seconds since 1970 (UTC)."""

    mask: str
    setter: str
    reason: bytes
    since: int


@attrs.frozen
class Charter:
    """What is kept of a channel when all have gone."""

    name: str
    topic: bytes
    limit: int
    """How many may be in; 0 for no limit."""
    level: Level = Level.USER
    """Who may enter: users from this level on."""
    modes: frozenset[Mode] = frozenset()
    operators: tuple[str, ...] = ()
    """The registered nicks that are operators whenever they come."""
    bans: tuple[Ban, ...] = ()
    muzzles: tuple[str, ...] = ()
    """The nicks that may not talk here at all, whenever they come."""

    def appoints(self, user: User) -> bool:
        """Whether a user is an operator by nick: nobody else can come with a registered one."""
        return user.registered and nick_key(user.nick) in map(nick_key, self.operators)

    def muzzles_nick(self, nick: str) -> bool:
        """Whether somebody may not talk here."""
        return nick_key(nick) in map(nick_key, self.muzzles)

    def ban_of(self, user: User) -> Ban | None:
        """Find a ban that means a user."""
        for ban in self.bans:
            if matches(ban.mask, user.nick, user.host):
                return ban
        return None


@attrs.frozen
class Membership:
    """Somebody's place in a channel."""

    nick: str
    operator: bool = False
    voice: bool = False
    """Whether this member may talk while the channel is moderated."""


@attrs.define(eq=False)
class Channel:
    """A channel as it is now."""

    charter: Charter
    members: dict[str, Membership] = attrs.field(init=False, factory=dict)
    """Those in it by nick without case, in the order in which they came."""

    @property
    def name(self) -> str:
        """How it is called, as whoever made it wrote it."""
        return self.charter.name

    @property
    def full(self) -> bool:
        """Whether nobody else may enter."""
        return 0 < self.charter.limit <= len(self.members)

    def has(self, mode: Mode) -> bool:
        """Whether a mode is set."""
        return mode in self.charter.modes

    def member(self, nick: str) -> Membership | None:
        """Find somebody's place."""
        return self.members.get(nick_key(nick))

    def seat(self, membership: Membership) -> None:
        """Give somebody a place, or another one."""
        self.members[nick_key(membership.nick)] = membership

    def change_member(self, nick: str, **changes: Any) -> None:
        """Change somebody's place."""
        key = nick_key(nick)
        self.members[key] = attrs.evolve(self.members[key], **changes)

    def operators(self) -> frozenset[str]:
        """List the operators who are here, by nick without case."""
        return frozenset(key for key, member in self.members.items() if member.operator)

    def is_operator(self, user: User) -> bool:
        """Whether a user is an operator who is here."""
        member = self.member(user.nick)
        return member is not None and member.operator

    def is_run_by(self, user: User) -> bool:
        """Whether a user may change this channel: an operator, or a moderator who may enter."""
        ranks = user.level >= max(Level.MODERATOR, self.charter.level)
        return ranks or self.is_operator(user)

    def is_known_to(self, user: User) -> bool:
        """Whether a user may learn that this channel exists."""
        return (
            not self.has(Mode.PRIVATE)
            or user.level >= Level.MODERATOR
            or self.member(user.nick) is not None
        )

    def may_judge(self, user: User, other: User) -> bool:
        """Whether a user may throw another out or silence them here (protocol section 2, 829)."""
        return (
            user.level == Level.ELITE
            or user.level > other.level
            or (user.level == other.level and self.is_operator(user))
        )
