"""Registered nicks, kept in SQLite."""

import sqlite3
from collections.abc import Callable
from importlib.resources import files
from typing import Any

import attrs
from twisted.internet.defer import Deferred
from twisted.logger import Logger

from napster.daemon.database import Database
from napster.index.invitations import redeem
from napster.index.levels import Level
from napster.index.passwords import Passwords
from napster.index.shortcuts import LIFE

SCHEMA = files("napster.index") / "schema"
_COLUMNS = "nick, password, email, level, created, last_seen, downloads, uploads, shortcut"


class NickTakenError(Exception):
    """A nick that somebody has registered already."""


@attrs.frozen
class Account:
    """A registered nick. Moments are in seconds since 1970 (UTC)."""

    nick: str
    password: str = attrs.field(repr=False)
    email: str
    level: Level = attrs.field(converter=Level)
    created: int
    last_seen: int
    downloads: int = 0
    uploads: int = 0
    shortcut: bytes = attrs.field(default=b"", repr=False)
    """Proves the password for less; empty if there is none."""


class Accounts:
    """The registered nicks of this index; `now` is the wall clock. Nicks compare without case."""

    log = Logger()

    def __init__(self, database: Database, passwords: Passwords, now: Callable[[], float]) -> None:
        self._database = database
        self._passwords = passwords
        self._now = now

    def find(self, nick: str) -> Deferred[Account | None]:
        """Look an account up."""
        query = f"SELECT {_COLUMNS} FROM account WHERE nick = ?"  # noqa: S608  # no input in it

        def work(connection: sqlite3.Connection) -> Account | None:
            row = connection.execute(query, (nick,)).fetchone()
            return Account(*row) if row else None

        return self._database.run(work)

    def page(self, after: str, limit: int) -> Deferred[list[Account]]:
        """List so many accounts, by nick, from the one behind `after` on."""
        where = "WHERE nick > ? ORDER BY nick LIMIT ?"
        query = f"SELECT {_COLUMNS} FROM account {where}"  # noqa: S608  # no input in it

        def work(connection: sqlite3.Connection) -> list[Account]:
            return [Account(*row) for row in connection.execute(query, (after, limit))]

        return self._database.run(work)

    async def is_password(self, account: Account, password: bytes, address: str) -> bool:
        """Whether somebody at an address knows the password; raises LimitError."""
        fresh = account.last_seen > self._now() - LIFE
        shortcut = account.shortcut if fresh else b""
        stored, nick = account.password, account.nick
        proof = await self._passwords.check(password, stored, nick, address, shortcut)
        if proof and proof != shortcut:
            self._try("UPDATE account SET shortcut = ? WHERE nick = ?", proof, account.nick)
        return proof is not None

    def drop_old_shortcuts(self) -> Deferred[None]:
        """Forget the shortcuts of those who have not been here for long."""
        statement = "UPDATE account SET shortcut = x'' WHERE last_seen <= ? AND shortcut != x''"
        return self._try(statement, int(self._now()) - LIFE)

    def _try(self, statement: str, *values: Any) -> Deferred[None]:
        """Change shortcuts; nobody depends on it, so that a failure is only logged."""
        trying = self._execute(statement, *values)
        return trying.addErrback(lambda failure: self.log.failure("cannot keep shortcuts", failure))

    async def register(
        self,
        nick: str,
        password: bytes,
        email: str,
        *,
        level: Level = Level.USER,
        invitation: str | None = None,
    ) -> Account:
        """Make an account, using an invitation up if one is given.

        Raises NickTakenError, InvitationError and LimitError.
        """
        now = int(self._now())
        stored, shortcut = await self._passwords.hash(password)
        account = Account(nick, stored, email, level, now, now, shortcut=shortcut)
        marks = ", ".join("?" * len(_COLUMNS.split(", ")))
        insert = f"INSERT INTO account ({_COLUMNS}) VALUES ({marks})"  # noqa: S608  # no input

        def work(connection: sqlite3.Connection) -> None:
            connection.execute(insert, attrs.astuple(account))
            if invitation is not None:
                redeem(connection, invitation, nick, now)

        try:
            await self._database.run(work)
        except sqlite3.IntegrityError:
            raise NickTakenError(nick) from None
        return account

    async def change_password(self, nick: str, password: bytes) -> None:
        """Set another password; raises LimitError."""
        stored, shortcut = await self._passwords.hash(password)
        statement = "UPDATE account SET password = ?, shortcut = ? WHERE nick = ?"
        await self._execute(statement, stored, shortcut, nick)

    def change_email(self, nick: str, email: str) -> Deferred[None]:
        """Set another e-mail address."""
        return self._execute("UPDATE account SET email = ? WHERE nick = ?", email, nick)

    def change_level(self, nick: str, level: Level) -> Deferred[None]:
        """Set another level."""
        return self._execute("UPDATE account SET level = ? WHERE nick = ?", level, nick)

    def delete(self, nick: str) -> Deferred[None]:
        """Let the nick be free again."""
        return self._execute("DELETE FROM account WHERE nick = ?", nick)

    def was_seen(self, nick: str, downloads: int, uploads: int) -> Deferred[None]:
        """Remember that somebody is or was here, and the totals of transfers begun so far."""
        return self._execute(
            "UPDATE account SET last_seen = ?, downloads = ?, uploads = ? WHERE nick = ?",
            int(self._now()),
            downloads,
            uploads,
            nick,
        )

    def _execute(self, statement: str, *values: Any) -> Deferred[None]:
        def work(connection: sqlite3.Connection) -> None:
            connection.execute(statement, values)

        return self._database.run(work)
