"""Who is online and where: all talk between users goes through here.

The answers are Deferreds, so that several index daemons can share a network behind this interface.
"""

from collections import deque
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from functools import cached_property
from itertools import count
from typing import Any, Protocol

import attrs
from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from napster.catalog.interface import Asker, Owner
from napster.index.addresses import NOWHERE, observed_ipv6
from napster.index.flusher import Flusher
from napster.index.levels import Level
from napster.index.nicks import nick_key
from napster.index.slices import in_slices
from napster.wire.extension import Family, Feature, UploadState
from napster.wire.messages import Message


@attrs.frozen
class User:
    """Somebody online, as others may know them."""

    nick: str
    host: str
    """The observed address; limits and ghosts go by it."""
    address: int
    """The published address, a u32 with little-endian octets."""
    data_port: int
    """The data port as told; 0 means firewalled."""
    speed: int
    client: bytes
    email: str
    level: Level
    registered: bool
    since: float
    """When the login succeeded, by the monotonic clock."""
    remote_port: int = 0
    """The port at the user's end of this connection."""
    displaced: bool = False
    """Whether this login ended an older session that still answered."""
    downloads: int = 0
    """Downloads under way."""
    uploads: int = 0
    total_downloads: int = 0
    total_uploads: int = 0
    extended: bool = False
    """Whether this user's program understands extension messages."""
    features: Feature | None = None
    """Which of the index's features it uses; None if it has not said."""
    uploads_told: UploadState | None = None
    """How busy this user's uploads are, as last told."""
    fingerprint: bytes | None = None
    """Of the key this user has at data ports; see `Greeting`."""
    families: Family = Family.IPV4
    """By what this user can connect to others."""
    muzzled: bool = False
    """Whether a moderator has forbidden this user to talk in public."""
    ignored: tuple[str, ...] = ()
    """The nicks this user does not want to hear from."""
    serial: int = attrs.field(factory=count(1).__next__)
    """Tells this login from every other."""

    @property
    def port(self) -> int:
        """The data port by IPv4; 0 means firewalled, as is whose address cannot be told."""
        return 0 if self.address == NOWHERE else self.data_port

    @property
    def firewalled(self) -> bool:
        """Whether nobody can connect to this user by IPv4."""
        return self.port == 0

    @property
    def ipv6(self) -> bytes | None:
        """Where others can connect to this user by IPv6: the observed address, if it is one."""
        knows = self.data_port and Family.IPV6 in self.families
        return observed_ipv6(self.host) if knows else None

    def ipv6_of(self, other: "User") -> bytes | None:
        """Return where this user can connect to another one by IPv6."""
        return other.ipv6 if Family.IPV6 in self.families else None

    def port_of(self, other: "User") -> int:
        """Return the port at which this user can connect to another one; 0 if at none."""
        return other.data_port if self.connects_to(other) else 0

    def connects_to(self, other: "User") -> bool:
        """Whether this user can connect to another one's data port."""
        by_ipv4 = Family.IPV4 in self.families and not other.firewalled
        return by_ipv4 or self.ipv6_of(other) is not None

    @cached_property
    def owner(self) -> Owner:
        """The catalog's value of this user as one who shares."""
        free = self.uploads_told is not None and self.uploads_told.free > 0
        relayed, ipv6 = self.uses(Feature.RELAY), self.ipv6 is not None
        nick, address, port, speed = self.nick, self.address, self.port, self.speed
        return Owner(nick, address, port, speed, free, relayed, ipv6, self.families)

    @cached_property
    def asker(self) -> Asker:
        """The catalog's value of this user as one who searches."""
        return Asker(self.nick, self.owner.reached_by, self.families, self.uses(Feature.RELAY))

    def uses(self, feature: Feature) -> bool:
        """Whether this user's program and the index have agreed on a feature."""
        return self.features is not None and feature in self.features

    def ignores(self, nick: str) -> bool:
        """Whether this user does not want to hear from somebody."""
        return nick_key(nick) in map(nick_key, self.ignored)


class Member(Protocol):
    """A session as the network knows it."""

    @property
    def user(self) -> User:
        """Who it is."""

    def deliver(self, frame: bytes) -> None:
        """Send a frame that somebody else caused."""

    def put(self, frame: bytes) -> None:
        """Keep a frame that somebody else caused for the next flush."""

    def flush(self) -> None:
        """Send what was put."""

    def answers(self) -> Deferred[bool]:
        """Ask for a sign of life; fires with whether one came."""

    def displace(self) -> None:
        """End at once, because the same nick logs in elsewhere."""

    def change(self, **changes: Any) -> User:
        """Change what is known of the user."""

    def end(self, *farewell: Message) -> None:
        """Say why, then end."""


@attrs.frozen(eq=False)
class _Telling:
    """A frame on its way to many."""

    members: Sequence[tuple[str, Member]]
    frame: bytes
    is_meant: Callable[[User], bool]
    told: Deferred[None] = attrs.field(factory=Deferred)


class NickInUseError(Exception):
    """A nick that somebody online has."""


class Network:
    """The people of one index, by nick without case."""

    log = Logger()

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._members: dict[str, Member] = {}
        self._channels: dict[str, dict[str, None]] = {}
        self._tellings: deque[_Telling] = deque()
        self._is_telling = False
        self._flusher = Flusher(clock)

    def close(self) -> None:
        """Send nothing that waits."""
        self._flusher.stop()

    def __len__(self) -> int:
        """How many are online."""
        return len(self._members)

    def __iter__(self) -> Iterator[Member]:
        """Those online at this moment."""
        return iter(tuple(self._members.values()))

    def claim(self, nick: str, member: Member) -> Deferred[None]:
        """Take a nick; fails with NickInUseError."""
        if nick_key(nick) in self._members:
            return fail(NickInUseError(nick))
        self._members[nick_key(nick)] = member
        return succeed(None)

    def release(self, nick: str, member: Member) -> Deferred[None]:
        """Give a nick back; does nothing if it is another's by now."""
        if self._members.get(nick_key(nick)) is member:
            del self._members[nick_key(nick)]
        return succeed(None)

    def locate(self, nick: str) -> Deferred[User | None]:
        """Find somebody online."""
        member = self._members.get(nick_key(nick))
        return succeed(member.user if member else None)

    def send(self, nick: str, frame: bytes) -> Deferred[bool]:
        """Deliver a frame; fires with whether the nick is online."""
        member = self._members.get(nick_key(nick))
        if member:
            member.deliver(frame)
        return succeed(member is not None)

    def send_soon(self, nick: str, frame: bytes) -> Deferred[bool]:
        """Do as `send`, but wait a moment if the network is busy, for more to send with it."""
        member = self._members.get(nick_key(nick))
        if member:
            member.put(frame)
            self._flusher.add(member)
        return succeed(member is not None)

    def answers(self, nick: str) -> Deferred[bool]:
        """Ask whoever has a nick for a sign of life; fires with whether one came."""
        member = self._members.get(nick_key(nick))
        return member.answers() if member else succeed(result=False)

    def displace(self, user: User) -> Deferred[None]:
        """End a user's session, so that the nick is free; does nothing if another has it now."""
        member = self._members.get(nick_key(user.nick))
        if member and member.user.serial == user.serial:
            member.displace()
        return succeed(None)

    def change(self, nick: str, **changes: Any) -> Deferred[User | None]:
        """Change what is known of somebody online; fires with the user as changed."""
        member = self._members.get(nick_key(nick))
        return succeed(member.change(**changes) if member else None)

    def expel(self, nick: str, *farewell: Message) -> Deferred[bool]:
        """End somebody's session with some last words; fires with whether the nick was online."""
        member = self._members.get(nick_key(nick))
        if member:
            member.end(*farewell)
        return succeed(member is not None)

    def broadcast(self, frame: bytes, *, least: Level = Level.LEECH) -> Deferred[None]:
        """Deliver a frame to all users from a level on; fires when all have it."""
        return self._tell(list(self._members), frame, lambda user: user.level >= least)

    def tell(self, nicks: Iterable[str], frame: bytes) -> Deferred[None]:
        """Deliver a frame to some users, if they are online; fires when all have it."""
        return self._tell(list(map(nick_key, nicks)), frame, lambda _: True)

    def join(self, channel: str, nick: str) -> Deferred[None]:
        """Deliver to somebody online what is published in a channel."""
        self._channels.setdefault(channel, {})[nick_key(nick)] = None
        return succeed(None)

    def part(self, channel: str, nick: str) -> Deferred[None]:
        """Deliver it to them no longer."""
        members = self._channels.get(channel, {})
        members.pop(nick_key(nick), None)
        if not members:
            self._channels.pop(channel, None)
        return succeed(None)

    def publish(
        self,
        channel: str,
        frame: bytes,
        *,
        but: str = "",
        least: Level = Level.LEECH,
        nicks: Collection[str] = (),
    ) -> Deferred[None]:
        """Deliver a frame to those in a channel; fires when all have it.

        All but one, if `but` names somebody. With `least`, only to users from that level on, and to
        `nicks`, which are in lower case.
        """

        def is_meant(user: User) -> bool:
            return user.level >= least or nick_key(user.nick) in nicks

        audience = [nick for nick in self._channels.get(channel, ()) if nick != nick_key(but)]
        return self._tell(audience, frame, is_meant)

    def _tell(
        self, nicks: Sequence[str], frame: bytes, is_meant: Callable[[User], bool]
    ) -> Deferred[None]:
        """Deliver a frame to those of some users who are meant, in slices.

        What is told to many is told in order. It is told to the end, even if whoever had it told
        leaves meanwhile and the Deferred is cancelled. Who logs in meanwhile is told nothing.
        """
        members = [(nick, self._members[nick]) for nick in nicks if nick in self._members]
        telling = _Telling(members, frame, is_meant)
        self._tellings.append(telling)
        if not self._is_telling:
            self._is_telling = True
            Deferred.fromCoroutine(self._tell_all())
        return telling.told

    async def _tell_all(self) -> None:
        await in_slices(self._clock, self._deliveries(), self._deliver)
        self._is_telling = False

    def _deliveries(self) -> Iterator[tuple[_Telling, str, Member]]:
        while self._tellings:
            telling = self._tellings.popleft()
            for nick, member in telling.members:
                yield telling, nick, member
            telling.told.callback(None)

    def _deliver(self, delivery: tuple[_Telling, str, Member]) -> None:
        telling, nick, member = delivery
        try:
            if self._members.get(nick) is member and telling.is_meant(member.user):
                member.deliver(telling.frame)
        except Exception:  # noqa: BLE001  # logged; the others are to hear it all the same
            self.log.failure("{nick}: telling failed", nick=nick)
