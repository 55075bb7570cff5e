"""A password that was right lately is proven again for less, and only by this index."""

import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Self

import pytest
import pytest_twisted
from twisted.internet import reactor

from napster.daemon.database import Database
from napster.daemon.errors import DaemonError
from napster.index import passwords as passwords_module
from napster.index.accounts import SCHEMA, Account, Accounts
from napster.index.config import Settings
from napster.index.levels import Level
from napster.index.limits import Limits
from napster.index.passwords import Passwords
from napster.index.service import AccountsService
from napster.index.shortcuts import LIFE, Shortcuts, own_key

STORED = "scrypt$14$8$1$c2FsdA==$aGFzaA=="


class FullCheckError(Exception):
    """A full check where none should be needed."""


@contextmanager
def no_full_check(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Make every full check fail in a way that shows."""

    def refuse(password: bytes, stored: str) -> bool:
        raise FullCheckError

    with monkeypatch.context() as patch:
        patch.setattr(passwords_module, "is_password", refuse)
        yield


class Place:
    """Accounts in a folder, opened and closed like those of a daemon; `now` is the wall clock."""

    def __init__(self, folder: Path) -> None:
        self.now = 5000.0
        limits = Limits(reactor, Settings())
        self.database = Database(reactor, folder / "accounts.db", SCHEMA)
        self.passwords = Passwords(reactor, limits, 10, folder / "key")
        self.accounts = Accounts(self.database, self.passwords, lambda: self.now)

    async def __aenter__(self) -> Self:
        self.passwords.start()
        await self.database.open()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.database.close()
        await self.passwords.stop()

    async def anna(self) -> Account:
        found = await self.accounts.find("anna")
        assert found
        return found


def test_what_a_shortcut_proves() -> None:
    """Only the same password, full hash and secret have the same shortcut."""
    mine = Shortcuts(b"secret")
    shortcut = mine.make(b"pw", STORED)
    assert mine.proves(shortcut, b"pw", STORED)
    assert not mine.proves(shortcut, b"PW", STORED)
    assert not mine.proves(shortcut, b"pw", STORED.replace("c2FsdA", "c2FsdB"))
    assert not mine.proves(b"", b"pw", STORED)
    assert not Shortcuts(b"another").proves(shortcut, b"pw", STORED)


def test_the_secret_is_kept_and_private(tmp_path: Path) -> None:
    """It is made once, for its owner only; one that was cut short is made again."""
    file = tmp_path / "key"
    key = own_key(file)
    assert len(key) == 32
    assert own_key(file) == key
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    file.write_bytes(key[:5])
    again = own_key(file)
    assert again != key
    assert own_key(file) == again


def test_a_secret_that_cannot_be_read(tmp_path: Path) -> None:
    """The error names the file."""
    (tmp_path / "key").mkdir()
    with pytest.raises(DaemonError, match="key: cannot be used: Is a directory"):
        own_key(tmp_path / "key")


def test_a_secret_that_others_can_read(tmp_path: Path) -> None:
    """It is not used, and the way out is told."""
    own_key(tmp_path / "key")
    (tmp_path / "key").chmod(0o640)
    with pytest.raises(DaemonError, match="can be read by others; remove it"):
        own_key(tmp_path / "key")


@pytest_twisted.ensureDeferred
async def test_after_a_restart(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever has registered comes back without a full check, but not with a wrong password."""
    async with Place(tmp_path) as place:
        await place.accounts.register("anna", b"pw", "x")
    async with Place(tmp_path) as place:
        anna = await place.anna()
        with no_full_check(monkeypatch):
            assert await place.accounts.is_password(anna, b"pw", "a")
            with pytest.raises(FullCheckError):
                await place.accounts.is_password(anna, b"no", "a")
        assert not await place.accounts.is_password(anna, b"no", "a")


@pytest_twisted.ensureDeferred
async def test_without_the_secret(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The database alone proves nothing; one full check later there is a shortcut again."""
    async with Place(tmp_path) as place:
        await place.accounts.register("anna", b"pw", "x")
    (tmp_path / "key").unlink()
    async with Place(tmp_path) as place:
        with no_full_check(monkeypatch), pytest.raises(FullCheckError):
            await place.accounts.is_password(await place.anna(), b"pw", "a")
        assert await place.accounts.is_password(await place.anna(), b"pw", "a")
        with no_full_check(monkeypatch):
            assert await place.accounts.is_password(await place.anna(), b"pw", "a")


@pytest_twisted.ensureDeferred
async def test_another_password(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A new password has a shortcut of its own, and the old one's is worth nothing."""
    async with Place(tmp_path) as place:
        await place.accounts.register("anna", b"pw", "x")
        old = await place.anna()
        await place.accounts.change_password("anna", b"new")
        new = await place.anna()
        assert not await place.accounts.is_password(new, b"pw", "a")
        with no_full_check(monkeypatch):
            assert await place.accounts.is_password(new, b"new", "a")
        assert new.shortcut != old.shortcut


@pytest_twisted.ensureDeferred
async def test_after_a_long_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who was not here for a month is checked in full; so long ago, no shortcut stays on disk."""
    async with Place(tmp_path) as place:
        await place.accounts.register("anna", b"pw", "x")
        place.now += LIFE
        with no_full_check(monkeypatch), pytest.raises(FullCheckError):
            await place.accounts.is_password(await place.anna(), b"pw", "a")
        await place.accounts.drop_old_shortcuts()
        assert (await place.anna()).shortcut == b""


@pytest_twisted.ensureDeferred
async def test_those_seen_lately_keep_it(tmp_path: Path) -> None:
    """Old shortcuts are dropped, others not."""
    async with Place(tmp_path) as place:
        made = await place.accounts.register("anna", b"pw", "x")
        place.now += LIFE - 1
        await place.accounts.drop_old_shortcuts()
        assert (await place.anna()).shortcut == made.shortcut != b""


def test_nothing_secret_is_shown() -> None:
    """An account in a log shows neither hash nor shortcut."""
    account = Account("anna", "HASH", "x", Level.USER, 2, 3, shortcut=b"SHORTCUT")
    assert "HASH" not in repr(account)
    assert "SHORTCUT" not in repr(account)


@pytest_twisted.ensureDeferred
async def test_a_start_that_fails(tmp_path: Path) -> None:
    """Without a sound secret the accounts do not start, and stop as if they had."""
    place = Place(tmp_path)
    service = AccountsService(place.database, place.passwords, place.accounts)
    (tmp_path / "key").mkdir()
    with pytest.raises(DaemonError, match="key"):
        await service.startService()
    await service.stopService().addTimeout(10, reactor)
