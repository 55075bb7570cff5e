"""The wish list in the peer's database."""

import json
import sqlite3
from collections.abc import Sequence
from typing import Any

import attrs

from napster.daemon.codec import dump, load
from napster.daemon.database import Database
from napster.peer.api import Find, FoundFile
from napster.wire.search import SearchQuery, parse_words

_WISHES = "SELECT id, words, get FROM wish ORDER BY id"
_FINDS = "SELECT wish, id, file, found, new, download, note FROM find ORDER BY id"
_ADD_FIND = "INSERT INTO find (wish, file, found, new, note) VALUES (?, ?, ?, 1, '')"


@attrs.define(eq=False)
class Kept:
    """A wish, and all that was ever found for it."""

    id: int
    words: str
    get: bool
    query: SearchQuery
    finds: list[Find] = attrs.field(factory=list)

    def replace(self, find: Find) -> None:
        """Put a find in the place of the one of the same id."""
        self.finds = [find if each.id == find.id else each for each in self.finds]


class WishStore:
    """Keeps wishes and finds. The database has the schema of the library's Memory."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def load(self) -> list[Kept]:
        """Read all wishes, the oldest first."""

        def read(connection: sqlite3.Connection) -> list[Kept]:
            kept = {
                id_: Kept(id_, words, bool(get), parse_words(words))
                for id_, words, get in connection.execute(_WISHES)
            }
            for wish, *columns in connection.execute(_FINDS):
                kept[wish].finds.append(_find(*columns))
            return list(kept.values())

        return await self._database.run(read)

    async def add(self, words: str, query: SearchQuery, *, get: bool) -> Kept:
        """Keep a new wish."""
        number = await self._run("INSERT INTO wish (words, get) VALUES (?, ?)", words, get)
        return Kept(number, words, get, query)

    async def change(self, wish: int, *, get: bool) -> None:
        """Keep whether a wish downloads."""
        await self._run("UPDATE wish SET get = ? WHERE id = ?", get, wish)

    async def drop(self, wish: int) -> None:
        """Forget a wish, and what was found for it."""
        await self._run("DELETE FROM wish WHERE id = ?", wish)

    async def add_finds(self, wish: int, files: Sequence[FoundFile], now: int) -> list[Find]:
        """Keep what was found for a wish, `now` in seconds since 1970; nothing if it is gone."""

        def write(connection: sqlite3.Connection) -> list[Find]:
            if connection.execute("SELECT 1 FROM wish WHERE id = ?", (wish,)).fetchone() is None:
                return []
            return [_added(connection, wish, file, now) for file in files]

        return await self._database.run(write)

    async def settle(self, find: Find) -> None:
        """Keep what has become of a find."""
        statement = "UPDATE find SET download = ?, note = ? WHERE id = ?"
        await self._run(statement, find.download, find.note, find.id)

    async def see(self, last: int) -> None:
        """Keep that all finds up to the one of this id have been looked at."""
        await self._run("UPDATE find SET new = 0 WHERE new AND id <= ?", last)

    async def _run(self, statement: str, *values: object) -> int:
        return await self._database.run(
            lambda connection: connection.execute(statement, values).lastrowid or 0
        )


def _added(connection: sqlite3.Connection, wish: int, file: FoundFile, now: int) -> Find:
    written = connection.execute(_ADD_FIND, (wish, json.dumps(dump(file)), now))
    return Find(written.lastrowid or 0, file, now, new=True)


def _find(id_: int, file: str, found: int, new: int, download: int | None, note: str) -> Find:
    row: Any = json.loads(file)
    return Find(id_, load(FoundFile, row), found, bool(new), download, note)
