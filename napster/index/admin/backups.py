"""A copy of the index's state, made while it is in use."""

from pathlib import Path

from twisted.internet.defer import Deferred

from napster.daemon.database import Database
from napster.daemon.turns import Turns


class Backups:
    """Copies a database beside itself, where whoever asked for it takes it away."""

    def __init__(self, database: Database, folder: Path) -> None:
        self._database = database
        self._folder = folder
        self._one_at_a_time = Turns()

    def make(self) -> Deferred[Path]:
        """Write a copy of everything as it is now, in the place of one that nobody took away.

        Fails with DatabaseError.
        """
        return self._one_at_a_time.run(lambda: Deferred.fromCoroutine(self._make()))

    async def _make(self) -> Path:
        copy, unfinished = self._folder / "backup.db", self._folder / "backup.db.new"
        unfinished.unlink(missing_ok=True)
        await self._database.backup(unfinished)
        unfinished.replace(copy)
        return copy
