"""Channels in a real database, and the register of all."""

import sqlite3
from pathlib import Path

import pytest
import pytest_twisted
from twisted.internet import reactor

from napster.daemon.database import Database
from napster.index.accounts import SCHEMA
from napster.index.channels.channel import Ban, Charter, Membership, Mode
from napster.index.channels.register import Channels
from napster.index.channels.store import ChannelStore
from napster.index.levels import Level

PLAIN = Charter("#Plain", b"", 0)
FULL = Charter(
    name="#full",
    topic=b'a "topic"\xff\n',
    limit=65_535,
    level=Level.ELITE,
    modes=frozenset(Mode),
    operators=("Anna", "berta"),
    bans=(Ban("x!*", "Anna", b"\xffwhy", 5), Ban("*!192.0.2.0/24", "Anna", b"", 6)),
    muzzles=("Carl", "dora"),
)


@pytest_twisted.ensureDeferred
async def test_round_trip(tmp_path: Path) -> None:
    """What is saved is loaded, also by the next daemon; the latest of a name wins."""
    database = Database(reactor, tmp_path / "accounts.db", SCHEMA)
    await database.open()
    store = ChannelStore(database)
    await store.save(PLAIN)
    await store.save(Charter("#FULL", b"old", 1, operators=("x",)))
    await store.save(FULL)
    await store.save(Charter("#gone", b"", 0, operators=("x",), bans=FULL.bans))
    await store.delete("#GONE")
    await store.delete("#never")
    await database.close()
    again = Database(reactor, tmp_path / "accounts.db", SCHEMA)
    await again.open()
    try:
        loaded = {each.name: each for each in await ChannelStore(again).load()}
        assert loaded == {"#Plain": PLAIN, "#full": FULL}
        left = await again.run(lambda each: each.execute("SELECT * FROM channel_ban").fetchall())
        assert len(left) == 2
    finally:
        await again.close()


@pytest_twisted.ensureDeferred
async def test_upgrade(tmp_path: Path) -> None:
    """A database from before there were channels gets their tables and keeps its accounts."""
    file = tmp_path / "accounts.db"
    first = min(SCHEMA.iterdir(), key=lambda each: each.name)
    connection = sqlite3.connect(file)
    connection.executescript(first.read_text(encoding="utf-8") + "; PRAGMA user_version = 1")
    row = "('anna', 'x', 'a@example.org', 1, 5, 5)"
    columns = "(nick, password, email, level, created, last_seen)"
    connection.execute(f"INSERT INTO account {columns} VALUES {row}")
    connection.commit()
    connection.close()
    database = Database(reactor, file, SCHEMA)
    await database.open()
    try:
        await ChannelStore(database).save(FULL)
        nicks = await database.run(lambda each: each.execute("SELECT nick FROM account").fetchall())
        assert nicks == [("anna",)]
    finally:
        await database.close()


class FailingStore:
    """A store on a disk that is full."""

    async def load(self) -> list[Charter]:
        return [FULL]

    async def save(self, charter: Charter) -> None:
        raise sqlite3.OperationalError("database or disk is full")

    async def delete(self, name: str) -> None:
        raise sqlite3.OperationalError("database or disk is full")


@pytest_twisted.ensureDeferred
async def test_what_cannot_be_kept_is_an_error() -> None:
    """A channel that cannot be saved or deleted is not passed over in silence."""
    channels = Channels(FailingStore(), lambda: 0.0)
    await channels.load()
    channel = channels.find("FULL")
    assert channel is not None
    with pytest.raises(sqlite3.OperationalError):
        await channels.keep(channel)
    channels.enter(channel, Membership("anna"))
    channels.amend(channel, modes=frozenset())
    with pytest.raises(sqlite3.OperationalError):
        await channels.keep(channel)


@pytest_twisted.ensureDeferred
async def test_dismiss() -> None:
    """A nick that is deleted is operator nowhere, and those that are untouched are not saved."""
    saved: list[Charter] = []

    class Store(FailingStore):
        async def save(self, charter: Charter) -> None:
            saved.append(charter)

    channels = Channels(Store(), lambda: 0.0)
    await channels.load()
    channels.open(Charter("#other", b"", 0, operators=("carl",)))
    await channels.dismiss("ANNA")
    assert [each.operators for each in saved] == [("berta",)]
