"""Who may not come in: bans by nick, address, range or network, some of them for a time."""

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator
from ipaddress import ip_network

import attrs
from twisted.internet.defer import Deferred

from napster.daemon.addresses import parse_host
from napster.daemon.database import Database
from napster.index.addresses import Network
from napster.index.kept import Ban
from napster.index.levels import Level
from napster.index.masks import matches, normalise
from napster.index.network import User


def canonical(text: str) -> str:
    """Write a mask so that two that mean the same nick or network are alike; raises ValueError."""
    mask = normalise(text)
    network = _network(mask)
    return _network_mask(network) if network else mask.lower()


class Bans:
    """All bans, in memory and in the database; `now` is the wall clock.

    A ban of a nick, an address or a network is looked up, however many there are; only those with
    wildcards, or of a nick at an address, are tried one after the other.
    """

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now
        self._bans: dict[str, Ban] = {}
        self._networks: Counter[tuple[int, int]] = Counter()
        """How many bans there are by version and length of the prefix of their network."""
        self._others: set[str] = set()

    def __iter__(self) -> Iterator[Ban]:
        """List those in force, in the order of their masks."""
        return filter(self._is_in_force, [self._bans[mask] for mask in sorted(self._bans)])

    def load(self) -> Deferred[None]:
        """Read the bans."""

        def work(connection: sqlite3.Connection) -> list[Ban]:
            rows = connection.execute("SELECT mask, setter, reason, since, until FROM ban")
            return [Ban(*row) for row in rows]

        def keep(bans: list[Ban]) -> None:
            for ban in bans:
                self._keep(ban)

        return self._database.run(work).addCallback(keep)

    async def add(self, ban: Ban) -> None:
        """Put a ban in force, in the place of one with the same mask.

        Those that have ended by then are forgotten now and not before: a clock that goes wrong for
        a while ends no ban for good.
        """

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM ban WHERE until <= ?", (ban.since,))
            connection.execute(
                "REPLACE INTO ban (mask, setter, reason, since, until) VALUES (?, ?, ?, ?, ?)",
                attrs.astuple(ban),
            )

        await self._database.run(work)
        for each in list(self._bans.values()):
            if each.mask == ban.mask or (each.until is not None and each.until <= ban.since):
                self._forget(each.mask)
        self._keep(ban)

    async def remove(self, mask: str) -> bool:
        """Lift a ban; returns whether it was in force."""
        ban = self._bans.get(mask)

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM ban WHERE mask = ?", (mask,))

        await self._database.run(work)
        return self._forget(mask) and ban is not None and self._is_in_force(ban)

    def find(self, nick: str, host: str, level: Level) -> Ban | None:
        """Find a ban that keeps somebody with a nick at an observed address out.

        None keeps moderators out, who could not lift their own.
        """
        if level >= Level.MODERATOR:
            return None
        return next(filter(self._is_in_force, self._meaning(nick, host)), None)

    def of(self, user: User) -> Ban | None:
        """Find a ban that keeps a user out."""
        return self.find(user.nick, user.host, user.level)

    def _meaning(self, nick: str, host: str) -> Iterator[Ban]:
        masks = [f"{nick.lower()}!*", *map(_network_mask, self._networks_of(host))]
        yield from (self._bans[mask] for mask in masks if mask in self._bans)
        yield from (self._bans[mask] for mask in self._others if matches(mask, nick, host))

    def _networks_of(self, host: str) -> Iterator[Network]:
        address = parse_host(host)
        if address is None:
            return
        for version, prefix in self._networks:
            if version == address.version:
                yield ip_network((address, prefix), strict=False)

    def _keep(self, ban: Ban) -> None:
        self._bans[ban.mask] = ban
        if network := _network(ban.mask):
            self._networks[network.version, network.prefixlen] += 1
        elif not _is_one_nick(ban.mask):
            self._others.add(ban.mask)

    def _forget(self, mask: str) -> bool:
        if self._bans.pop(mask, None) is None:
            return False
        self._others.discard(mask)
        if network := _network(mask):
            self._networks[network.version, network.prefixlen] -= 1
            self._networks = +self._networks
        return True

    def _is_in_force(self, ban: Ban) -> bool:
        return ban.until is None or self._now() < ban.until


def _network_mask(network: Network) -> str:
    alone = network.prefixlen == network.max_prefixlen
    return f"*!{network.network_address if alone else network}"


def _network(mask: str) -> Network | None:
    """Return the network or single address that a mask means, if it means nothing else."""
    nick, _, address = mask.partition("!")
    try:
        return ip_network(address, strict=False) if nick == "*" else None
    except ValueError:
        return None


def _is_one_nick(mask: str) -> bool:
    nick, _, address = mask.partition("!")
    return address == "*" and not set(nick) & set("*?")
