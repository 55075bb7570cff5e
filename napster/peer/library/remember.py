"""What was learned of files by hashing them, kept in SQLite so that none is hashed twice."""

import sqlite3
from collections.abc import Callable, Sequence
from importlib.resources import files
from typing import Any

import attrs
from twisted.logger import Logger

from napster.daemon.database import Database, StorageError
from napster.peer.library.beneath import Place, Stamp
from napster.peer.library.hash import content_root
from napster.peer.library.tags import Tags

SCHEMA = files("napster.peer.library") / "schema"
"""The schema to open the Database of a Memory with."""

_FORGET_AFTER = 365
_NOTE_AFTER = 30
"""Days after which it is written down that a file was seen again; spares most writes."""

_RECALL = """
    SELECT md5, bitrate, frequency, duration, content, id, device, path, seen
    FROM file WHERE inode = ? AND size = ? AND mtime_ns = ?
"""
_TODAY = "SELECT day FROM today"
_DEVICE, _PATH = 6, 7
"""Columns of what is recalled."""
_SEEN = "UPDATE file SET device = ?, path = ?, seen = (SELECT day FROM today) WHERE id = ?"
_LEARN = """
    INSERT OR REPLACE INTO file
        (inode, size, mtime_ns, device, path, md5, bitrate, frequency, duration, content, seen)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, (SELECT day FROM today))
"""
_PIECES = """
    SELECT hashes FROM pieces JOIN file ON pieces.file = file.id
    WHERE inode = ? AND size = ? AND mtime_ns = ? AND device = ?
"""
_HASHES = "SELECT hashes FROM pieces WHERE file = ?"
_COMPLETE = "UPDATE file SET content = ? WHERE id = ?"
_FORGET = """
    DELETE FROM file WHERE seen < (SELECT min(day, (SELECT max(seen) FROM file)) FROM today) - ?
"""
"""A year is counted back from when any file was seen last: neither a clock that is years ahead nor
years without this program make anything be forgotten."""


@attrs.frozen
class Facts:
    """What is known of a file: MD5 of the head (16 bytes), tags, and content id (32 bytes)."""

    md5: bytes
    tags: Tags
    content: bytes


@attrs.frozen
class Sighting:
    """A file found on the disk."""

    place: Place
    name: bytes
    stamp: Stamp

    def path(self) -> bytes:
        """Say where the file lies below its shared folder."""
        return b"/".join((*self.place.parts, self.name))


@attrs.frozen
class Learned:
    """A file that was hashed."""

    sighting: Sighting
    facts: Facts
    pieces: bytes


class UnknownFileError(LookupError):
    """A state of a file of which nothing is remembered."""


_Note = tuple[str, tuple[object, ...]]
"""A statement to be run, and its values."""


class Memory:
    """All that was ever learned of files."""

    log = Logger()

    def __init__(self, database: Database) -> None:
        self._database = database

    async def recall(self, sightings: Sequence[Sighting]) -> list[Facts | None]:
        """Tell what is known of files, in order; None for those to be hashed."""
        notes: list[_Note] = []

        def read(connection: sqlite3.Connection) -> list[Facts | None]:
            (today,) = connection.execute(_TODAY).fetchone()
            return [_recall(connection, each, today, notes.append) for each in sightings]

        facts = await self._database.run(read)
        if notes:
            await self._keep(notes)
        return facts

    async def _keep(self, notes: Sequence[_Note]) -> None:
        """Write down what was noticed while recalling; on a full disk it is noticed again."""

        def write(connection: sqlite3.Connection) -> None:
            for statement, values in notes:
                connection.execute(statement, values)

        try:
            await self._database.run(write)
        except StorageError as error:
            self.log.warn("It cannot be kept which files were seen: {error}", error=error)

    async def learn(self, learned: Sequence[Learned]) -> None:
        """Keep what was found out by hashing."""

        def write(connection: sqlite3.Connection) -> None:
            for each in learned:
                _learn(connection, each)

        await self._database.run(write)

    async def pieces(self, stamp: Stamp) -> bytes:
        """Give the joined BLAKE3 hashes of a file's pieces. Raises UnknownFileError."""
        row = await self._first(_PIECES, _state(stamp))
        if row is None:
            raise UnknownFileError("the hashes of this file could not be remembered")
        (hashes,) = row
        return bytes(hashes)

    async def forget_unseen(self) -> None:
        """Forget files that were not seen for a year."""
        try:
            await self._first(_FORGET, (_FORGET_AFTER,))
        except StorageError as error:
            self.log.warn("Files not seen for a year cannot be forgotten: {error}", error=error)

    async def device_of(self, root: bytes) -> int | None:
        """Tell on which device a shared folder last held files; None if it never did."""
        row = await self._first("SELECT device FROM root WHERE path = ?", (root,))
        return None if row is None else row[0] & _MASK

    async def note_device(self, root: bytes, device: int) -> None:
        """Keep on which device a shared folder holds files, if it is news."""
        if await self.device_of(root) != device:
            await self._keep(
                [("INSERT OR REPLACE INTO root VALUES (?, ?)", (root, _signed(device)))]
            )

    async def _first(self, query: str, values: tuple[object, ...]) -> Any:
        return await self._database.run(
            lambda connection: connection.execute(query, values).fetchone()
        )


_MASK = (1 << 64) - 1


def _signed(number: int) -> int:
    """Make an unsigned number of 64 bits one that SQLite can keep."""
    return number - (1 << 64) if number >= 1 << 63 else number


def _state(stamp: Stamp) -> tuple[int, int, int, int]:
    return _signed(stamp.inode), stamp.size, stamp.mtime_ns, _signed(stamp.device)


def _recall(
    connection: sqlite3.Connection, sighting: Sighting, today: int, note: Callable[[_Note], None]
) -> Facts | None:
    """Find a file by where its content is kept, so that it may have been moved.

    A disk may come back under another device number: there the same path vouches for it.
    """
    (*state, device), path = _state(sighting.stamp), sighting.path()
    rows = connection.execute(_RECALL, state).fetchall()
    row = _first(rows, _DEVICE, device) or _first(rows, _PATH, path)
    if row is None:
        return None
    md5, bitrate, frequency, duration, content, number, *known, seen = row
    if known != [device, path] or today - seen >= _NOTE_AFTER:
        note((_SEEN, (device, path, number)))
    if not content:
        content = _complete(connection, number, sighting.stamp.size)
        note((_COMPLETE, (content, number)))
    return Facts(md5, Tags(bitrate, frequency, duration), content)


def _first(rows: Sequence[tuple[Any, ...]], column: int, value: object) -> tuple[Any, ...] | None:
    return next((row for row in rows if row[column] == value), None)


def _complete(connection: sqlite3.Connection, number: int, size: int) -> bytes:
    """Make the content id of a file that was hashed before content ids were kept."""
    (hashes,) = connection.execute(_HASHES, (number,)).fetchone()
    return content_root(size, hashes)


def _learn(connection: sqlite3.Connection, learned: Learned) -> None:
    facts, tags = learned.facts, learned.facts.tags
    state, path = _state(learned.sighting.stamp), learned.sighting.path()
    kept = facts.md5, tags.bitrate, tags.frequency, tags.duration, facts.content
    written = connection.execute(_LEARN, (*state, path, *kept))
    connection.execute("INSERT INTO pieces VALUES (?, ?)", (written.lastrowid, learned.pieces))
