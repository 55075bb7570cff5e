"""Tickets: the index's word that another peer is to connect here, or awaits this one."""

from collections import OrderedDict
from collections.abc import Iterator, Sequence

import attrs
from twisted.internet.interfaces import IReactorTime

from napster.peer.results import base_name

NOWHERE = "0.0.0.0"  # noqa: S104  # recognised, not bound to
"""Stands for the IPv4 address of a user who has none."""
MOST_TICKETS = 10_000
"""How many tickets are kept, and of how many uploads it is known that they had one."""


@attrs.frozen
class Ticket:
    """Leave for one connection with one other peer about one file."""

    secret: bytes = attrs.field(repr=False)
    """16 bytes that only the two peers and their index know."""
    nick: str
    """The other peer's."""
    path: bytes
    fingerprint: bytes | None
    """Of the other peer's key; None if that one does not encrypt."""
    address: str
    """Of the other peer, as the index publishes it."""
    dials: bool
    """Whether this side connects to the other."""
    uploads: bool
    """Whether this side has the file."""
    life: float = 60.0
    """For how many seconds it holds."""
    ipv6: str = ""
    """Of the other peer, if both peers can connect by IPv6."""

    @property
    def addresses(self) -> Sequence[str]:
        """Where the other peer may be, the likeliest first."""
        by_ipv4 = () if self.address == NOWHERE and self.ipv6 else (self.address,)
        return (self.ipv6, *by_ipv4) if self.ipv6 else by_ipv4

    def is_for(self, nick: str, path: bytes) -> bool:
        """Tell whether it is for this transfer; letter case does not count."""
        return _key(self.nick, self.path) == _key(nick, path)


def _key(nick: str, path: bytes) -> tuple[str, bytes]:
    return nick.lower(), path.lower()


class Tickets:
    """The tickets announced by the index. Each is taken once, within its life."""

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._kept: OrderedDict[bytes, tuple[Ticket, float]] = OrderedDict()
        self._ticketed: OrderedDict[tuple[str, bytes], None] = OrderedDict()

    def add(self, ticket: Ticket) -> None:
        """Keep a ticket that the index has just announced."""
        self._drop_old()
        self._kept[ticket.secret] = ticket, self._clock.seconds() + ticket.life
        if ticket.uploads:
            self._ticketed[_key(ticket.nick, ticket.path)] = None
        for table in (self._kept, self._ticketed):
            if len(table) > MOST_TICKETS:
                table.popitem(last=False)

    def shown(self, secret: bytes) -> Ticket | None:
        """Take the ticket that somebody who connects here shows; None if it is not good."""
        return self._take(each for each in self._good() if each.secret == secret and not each.dials)

    def to_push(self, nick: str, path: bytes) -> Ticket | None:
        """Take the ticket to connect to a downloader with; None if there is none."""
        return self._take(
            each for each in self._good() if each.dials and each.uploads and each.is_for(nick, path)
        )

    def awaited(self, nick: str, path: bytes) -> Ticket | None:
        """Take the ticket of somebody who was to push a file here; None if there is none."""
        fitting = (each for each in self._good() if not (each.dials or each.uploads))
        return self._take(each for each in fitting if each.is_for(nick, path))

    def to_serve(self, secret: bytes) -> Ticket | None:
        """Find a ticket by which a file may be fetched from here, without taking it."""
        fitting = (each for each in self._good() if each.uploads and not each.dials)
        return next((each for each in fitting if each.secret == secret), None)

    def bearer(self, nick: str, path: bytes) -> Ticket | None:
        """Find the ticket of whoever wants a file from here, without taking it."""
        fitting = (each for each in self._good() if each.uploads and each.is_for(nick, path))
        return next(fitting, None)

    def arranged(self, nick: str, path: bytes) -> bool:
        """Tell whether the upload that the index arranges now goes by a ticket.

        If not, what was known of an earlier one is forgotten.
        """
        if self.bearer(nick, path) is not None:
            return True
        self._ticketed.pop(_key(nick, path), None)
        return False

    def replaces_get(self, nick: str, path: bytes) -> bool:
        """Tell whether an upload was last arranged by a ticket, so that nobody may ask without."""
        return _key(nick, path) in self._ticketed

    def replaces_send(self, nick: str, path: bytes) -> bool:
        """Tell whether a push of that name is awaited that has a ticket."""
        name = base_name(path).lower()
        return any(
            not (each.dials or each.uploads)
            and each.nick.lower() == nick.lower()
            and base_name(each.path).lower() == name
            for each in self._good()
        )

    def _good(self) -> Iterator[Ticket]:
        """Go through all that can be taken, newest first."""
        now = self._clock.seconds()
        return (ticket for ticket, until in reversed(self._kept.values()) if now < until)

    def _take(self, fitting: Iterator[Ticket]) -> Ticket | None:
        ticket = next(fitting, None)
        if ticket is not None:
            del self._kept[ticket.secret]
        return ticket

    def _drop_old(self) -> None:
        now = self._clock.seconds()
        while self._kept:
            secret, (_, until) = next(iter(self._kept.items()))
            if now < until:
                break
            del self._kept[secret]
