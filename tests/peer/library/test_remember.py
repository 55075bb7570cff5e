"""What was hashed once is known for good, wherever the file moves."""

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import attrs
import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import fail
from twisted.logger import capturedLogs, formatEvent

from napster.daemon.database import Database, StorageError
from napster.peer.library.beneath import Stamp
from napster.peer.library.hash import content_root
from napster.peer.library.remember import (
    SCHEMA,
    Facts,
    Learned,
    Memory,
    Sighting,
    UnknownFileError,
)
from napster.peer.library.tags import Tags

from .helpers import place

STAMP = Stamp(size=5, mtime_ns=1_700_000_000_123_456_789, device=2049, inode=77)
PIECES = bytes(range(32))
CONTENT = content_root(STAMP.size, PIECES)
FACTS = Facts(bytes(range(16)), Tags(192, 44100, 240), CONTENT)


def sighting(name: bytes = b"a", **state: int) -> Sighting:
    return Sighting(place(Path("/share"), b"folder"), name, attrs.evolve(STAMP, **state))


@asynccontextmanager
async def memory(tmp_path: Path) -> AsyncIterator[Memory]:
    database = Database(reactor, tmp_path / "library.db", SCHEMA)
    await database.open()
    try:
        yield Memory(database)
    finally:
        await database.close()


@pytest_twisted.ensureDeferred
async def test_survives_a_restart(tmp_path: Path) -> None:
    """What one run learned, the next one knows."""
    async with memory(tmp_path) as before:
        assert await before.recall([sighting()]) == [None]
        await before.learn([Learned(sighting(), FACTS, PIECES)])
    async with memory(tmp_path) as after:
        assert await after.recall([sighting(b"other", inode=1), sighting()]) == [None, FACTS]
        assert await after.pieces(STAMP) == PIECES


@pytest_twisted.ensureDeferred
async def test_hashed_before_content_ids(tmp_path: Path) -> None:
    """A file hashed by a program that kept no content ids gets one, for good."""
    async with memory(tmp_path) as found:
        await found.learn([Learned(sighting(), FACTS, PIECES)])
        with sqlite3.connect(tmp_path / "library.db") as connection:
            connection.execute("UPDATE file SET content = NULL")
        assert await found.recall([sighting()]) == [FACTS]
        assert connection.execute("SELECT content FROM file").fetchone() == (CONTENT,)
        connection.close()


@pytest_twisted.ensureDeferred
async def test_moved_and_changed(tmp_path: Path) -> None:
    """A moved file is the same; one of another size, time or inode is not."""
    async with memory(tmp_path) as found:
        await found.learn([Learned(sighting(), FACTS, PIECES)])
        assert await found.recall([sighting(b"renamed")]) == [FACTS]
        for change in ({"size": 6}, {"mtime_ns": STAMP.mtime_ns + 1}, {"inode": 78}):
            assert await found.recall([sighting(**change)]) == [None]


@pytest_twisted.ensureDeferred
async def test_disk_under_another_number(tmp_path: Path) -> None:
    """A disk may come back as another device: the path then says that it is the same file."""
    async with memory(tmp_path) as found:
        await found.learn([Learned(sighting(), FACTS, PIECES)])
        assert await found.recall([sighting(b"elsewhere", device=2050)]) == [None]
        assert await found.recall([sighting(device=2050)]) == [FACTS]
        assert await found.pieces(attrs.evolve(STAMP, device=2050)) == PIECES
        assert await found.recall([sighting(b"elsewhere", device=2050)]) == [FACTS]


@pytest_twisted.ensureDeferred
async def test_device_before_path(tmp_path: Path) -> None:
    """Of two disks that look alike, the one a file lies on is asked before the path."""
    async with memory(tmp_path) as found:
        other = Facts(bytes(16), Tags(), bytes(32))
        await found.learn([Learned(sighting(), FACTS, PIECES)])
        await found.learn([Learned(sighting(b"elsewhere", device=2050), other, b"")])
        assert await found.recall([sighting(device=2050)]) == [other]


@pytest_twisted.ensureDeferred
async def test_two_disks_with_one_number(tmp_path: Path) -> None:
    """A second disk in the place of the first does not make us forget the first."""
    async with memory(tmp_path) as found:
        other = Facts(bytes(16), Tags(), bytes(32))
        await found.learn([Learned(sighting(), FACTS, PIECES)])
        await found.learn([Learned(sighting(size=9), other, b"")])
        assert await found.recall([sighting(), sighting(size=9)]) == [FACTS, other]


@pytest_twisted.ensureDeferred
async def test_large_numbers(tmp_path: Path) -> None:
    """Numbers of 64 bits, as some file systems use, are kept."""
    big = {"device": 2**64 - 1, "inode": 2**63, "mtime_ns": -5, "size": 2**62}
    async with memory(tmp_path) as found:
        await found.learn([Learned(sighting(**big), FACTS, PIECES)])
        assert await found.recall([sighting(**big)]) == [FACTS]
        await found.note_device(b"/share", 2**64 - 1)
        assert await found.device_of(b"/share") == 2**64 - 1
        assert await found.device_of(b"/other") is None


@pytest_twisted.ensureDeferred
async def test_learned_again(tmp_path: Path) -> None:
    """What is learned last is true, and nothing of the old is left behind."""
    async with memory(tmp_path) as found:
        await found.learn([Learned(sighting(), FACTS, PIECES)])
        await found.learn([Learned(sighting(), FACTS, PIECES[::-1])])
        assert await found.pieces(STAMP) == PIECES[::-1]
    with sqlite3.connect(tmp_path / "library.db") as connection:
        assert connection.execute("SELECT count(*) FROM pieces").fetchone() == (1,)


@pytest_twisted.ensureDeferred
async def test_unknown_pieces(tmp_path: Path) -> None:
    """Asking for what was never learned is an error."""
    async with memory(tmp_path) as found:
        with pytest.raises(UnknownFileError):
            await found.pieces(STAMP)


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("days", [-400, 400])
async def test_no_clock_makes_it_forget(tmp_path: Path, days: int) -> None:
    """A clock that is wrong by more than a year, or a year's rest, makes nothing be forgotten."""
    async with memory(tmp_path) as found:
        sightings = [sighting(name, inode=inode) for inode, name in enumerate((b"a", b"b"))]
        await found.learn([Learned(each, FACTS, PIECES) for each in sightings])
        with sqlite3.connect(tmp_path / "library.db") as connection:
            connection.execute("UPDATE file SET seen = seen + ?", (days,))
        connection.close()
        await found.forget_unseen()
        assert await found.recall(sightings[:1]) == [FACTS]
        await found.forget_unseen()
        assert await found.recall(sightings[:1]) == [FACTS]


@pytest_twisted.ensureDeferred
async def test_a_full_disk_remembers(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What is known is told though the disk has no room to write down that it was seen again."""
    async with memory(tmp_path) as found:
        moved = attrs.evolve(sighting(b"a"), name=b"b")
        await found.learn([Learned(sighting(b"a"), FACTS, PIECES)])
        real = found._database.run

        def run(work: Callable[[sqlite3.Connection], object]) -> object:
            if work.__name__ == "write":
                return fail(StorageError("library.db: database or disk is full"))
            return real(work)

        with monkeypatch.context() as patch, capturedLogs() as logs:
            patch.setattr(found._database, "run", run)
            assert await found.recall([moved]) == [FACTS]
            await found.note_device(b"/disk", 7)
        assert ["disk is full" in formatEvent(each) for each in logs] == [True, True]
        assert await found.device_of(b"/disk") is None
        await found.note_device(b"/disk", 7)
        assert await found.device_of(b"/disk") == 7


@pytest_twisted.ensureDeferred
async def test_forgets_after_a_year(tmp_path: Path) -> None:
    """Files not seen for a year are forgotten; being seen keeps them."""
    async with memory(tmp_path) as found:
        names = (b"old", b"seen", b"new")
        sightings = [sighting(name, inode=inode) for inode, name in enumerate(names)]
        await found.learn([Learned(each, FACTS, PIECES) for each in sightings])
        with sqlite3.connect(tmp_path / "library.db") as connection:
            connection.execute("UPDATE file SET seen = seen - 400 WHERE inode < 2")
        connection.close()
        assert await found.recall([sightings[1]]) == [FACTS]
        await found.forget_unseen()
        assert await found.recall(sightings) == [None, FACTS, FACTS]
        with pytest.raises(UnknownFileError):
            await found.pieces(sightings[0].stamp)
