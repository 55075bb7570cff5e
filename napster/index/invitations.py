"""Invitations: codes with which somebody may register where registration is closed."""

import secrets
import sqlite3
from collections.abc import Callable

from twisted.internet.defer import Deferred

from napster.daemon.database import Database
from napster.index.kept import Invitation

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Those of Crockford's base 32, none of which looks like another."""
_GROUPS, _GROUP = 4, 4
_COLUMNS = "code, maker, note, since, until, nick, used"


class InvitationError(Exception):
    """A code that opens nothing; the text is one sentence."""


class Invitations:
    """All invitations of this index; `now` is the wall clock."""

    def __init__(self, database: Database, now: Callable[[], float]) -> None:
        self._database = database
        self._now = now

    async def create(self, maker: str, note: str, seconds: int | None) -> Invitation:
        """Make an invitation that ends after some seconds, or never."""
        now = int(self._now())
        until = None if seconds is None else now + seconds
        made = Invitation(_new_code(), maker, note, now, until)

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO invitation (code, maker, note, since, until) VALUES (?, ?, ?, ?, ?)",
                (made.code, maker, note, now, until),
            )

        await self._database.run(work)
        return made

    def all(self) -> Deferred[list[Invitation]]:
        """List them, oldest first, those used or ended included."""
        query = f"SELECT {_COLUMNS} FROM invitation ORDER BY since, code"  # noqa: S608  # no input

        def work(connection: sqlite3.Connection) -> list[Invitation]:
            return [Invitation(*row) for row in connection.execute(query)]

        return self._database.run(work)

    def revoke(self, code: str) -> Deferred[bool]:
        """Withdraw one that nobody has used yet; fires with whether there was one."""

        def work(connection: sqlite3.Connection) -> bool:
            statement = "DELETE FROM invitation WHERE code = ? AND used IS NULL"
            return connection.execute(statement, (code.upper(),)).rowcount == 1

        return self._database.run(work)


def redeem(connection: sqlite3.Connection, code: str, nick: str, now: int) -> None:
    """Use an invitation up, in the transaction that makes the account; raises InvitationError."""
    used = connection.execute(
        "UPDATE invitation SET nick = ?, used = ?"
        " WHERE code = ? AND used IS NULL AND (until IS NULL OR until > ?)",
        (nick, now, code.upper(), now),
    )
    if used.rowcount != 1:
        raise InvitationError("this invitation is unknown, used up or has ended")


def _new_code() -> str:
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)
