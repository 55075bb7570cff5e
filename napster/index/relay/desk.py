"""Who may meet whom at the relay, and how much of it there is."""

import secrets
from collections import Counter, OrderedDict
from collections.abc import Callable

import attrs
from twisted.internet.interfaces import IReactorTime

from napster.index.config import Settings
from napster.index.limits import Cost, Limits
from napster.index.network import User
from napster.index.nicks import nick_key
from napster.index.relay.transfer import RelayedTransfer, Side, TransferLimits
from napster.index.tickets import Ticket
from napster.wire.extension import TICKET_BYTES, Feature

_MOST_OFFERS = 50_000
"""Of so many tickets it is known whose they are; the oldest one makes room."""


class RelayError(Exception):
    """The relay is not to be had for a transfer; the text is one sentence."""


@attrs.frozen
class _Offer:
    """Two users who may ask for the relay. The time is monotonic, in seconds."""

    downloader: str
    uploader: str
    ends: float


@attrs.frozen
class Pass:
    """Two tokens for one meeting at the relay: one for each side."""

    uploader: str
    for_downloader: bytes = attrs.field(repr=False)
    for_uploader: bytes = attrs.field(repr=False)
    cancel: Callable[[], None] = attrs.field(repr=False)


@attrs.define(eq=False)
class RelayMeters:
    """Counts since the start."""

    transfers: int = 0
    """Transfers whose two sides have met."""
    relayed: int = 0
    """Bytes passed on."""
    cut: int = 0
    """Transfers ended because of a limit."""


class RelayDesk:
    """Gives out the tokens, and knows all transfers that go through the relay.

    There is a relay while `port` returns a port; it is told to the peers.
    """

    def __init__(self, clock: IReactorTime, limits: Limits) -> None:
        self.port: Callable[[], int] = lambda: 0
        self.meters = RelayMeters()
        self._clock = clock
        self._limits = limits
        self._settings = Settings()
        self._offers: OrderedDict[bytes, _Offer] = OrderedDict()
        self._sides: dict[bytes, Side] = {}
        self._transfers: set[RelayedTransfer] = set()
        self._by_user: Counter[str] = Counter()

    def __len__(self) -> int:
        """How many transfers go through it, or are about to."""
        return len(self._transfers)

    def configure(self, settings: Settings) -> None:
        """Apply other settings, to transfers that begin from now on."""
        self._settings = settings

    @property
    def is_open(self) -> bool:
        """Whether there is a relay."""
        return self.port() > 0

    def serves(self, user: User, other: User) -> bool:
        """Whether the relay can bring these two together."""
        return self.is_open and user.uses(Feature.RELAY) and other.uses(Feature.RELAY)

    def offer(self, ticket: Ticket, downloader: User, uploader: User) -> None:
        """Let the downloader ask for the relay with a ticket that both have been given."""
        if not self.serves(downloader, uploader):
            return
        now = self._clock.seconds()
        while self._offers and next(iter(self._offers.values())).ends <= now:
            self._offers.popitem(last=False)
        self._offers[ticket.secret] = _Offer(downloader.nick, uploader.nick, ticket.ends)
        if len(self._offers) > _MOST_OFFERS:
            self._offers.popitem(last=False)

    def arrange(self, asker: str, ticket: bytes) -> Pass:
        """Make the tokens for a ticket, which is used up by that. Raises RelayError."""
        offer = self._offers.get(ticket)
        if offer is None or nick_key(offer.downloader) != nick_key(asker):
            raise RelayError("the ticket was not given out for a download of yours, or is used up")
        del self._offers[ticket]
        if offer.ends <= self._clock.seconds():
            raise RelayError("the ticket is too old")
        self._check_room(offer)
        return self._new_pass(offer)

    def _check_room(self, offer: _Offer) -> None:
        settings = self._settings
        if len(self._transfers) >= settings.relay_transfers:
            self._limits.refused[Cost.RELAY] += 1
            raise RelayError("the relay is full; try again later")
        for nick in (offer.downloader, offer.uploader):
            if self._by_user[nick_key(nick)] >= settings.relay_transfers_per_user:
                self._limits.refused[Cost.RELAY] += 1
                raise RelayError(
                    f"{nick} has {settings.relay_transfers_per_user} transfers at the relay "
                    "already, which is the limit; try again later"
                )

    def _new_pass(self, offer: _Offer) -> Pass:
        settings, nicks = self._settings, (offer.downloader, offer.uploader)
        limits = TransferLimits(
            settings.relay_size, settings.relay_time, float(settings.stall_timeout)
        )
        transfer = RelayedTransfer(self._clock, nicks, limits, self.meters, self._ended)
        self._transfers.add(transfer)
        self._by_user.update(map(nick_key, nicks))
        tokens = secrets.token_bytes(TICKET_BYTES), secrets.token_bytes(TICKET_BYTES)
        self._sides.update(zip(tokens, transfer.sides, strict=True))
        transfer.tokens = tokens
        for_downloader, for_uploader = tokens
        return Pass(offer.uploader, for_downloader, for_uploader, transfer.close)

    def shown(self, token: bytes) -> Side | None:
        """Take a token, which is used up by that; None if it is not good."""
        return self._sides.pop(token, None)

    def _ended(self, transfer: RelayedTransfer) -> None:
        self._transfers.discard(transfer)
        for token in transfer.tokens:
            self._sides.pop(token, None)
        for nick in map(nick_key, transfer.nicks):
            self._by_user[nick] -= 1
            if not self._by_user[nick]:
                del self._by_user[nick]

    def expel(self, nick: str) -> None:
        """End all transfers of a user at once."""
        if self._by_user[nick_key(nick)]:
            for transfer in tuple(self._transfers):
                if nick_key(nick) in map(nick_key, transfer.nicks):
                    transfer.close()

    def close(self) -> None:
        """End all transfers."""
        for transfer in tuple(self._transfers):
            transfer.close()
