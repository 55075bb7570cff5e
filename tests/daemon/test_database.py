"""A database is opened, upgraded, refused and rolled back as promised."""

import contextlib
import sqlite3
from pathlib import Path

import pytest
import pytest_twisted
from twisted.internet import reactor

from napster.daemon.database import Database, DatabaseError, StorageError


def schema(tmp_path: Path, *scripts: str) -> Path:
    folder = tmp_path / "schema"
    folder.mkdir(exist_ok=True)
    for number, script in enumerate(scripts, 1):
        (folder / f"{number:03}.sql").write_text(script)
    return folder


FIRST = "CREATE TABLE thing (name TEXT);"
SECOND = "ALTER TABLE thing ADD COLUMN size INTEGER;"


@pytest_twisted.ensureDeferred
async def test_upgrades_once(tmp_path: Path) -> None:
    """A database made by an older program gains what the newer one adds, and keeps its rows."""
    path = tmp_path / "test.db"
    old = Database(reactor, path, schema(tmp_path, FIRST))
    await old.open()
    await old.run(lambda c: c.execute("INSERT INTO thing VALUES ('a')").rowcount)
    await old.close()
    new = Database(reactor, path, schema(tmp_path, FIRST, SECOND))
    await new.open()
    assert await new.run(lambda c: c.execute("SELECT * FROM thing").fetchall()) == [("a", None)]
    await new.close()


@pytest_twisted.ensureDeferred
async def test_newer_is_refused(tmp_path: Path) -> None:
    """A database of a newer program is left alone, with a sentence."""
    path = tmp_path / "test.db"
    with contextlib.closing(sqlite3.connect(path)) as connection:
        connection.execute("PRAGMA user_version = 7")
    database = Database(reactor, path, schema(tmp_path, FIRST))
    with pytest.raises(DatabaseError, match="newer version"):
        await database.open()
    await database.close()


@pytest_twisted.ensureDeferred
async def test_garbage_is_refused(tmp_path: Path) -> None:
    """A file that is no database is named."""
    path = tmp_path / "test.db"
    path.write_bytes(b"no database at all" * 100)
    database = Database(reactor, path, schema(tmp_path, FIRST))
    with pytest.raises(DatabaseError, match=r"test\.db"):
        await database.open()
    await database.close()


@pytest_twisted.ensureDeferred
async def test_error_rolls_back(tmp_path: Path) -> None:
    """What a failing transaction did is undone, and the next one works."""
    database = Database(reactor, tmp_path / "test.db", schema(tmp_path, FIRST))
    await database.open()

    def fail(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO thing VALUES ('a')")
        raise ValueError("stop")

    with pytest.raises(ValueError, match="stop"):
        await database.run(fail)
    assert await database.run(lambda c: c.execute("SELECT * FROM thing").fetchall()) == []
    await database.close()


@pytest_twisted.ensureDeferred
async def test_full_disk(tmp_path: Path) -> None:
    """What finds no room is undone, and the disk is to blame until something is written."""
    database = Database(reactor, tmp_path / "test.db", schema(tmp_path, FIRST))
    await database.open()
    await database.run(lambda c: c.execute("INSERT INTO thing VALUES ('a')").rowcount)

    def too_much(connection: sqlite3.Connection) -> None:
        connection.execute("INSERT INTO thing VALUES ('b')")
        connection.execute("INSERT INTO thing VALUES (?)", ("c" * 100_000,))

    await database.run(lambda c: c.execute("PRAGMA max_page_count = 3").fetchall())
    assert database.trouble is None
    with pytest.raises(StorageError, match=r"test\.db: cannot be .* written: .*disk is full"):
        await database.run(too_much)
    assert await database.run(lambda c: c.execute("SELECT * FROM thing").fetchall()) == [("a",)]
    assert database.trouble == "database or disk is full"
    await database.run(lambda c: c.execute("PRAGMA max_page_count = 1000").fetchall())
    await database.run(too_much)
    assert database.trouble is None
    await database.close()


@pytest_twisted.ensureDeferred
async def test_a_wrong_statement_is_no_fault_of_the_disk(tmp_path: Path) -> None:
    """A defect of the program stays one."""
    database = Database(reactor, tmp_path / "test.db", schema(tmp_path, FIRST))
    await database.open()
    with pytest.raises(sqlite3.OperationalError, match="no such table"):
        await database.run(lambda c: c.execute("SELECT * FROM missing").fetchall())
    await database.close()


@pytest_twisted.ensureDeferred
async def test_not_open(tmp_path: Path) -> None:
    """Work on a database that could not be opened is an error, not a hang."""
    database = Database(reactor, tmp_path / "missing" / "test.db", schema(tmp_path, FIRST))
    with pytest.raises(DatabaseError, match="cannot be used"):
        await database.open()
    with pytest.raises(DatabaseError, match="not open"):
        await database.run(lambda c: c.total_changes)
    await database.close()


@pytest_twisted.ensureDeferred
async def test_backup(tmp_path: Path) -> None:
    """A copy holds all rows, is its owner's only, and never takes the place of a file."""
    database = Database(reactor, tmp_path / "test.db", schema(tmp_path, FIRST))
    await database.open()
    await database.run(lambda c: c.execute("INSERT INTO thing VALUES ('a')").rowcount)
    copy = tmp_path / "copy.db"
    await database.backup(copy)
    assert copy.stat().st_mode & 0o777 == 0o600
    with contextlib.closing(sqlite3.connect(copy)) as connection:
        assert connection.execute("SELECT * FROM thing").fetchall() == [("a",)]
        assert connection.execute("PRAGMA user_version").fetchone() == (1,)
    content = copy.read_bytes()
    with pytest.raises(DatabaseError, match=r"copy\.db: cannot be written: .*File exists"):
        await database.backup(copy)
    assert copy.read_bytes() == content
    await database.close()
