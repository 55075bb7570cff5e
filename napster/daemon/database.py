"""SQLite on one thread of its own: no SQL ever runs on the reactor's thread."""

import contextlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorFromThreads

from napster.daemon.errors import DaemonError
from napster.daemon.threads import Threads

T = TypeVar("T")

_DISK: Final = {
    sqlite3.SQLITE_FULL,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
}
"""Primary result codes of SQLite that blame the disk, not the program."""


class DatabaseError(DaemonError):
    """A database that cannot be used; the text names the file and says why."""


class StorageError(DatabaseError):
    """The disk is full or fails; the same may work once that is mended."""


class Database:
    """One SQLite file, one connection, one thread.

    `schema` is a folder of `.sql` files whose names sort in order; each is applied once, and
    `user_version` counts how many have been. A database that has seen more files than there are
    was written by a newer program and is refused.
    """

    def __init__(self, reactor: IReactorFromThreads, path: Path, schema: Traversable) -> None:
        self._path = path
        self._schema = schema
        self._thread = Threads(reactor, f"database {path.name}", 1)
        self._connection: sqlite3.Connection | None = None
        self.trouble: str | None = None
        """What the disk said when something was last to be written; None if that went well."""

    def open(self) -> Deferred[None]:
        """Open the file, creating or upgrading it; errbacks with DatabaseError."""
        return self._thread.run(self._open)

    def run(self, work: Callable[[sqlite3.Connection], T]) -> Deferred[T]:
        """Run `work` in the thread as one transaction and fire with what it returns.

        Calls run in the order made. An exception rolls the transaction back and errbacks; one of
        SQLite that comes of the disk is a StorageError.
        """
        return self._thread.run(self._transact, work)

    def backup(self, target: Path) -> Deferred[None]:
        """Copy the database as it is now into a new file; errbacks with DatabaseError."""
        return self._thread.run(self._backup, target)

    def close(self) -> Deferred[None]:
        """Finish what was asked for, then close the file and end the thread."""
        return Deferred.fromCoroutine(self._end())

    async def _end(self) -> None:
        try:
            await self._thread.run(self._close)
        finally:
            await self._thread.stop()

    def _open(self) -> None:
        try:
            # The files SQLite puts beside it get the same permissions: accounts are nobody else's.
            os.close(os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600))
            self._connection = sqlite3.connect(self._path, isolation_level=None)
            self._connection.execute("PRAGMA journal_mode = WAL")
            self._connection.execute("PRAGMA synchronous = NORMAL")
            self._connection.execute("PRAGMA foreign_keys = ON")
            self._upgrade(self._connection)
        except (sqlite3.Error, OSError) as error:
            raise DatabaseError(f"{self._path}: cannot be used as a database: {error}") from error

    def _upgrade(self, connection: sqlite3.Connection) -> None:
        scripts = sorted(
            (each for each in self._schema.iterdir() if each.name.endswith(".sql")),
            key=lambda each: each.name,
        )
        (version,) = connection.execute("PRAGMA user_version").fetchone()
        if version > len(scripts):
            raise DatabaseError(
                f"{self._path}: written by a newer version of this program (format {version}, "
                f"this one knows {len(scripts)}); upgrade the program or use another state folder"
            )
        for number, script in enumerate(scripts[version:], version + 1):
            text = script.read_text(encoding="utf-8")
            connection.executescript(f"BEGIN; {text} ; PRAGMA user_version = {number}; COMMIT;")

    def _transact(self, work: Callable[[sqlite3.Connection], T]) -> T:
        connection = self._in_use()
        changes = connection.total_changes
        with self._blaming_the_disk():
            connection.execute("BEGIN IMMEDIATE")
            try:
                result = work(connection)
                connection.execute("COMMIT")
            except BaseException:
                # The disk may be full or gone: the first error is the one to tell.
                with contextlib.suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                raise
        if connection.total_changes != changes:  # reading works on a full disk, too
            self.trouble = None
        return result

    @contextlib.contextmanager
    def _blaming_the_disk(self) -> Iterator[None]:
        """Turn an error that comes of the disk into a StorageError."""
        try:
            yield
        except sqlite3.Error as error:
            if getattr(error, "sqlite_errorcode", 0) & 0xFF not in _DISK:
                raise
            self.trouble = str(error)
            raise StorageError(f"{self._path}: cannot be read or written: {error}") from error

    def _backup(self, target: Path) -> None:
        source = self._in_use()
        try:
            os.close(os.open(target, os.O_RDWR | os.O_CREAT | os.O_EXCL, 0o600))
        except OSError as error:
            raise DatabaseError(f"{target}: cannot be written: {error}") from error
        try:
            with contextlib.closing(sqlite3.connect(target)) as copy:
                source.backup(copy)
        except (sqlite3.Error, OSError) as error:
            target.unlink(missing_ok=True)
            raise DatabaseError(f"{target}: cannot be written: {error}") from error

    def _in_use(self) -> sqlite3.Connection:
        if self._connection is None:
            raise DatabaseError(f"{self._path}: is not open")
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
