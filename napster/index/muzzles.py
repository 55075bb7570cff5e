"""Who may not talk: nicks, until somebody lets them again."""

import sqlite3
from collections.abc import Callable

from twisted.internet.defer import Deferred

from napster.daemon.database import Database
from napster.index.nicks import nick_key


class Muzzles:
    """All muzzled nicks, in memory and in the database; `now` is the wall clock."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now
        self._nicks: set[str] = set()

    def __contains__(self, nick: str) -> bool:
        """Whether a nick is muzzled."""
        return nick_key(nick) in self._nicks

    def load(self) -> Deferred[None]:
        """Read the nicks."""

        def work(connection: sqlite3.Connection) -> list[str]:
            return [nick for (nick,) in connection.execute("SELECT nick FROM muzzle")]

        def keep(nicks: list[str]) -> None:
            self._nicks.update(map(nick_key, nicks))

        return self._database.run(work).addCallback(keep)

    async def add(self, nick: str, setter: str, reason: str) -> None:
        """Muzzle a nick, whoever has it and whenever."""
        now = int(self._now())

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "REPLACE INTO muzzle (nick, setter, reason, since) VALUES (?, ?, ?, ?)",
                (nick, setter, reason, now),
            )

        await self._database.run(work)
        self._nicks.add(nick_key(nick))

    async def remove(self, nick: str) -> bool:
        """Let a nick talk again; returns whether it was muzzled."""

        def work(connection: sqlite3.Connection) -> None:
            connection.execute("DELETE FROM muzzle WHERE nick = ?", (nick,))

        await self._database.run(work)
        was_muzzled = nick in self
        self._nicks.discard(nick_key(nick))
        return was_muzzled
