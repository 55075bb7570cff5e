"""How much one user and one address may ask for: every limit by rate or count lives here.

Buckets stand by session and by address (IPv6: by /64). An address may do as much as `address_users`
users, because a whole house can stand behind one; so wrong passwords are counted by nick and
address, too.
"""

from collections import Counter, OrderedDict, defaultdict
from collections.abc import Sequence
from enum import Enum
from math import ceil

from twisted.internet.interfaces import IReactorTime

from napster.index.buckets import Bucket, Rate
from napster.index.config import Settings
from napster.index.nicks import nick_key

_REFUSALS = Rate(per_second=1, burst=10)
"""How many refused connections an address is told of; further ones are closed without a word."""
_LEAST_PAUSE = 0.05
_MOST_BUCKETS = 65_536
"""Buckets kept by address; the one unused for longest makes room."""


class Cost(Enum):
    """What a limited thing is counted as; the value names it in a sentence."""

    SEARCH = "searches"
    MESSAGE = "messages to others"
    COMMAND = "commands"
    SHARE = "bytes about shared files"
    CONNECTION = "connections from your address"
    WRONG_PASSWORD = "wrong passwords for this nick from your address"  # noqa: S105  # an event
    ADDRESS_PASSWORD = "wrong passwords from your address"  # noqa: S105  # an event
    REGISTRATION = "new nicks from your address"
    PORT_TEST = "data ports at your address"
    RELAY = "bytes through the relay"
    REFUSAL = "refused connections from your address"

    __hash__ = object.__hash__  # Enum hashes names, in Python; there is but one of each


Own = defaultdict[Cost, Bucket]
"""What one session has spent itself."""


class LimitError(Exception):
    """More than allowed; the text is one sentence that says when to try again."""


class Limits:
    """The limits of all sessions and addresses of one index."""

    def __init__(self, clock: IReactorTime, settings: Settings) -> None:
        self._clock = clock
        self._buckets: OrderedDict[tuple[Cost, str], Bucket] = OrderedDict()
        self._connections: Counter[str] = Counter()
        self._all_connections = 0
        self.refused: Counter[Cost] = Counter()
        """How often each thing was more than allowed."""
        self.configure(settings)

    def configure(self, settings: Settings) -> None:
        """Apply other settings from now on, to those who are connected as well."""
        self._settings = settings
        self._user_rates = _rates_by_user(settings)
        self._address_rates = _rates_by_address(settings, self._user_rates)

    def connect(self, address: str) -> "Allowance":
        """Admit a connection from an address (see `limit_key`); raises LimitError."""
        try:
            self._check_connection(address)
        except LimitError:
            self.count(Cost.REFUSAL, address)
            raise
        self.count(Cost.CONNECTION, address)
        self._connections[address] += 1
        self._all_connections += 1
        return Allowance(self, address)

    def floods(self, address: str) -> bool:
        """Whether an address, told often that it may not connect, is here again nevertheless."""
        refusals = self._buckets.get((Cost.REFUSAL, address))
        if refusals is None or not refusals.wait(_REFUSALS, 1, self._clock.seconds()):
            return False
        try:
            self._check_connection(address)
        except LimitError:
            self.refused[Cost.REFUSAL] += 1
            return True
        return False

    def _check_connection(self, address: str) -> None:
        most = self._settings.max_users
        if self._all_connections >= most:
            raise LimitError(f"The server is full ({most} users); try again later")
        most = self._settings.max_connections_per_address
        if most and self._connections[address] >= most:
            raise LimitError(f"Your address has {most} connections already, which is the limit")
        self.check(Cost.CONNECTION, address)

    def disconnect(self, address: str) -> None:
        """Count a connection no longer."""
        self._connections[address] -= 1
        self._all_connections -= 1
        if self._connections[address] <= 0:
            del self._connections[address]

    def sole_address(self) -> tuple[str, int] | None:
        """Name the address that all connections come from, and how many; None if there are more."""
        return next(iter(self._connections.items())) if len(self._connections) == 1 else None

    def check(self, cost: Cost, address: str) -> None:
        """Raise LimitError if an address has spent too much; spend nothing."""
        if rate := self._address_rates.get(cost):
            wait = self._bucket(cost, address).wait(rate, 1, self._clock.seconds())
            self._refuse_if(wait, cost)

    def count(self, cost: Cost, address: str) -> None:
        """Count one for an address, allowed or not."""
        if rate := self._address_rates.get(cost):
            self._bucket(cost, address).spend(rate, 1, self._clock.seconds())

    def spend(self, cost: Cost, address: str) -> None:
        """Count one for an address; raises LimitError, and then counts nothing."""
        self.check(cost, address)
        self.count(cost, address)

    def check_password(self, nick: str, address: str) -> None:
        """Raise LimitError if too many passwords from an address were wrong, for a nick or all."""
        self.check(Cost.ADDRESS_PASSWORD, address)
        self.check(Cost.WRONG_PASSWORD, _nick_at(nick, address))

    def count_wrong_password(self, nick: str, address: str) -> None:
        """Count a wrong password for a nick from an address."""
        self.count(Cost.ADDRESS_PASSWORD, address)
        self.count(Cost.WRONG_PASSWORD, _nick_at(nick, address))

    def spend_both(self, cost: Cost, amount: float, address: str, own: Own) -> None:
        """Count an amount for an address and for one of its sessions; raises LimitError."""
        pairs = self._pairs(cost, address, own)
        if not pairs:
            return
        now = self._clock.seconds()
        self._refuse_if(max([bucket.wait(rate, amount, now) for bucket, rate in pairs]), cost)
        for bucket, rate in pairs:
            bucket.spend(rate, amount, now)

    def pace(self, cost: Cost, amount: float, address: str, own: Own) -> float:
        """Count an amount as spent; return the seconds to wait before the next.

        Waits shorter than `_LEAST_PAUSE` are saved up: each costs more than what is waited for.
        """
        now = self._clock.seconds()
        wait = 0.0
        for bucket, rate in self._pairs(cost, address, own):
            bucket.spend(rate, amount, now)
            wait = max(wait, bucket.wait(rate, 0, now))
        return wait if wait >= _LEAST_PAUSE else 0.0

    def _refuse_if(self, wait: float, cost: Cost) -> None:
        if wait > 0:
            self.refused[cost] += 1
            raise LimitError(f"Too many {cost.value}; this one was not done. Wait {ceil(wait)} s")

    def _pairs(self, cost: Cost, address: str, own: Own) -> Sequence[tuple[Bucket, Rate]]:
        if rate := self._user_rates.get(cost):
            return (own[cost], rate), (self._bucket(cost, address), self._address_rates[cost])
        return ()

    def _bucket(self, cost: Cost, address: str) -> Bucket:
        key = cost, address
        bucket = self._buckets.get(key)
        if bucket is None:
            bucket = self._buckets[key] = Bucket()
            if len(self._buckets) > _MOST_BUCKETS:
                self._buckets.popitem(last=False)
        else:
            self._buckets.move_to_end(key)
        return bucket


class Allowance:
    """What one session may do; it shares its address's part with its neighbours."""

    __slots__ = ("_limits", "_own", "address")

    def __init__(self, limits: Limits, address: str) -> None:
        self.address = address
        self._limits = limits
        self._own: Own = defaultdict(Bucket)

    def spend(self, cost: Cost, amount: float = 1) -> None:
        """Do something limited; raises LimitError."""
        self._limits.spend_both(cost, amount, self.address, self._own)

    def pace(self, cost: Cost, amount: float) -> float:
        """Do something that is only slowed down; return the seconds to wait before the next."""
        return self._limits.pace(cost, amount, self.address, self._own)

    def give_back(self) -> None:
        """End the connection that this was for."""
        self._limits.disconnect(self.address)


def _nick_at(nick: str, address: str) -> str:
    return f"{nick_key(nick)}@{address}"


def _rates_by_user(settings: Settings) -> dict[Cost, Rate]:
    per_second = {
        Cost.SEARCH: settings.search_rate,
        Cost.MESSAGE: settings.message_rate,
        Cost.COMMAND: settings.command_rate,
        Cost.SHARE: settings.share_rate * 1024,
        Cost.RELAY: settings.relay_rate * 1024,
    }
    seconds = settings.burst_seconds
    return {cost: Rate(rate, rate * seconds) for cost, rate in per_second.items() if rate}


def _rates_by_address(settings: Settings, by_user: dict[Cost, Rate]) -> dict[Cost, Rate]:
    users = settings.address_users
    rates = {cost: Rate(r.per_second * users, r.burst * users) for cost, r in by_user.items()}
    per_minute = {
        Cost.CONNECTION: settings.connections_per_minute,
        Cost.WRONG_PASSWORD: settings.wrong_passwords_per_minute,
        Cost.ADDRESS_PASSWORD: settings.wrong_passwords_per_minute * users,
        Cost.REGISTRATION: settings.registrations_per_minute,
        Cost.PORT_TEST: settings.port_tests_per_minute,
    }
    rates |= {cost: Rate(rate / 60, rate) for cost, rate in per_minute.items() if rate}
    return {**rates, Cost.REFUSAL: _REFUSALS}
