"""Invitations: codes with which somebody may register where registration is closed."""

import re
import secrets
import sqlite3
from collections.abc import Callable

from twisted.internet.defer import Deferred

from napster.daemon.database import Database
from napster.index.kept import Invitation

_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Those of Crockford's base 32, none of which looks like another."""
_GROUPS, _GROUP = 4, 4
_SIGNS = rf"[0-9A-Z]{{{_GROUP}}}"
_CODE = rf"{_SIGNS}(?:-?{_SIGNS}){{{_GROUPS - 1}}}"
_WITH_CODE = re.compile(rf"({_CODE})(?:/(.*))?", re.ASCII | re.IGNORECASE)
_OPEN = "code = ? AND used IS NULL AND (until IS NULL OR until > ?)"
_COLUMNS = "code, maker, note, since, until, nick, used"


def split_email(given: str) -> tuple[str | None, str]:
    """Part what somebody gives as e-mail address: the code of an invitation, and the address.

    Old programs have no field for a code, so it stands alone or as `CODE/anna@example.org`, its
    hyphens left out or not.
    """
    found = _WITH_CODE.fullmatch(given)
    if found is None:
        return None, given
    return usual_form(found[1]), found[2] or "unknown"


def usual_form(code: str) -> str:
    """Write a code as it is kept; what is none is only put into capitals."""
    signs = code.upper().replace("-", "")
    if len(signs) != _GROUPS * _GROUP:
        return code.upper()
    return "-".join(signs[at : at + _GROUP] for at in range(0, len(signs), _GROUP))


def code_label(code: str) -> str:
    """Name a code where not everybody who reads it may use it: by its first group."""
    return f"{code[:_GROUP]}-..."


class InvitationError(Exception):
    """A code that opens nothing; the text is one sentence."""

    def __init__(self) -> None:
        super().__init__("this invitation is unknown, used up or has ended")


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

    def check(self, code: str) -> Deferred[None]:
        """Look whether somebody may register with a code; fails with InvitationError."""
        now = int(self._now())

        def work(connection: sqlite3.Connection) -> None:
            query = f"SELECT 1 FROM invitation WHERE {_OPEN}"  # noqa: S608  # no input in it
            if connection.execute(query, (code, now)).fetchone() is None:
                raise InvitationError

        return self._database.run(work)

    def revoke(self, code: str) -> Deferred[bool]:
        """Withdraw one that nobody has used yet; fires with whether there was one."""

        def work(connection: sqlite3.Connection) -> bool:
            statement = "DELETE FROM invitation WHERE code = ? AND used IS NULL"
            return connection.execute(statement, (usual_form(code),)).rowcount == 1

        return self._database.run(work)


def redeem(connection: sqlite3.Connection, code: str, nick: str, now: int) -> None:
    """Use an invitation up, in the transaction that makes the account; raises InvitationError."""
    statement = f"UPDATE invitation SET nick = ?, used = ? WHERE {_OPEN}"  # noqa: S608  # no input
    if connection.execute(statement, (nick, now, code, now)).rowcount != 1:
        raise InvitationError


def _new_code() -> str:
    groups = ("".join(secrets.choice(_LETTERS) for _ in range(_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)
