"""Channels in SQLite: what is kept of them across restarts."""

import sqlite3
from collections import defaultdict
from collections.abc import Iterable

from twisted.internet.defer import Deferred

from napster.daemon.database import Database
from napster.index.channels.channel import Ban, Charter, Mode
from napster.index.levels import Level


class ChannelStore:
    """The registered channels of this index."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def load(self) -> Deferred[list[Charter]]:
        """Read all."""
        return self._database.run(_load)

    def save(self, charter: Charter) -> Deferred[None]:
        """Write one, in the place of what was kept under its name."""

        def work(connection: sqlite3.Connection) -> None:
            _delete(connection, charter.name)
            _insert(connection, charter)

        return self._database.run(work)

    def delete(self, name: str) -> Deferred[None]:
        """Keep one no longer."""
        return self._database.run(lambda connection: _delete(connection, name))


def _load(connection: sqlite3.Connection) -> list[Charter]:
    operators = defaultdict(list)
    for channel, nick in connection.execute("SELECT channel, nick FROM channel_operator"):
        operators[channel].append(nick)
    bans = defaultdict(list)
    for channel, *ban in connection.execute(
        "SELECT channel, mask, setter, reason, since FROM channel_ban ORDER BY since"
    ):
        bans[channel].append(Ban(*ban))
    muzzles = defaultdict(list)
    for channel, nick in connection.execute("SELECT channel, nick FROM channel_muzzle"):
        muzzles[channel].append(nick)
    rows = connection.execute("SELECT name, topic, capacity, level, modes FROM channel")
    return [
        Charter(
            name=name,
            topic=topic,
            limit=limit,
            level=Level(level),
            modes=frozenset(map(Mode, modes.split())),
            operators=tuple(operators[name]),
            bans=tuple(bans[name]),
            muzzles=tuple(muzzles[name]),
        )
        for name, topic, limit, level, modes in rows
    ]


def _delete(connection: sqlite3.Connection, name: str) -> None:
    connection.execute("DELETE FROM channel WHERE name = ?", (name,))


def _insert(connection: sqlite3.Connection, charter: Charter) -> None:
    name = charter.name
    connection.execute(
        "INSERT INTO channel (name, topic, capacity, level, modes) VALUES (?, ?, ?, ?, ?)",
        (name, charter.topic, charter.limit, charter.level, _words(charter.modes)),
    )
    connection.executemany(
        "INSERT INTO channel_operator (channel, nick) VALUES (?, ?)",
        ((name, nick) for nick in charter.operators),
    )
    connection.executemany(
        "INSERT INTO channel_muzzle (channel, nick) VALUES (?, ?)",
        ((name, nick) for nick in charter.muzzles),
    )
    connection.executemany(
        "INSERT INTO channel_ban (channel, mask, setter, reason, since) VALUES (?, ?, ?, ?, ?)",
        ((name, ban.mask, ban.setter, ban.reason, ban.since) for ban in charter.bans),
    )


def _words(modes: Iterable[Mode]) -> str:
    return " ".join(sorted(mode.value for mode in modes))
