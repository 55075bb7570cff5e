"""The kernel's events become looks; lost events and missing watches are noticed."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.logger import capturedLogs

from napster.peer.library import inotify
from napster.peer.library.beneath import Place
from napster.peer.library.watch import Watcher

from .helpers import eventually, place


class Seen:
    """Keeps what a watcher tells, in place of Changes."""

    def __init__(self) -> None:
        self.moves: set[tuple[Place, bytes]] = set()
        self.writes: set[tuple[Place, bytes]] = set()
        self.overflows = 0

    def moved(self, place: Place, name: bytes) -> None:
        self.moves.add((place, name))

    def written(self, place: Place, name: bytes) -> None:
        self.writes.add((place, name))

    def overflowed(self) -> None:
        self.overflows += 1

    def clear(self) -> None:
        self.moves.clear()
        self.writes.clear()


@contextmanager
def watching(seen: Seen) -> Iterator[Watcher]:
    watcher = Watcher(reactor, seen, seen.overflowed)  # type: ignore[arg-type]
    watcher.start()
    try:
        yield watcher
    finally:
        watcher.stop()


def enter(watcher: Watcher, where: Place) -> int | None:
    with where.open() as folder:
        return watcher.entered(where, folder)


@pytest_twisted.ensureDeferred
async def test_events(tmp_path: Path) -> None:
    """Writing, creating, moving and deleting are told apart, with the folder and the name."""
    seen, here = Seen(), place(tmp_path)
    (tmp_path / "old").write_bytes(b"x")
    with watching(seen) as watcher:
        assert watcher.watches(here, enter(watcher, here))
        (tmp_path / os.fsdecode(b"n\xe9w\n")).write_bytes(b"x")
        await eventually(lambda: seen.writes == {(here, b"n\xe9w\n")})
        (tmp_path / "old").rename(tmp_path / "newer")
        await eventually(lambda: seen.moves == {(here, b"old"), (here, b"newer")})
        seen.clear()
        (tmp_path / "newer").unlink()
        (tmp_path / "folder").mkdir()
        await eventually(lambda: seen.moves >= {(here, b"newer"), (here, b"folder")})
        (tmp_path / os.fsdecode(b"n\xe9w\n")).chmod(0o600)
        await eventually(lambda: seen.writes == {(here, b"n\xe9w\n")})


@pytest_twisted.ensureDeferred
async def test_deleted_folder(tmp_path: Path) -> None:
    """A deleted folder ends its own watch, and no other."""
    seen, here = Seen(), place(tmp_path)
    inner = here.child(b"inner")
    (tmp_path / "inner").mkdir()
    with watching(seen) as watcher:
        enter(watcher, here)
        watch = enter(watcher, inner)
        (tmp_path / "inner").rmdir()
        await eventually(lambda: not watcher.watches(inner, watch))
        (tmp_path / "file").write_bytes(b"x")
        await eventually(lambda: (here, b"file") in seen.writes)


@pytest_twisted.ensureDeferred
async def test_watch_that_ends(tmp_path: Path) -> None:
    """When a watch ends by itself, as that of an unmounted disk, its folder is looked at."""
    seen, here = Seen(), place(tmp_path)
    (tmp_path / "disk").mkdir()
    with watching(seen) as watcher:
        watch = enter(watcher, here.child(b"disk"))
        assert watcher._inotify
        watcher._inotify.ignore(watch)
        await eventually(lambda: seen.moves == {(here, b"disk")})
        assert not watcher.watches(here.child(b"disk"), watch)


@pytest_twisted.ensureDeferred
async def test_moved_folder(tmp_path: Path) -> None:
    """A folder entered again under a new name keeps its watch when the old name is forgotten."""
    seen, here = Seen(), place(tmp_path)
    old, new = here.child(b"old"), here.child(b"new")
    (tmp_path / "old").mkdir()
    with watching(seen) as watcher:
        watch = enter(watcher, old)
        (tmp_path / "old").rename(tmp_path / "new")
        assert enter(watcher, new) == watch
        watcher.forget(old, watch)
        (tmp_path / "new" / "file").write_bytes(b"x")
        await eventually(lambda: seen.writes == {(new, b"file")})
        watcher.forget(new, watch)
        assert not watcher.watches(new, watch)
        seen.clear()
        (tmp_path / "new" / "other").write_bytes(b"x")
        enter(watcher, here)
        (tmp_path / "last").write_bytes(b"x")
        await eventually(lambda: seen.writes == {(here, b"last")})


@pytest_twisted.ensureDeferred
async def test_overflow(tmp_path: Path) -> None:
    """When the kernel had to drop events, that is said and acted on."""
    seen, here = Seen(), place(tmp_path)
    limit = int(Path("/proc/sys/fs/inotify/max_queued_events").read_text())
    with watching(seen) as watcher, capturedLogs() as logs:
        enter(watcher, here)
        for number in range(limit // 2 + 10):  # a link and its removal are two events at least
            (tmp_path / str(number)).symlink_to("x")
            (tmp_path / str(number)).unlink()
        await eventually(lambda: seen.overflows)
    assert "Too many files changed" in logs[0]["log_format"]


def short_of_watches(self: object, folder: int) -> int:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_watch_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When no more watches are to be had, it is said once, with the setting to raise."""
    monkeypatch.setattr(inotify.Inotify, "watch", short_of_watches)
    with capturedLogs() as logs, watching(Seen()) as watcher:
        assert watcher.is_complete
        assert enter(watcher, place(tmp_path)) is None
        assert enter(watcher, place(tmp_path)) is None
        assert not watcher.is_complete
    assert len(logs) == 1
    assert "max_user_watches" in logs[0]["reason"]


def test_no_inotify(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """On a system without inotify nothing is watched, and it is said."""

    class Bare:
        """A C library of another system."""

    monkeypatch.setattr(inotify.ctypes, "CDLL", lambda *args, **kwargs: Bare())
    with capturedLogs() as logs, watching(Seen()) as watcher:
        assert not watcher.is_complete
        assert enter(watcher, place(tmp_path)) is None
    assert logs[0]["reason"] == os.strerror(errno.ENOSYS)


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    """Stopping closes what was opened."""
    before = set(Path("/proc/self/fd").iterdir())
    with watching(Seen()) as watcher:
        enter(watcher, place(tmp_path))
    assert set(Path("/proc/self/fd").iterdir()) == before
