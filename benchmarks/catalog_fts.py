"""A catalog in SQLite's full-text index, in memory, to compare with."""

import sqlite3
from collections.abc import Iterator, Sequence

from napster.catalog.interface import Owner
from napster.catalog.words import Term, terms
from napster.wire.framing import encode
from napster.wire.messages.searching import SearchHit
from napster.wire.search import Range, SearchQuery

_SCHEMA = """
    CREATE TABLE owners (id INTEGER PRIMARY KEY, nick TEXT, address INT, speed INT);
    CREATE TABLE files (id INTEGER PRIMARY KEY, owner INT, path TEXT, md5 TEXT, size INT,
        bitrate INT, frequency INT, duration INT);
    CREATE INDEX files_of_owner ON files (owner);
    CREATE VIRTUAL TABLE words USING fts5(path, content='files', content_rowid='id',
        prefix='3 4', tokenize="unicode61 remove_diacritics 2");
"""
_FIND = """
    SELECT files.path, md5, size, bitrate, frequency, duration, nick, address, speed
    FROM files JOIN owners ON owners.id = files.owner {words} WHERE {conditions} LIMIT ?
"""
_BODY = '"{}" {} {} {} {} {} {} {} {}'
_RANGES = ("speed", "bitrate", "frequency", "size", "duration")


class FtsCatalog:
    """Shares, finds and forgets, and nothing else."""

    def __init__(self) -> None:
        self._db = sqlite3.connect(":memory:", isolation_level=None)
        self._db.executescript(_SCHEMA)
        self._owners: dict[str, int] = {}
        self._files = 0

    def add_owner(self, owner: Owner) -> None:
        """Admit an owner."""
        row = (owner.nick, owner.address, owner.speed)
        cursor = self._db.execute("INSERT INTO owners (nick, address, speed) VALUES (?, ?, ?)", row)
        self._owners[owner.nick] = cursor.lastrowid or 0

    def share(self, nick: str, records: Sequence[bytes]) -> None:
        """Take files in, given as bodies of message 100."""
        owner = self._owners[nick]
        rows = []
        for record in records:
            path, fields = record[1:].split(b'" ')
            self._files += 1
            rows.append((self._files, owner, path.decode(), *fields.decode().split()))
        self._db.execute("BEGIN")
        self._db.executemany("INSERT INTO files VALUES (?, ?, ?, ?, ?, ?, ?, ?)", rows)
        self._db.executemany(
            "INSERT INTO words (rowid, path) VALUES (?, ?)", [(row[0], row[2]) for row in rows]
        )
        self._db.execute("COMMIT")

    def search(self, query: SearchQuery) -> tuple[int, bytes]:
        """Find files; returns how many, and the finished frames."""
        match = " ".join(_fts(terms(query.contains)))
        if query.excludes:
            match += " NOT " + " NOT ".join(_fts(terms(query.excludes)))
        conditions, values = ["1"], []
        for name in _RANGES:
            wanted: Range = getattr(query, name)
            for sign, bound in ((">=", wanted.lowest), ("<=", wanted.highest)):
                if bound is not None:
                    conditions.append(f"{name} {sign} ?")
                    values.append(bound)
        if match:
            conditions.append("words MATCH ?")
            values.append(match)
        words = "JOIN words ON words.rowid = files.id" if match else ""
        sql = _FIND.format(words=words, conditions=" AND ".join(conditions))
        rows = self._db.execute(sql, (*values, query.max_results)).fetchall()
        return len(rows), b"".join(map(_frame, rows))

    def remove_owner(self, nick: str) -> None:
        """Forget an owner and all files."""
        owner = (self._owners.pop(nick),)
        self._db.execute("BEGIN")
        self._db.execute(
            "INSERT INTO words (words, rowid, path) SELECT 'delete', id, path FROM files"
            " WHERE owner = ?",
            owner,
        )
        self._db.execute("DELETE FROM files WHERE owner = ?", owner)
        self._db.execute("DELETE FROM owners WHERE id = ?", owner)
        self._db.execute("COMMIT")


def _fts(wanted: frozenset[Term]) -> Iterator[str]:
    for term in wanted:
        yield f'"{term.word.decode()}"' + "*" * term.prefix


def _frame(row: tuple) -> bytes:
    return encode(SearchHit.type, _BODY.format(*row).encode())
