"""What moderators have done: for each act a line in the log and a row in the database."""

import sqlite3
from collections.abc import Callable
from enum import Enum

import attrs
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from napster.daemon.database import Database
from napster.index.kept import AuditEntry


class Act(Enum):
    """What somebody did; the value stands in a sentence between who and whom."""

    ANNOUNCE = "announced"
    BACKUP = "made a copy of"
    BAN = "banned"
    CHANNEL = "acted in"
    CREATE = "made the account of"
    DROP = "dropped the channel"
    INVITE = "made the invitation"
    KILL = "disconnected"
    LEVEL = "set the level of"
    MUZZLE = "muzzled"
    NUKE = "deleted the account of"
    PASSWORD = "set the password of"  # noqa: S105  # says that one was set, not which
    PORT = "set the data port of"
    REVOKE = "revoked the invitation"
    SETTING = "set the option"
    SPEED = "set the link speed of"
    UNBAN = "lifted the ban of"
    UNMUZZLE = "unmuzzled"


class AuditLog:
    """All acts of moderation, kept for good; `now` is the wall clock."""

    log = Logger()

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now

    async def record(
        self, who: str, act: Act, whom: str, detail: str = "", seconds: int = 0
    ) -> AuditEntry:
        """Keep an act, which holds for some seconds if not 0."""
        entry = AuditEntry(int(self._now()), who, act.value, whom, detail, seconds)
        self.log.info("{entry}", entry=entry)

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO audit (moment, who, act, whom, detail, seconds)"
                " VALUES (?, ?, ?, ?, ?, ?)",
                attrs.astuple(entry),
            )

        await self._database.run(work)
        return entry

    def latest(self, limit: int) -> Deferred[list[AuditEntry]]:
        """List so many acts, the latest first."""

        def work(connection: sqlite3.Connection) -> list[AuditEntry]:
            rows = connection.execute(
                "SELECT moment, who, act, whom, detail, seconds FROM audit"
                " ORDER BY id DESC LIMIT ?",
                (limit,),
            )
            return [AuditEntry(*row) for row in rows]

        return self._database.run(work)
