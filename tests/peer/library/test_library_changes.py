"""What happens on the disk is soon true of what is offered."""

import os
import random
import shutil
import subprocess
from collections.abc import Callable, Iterator
from pathlib import Path

import attrs
import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.task import deferLater
from twisted.logger import capturedLogs

from napster.peer.library import examine, inotify, remember
from napster.peer.library.beneath import Place
from napster.peer.library.mounts import Mounts
from napster.peer.library.names import virtual_path
from napster.peer.library.rules import BUSY
from napster.peer.library.scan import Listing, Scanner, Unreadable
from napster.peer.library.shelf import RootState
from napster.peer.library.upkeep import LibrarySettings

from .helpers import QUICK, Sharing, eventually, root, sharing
from .test_watch import short_of_watches

WITHIN = 5.0
"""Seconds in which any change must show."""


@pytest.fixture
def share(tmp_path: Path) -> Path:
    folder = tmp_path / "S"
    folder.mkdir()
    return folder


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Collect the sizes of all files that are hashed."""
    sizes: list[int] = []
    real = examine.hash_stream

    def count(stream, size, on_piece):
        sizes.append(size)
        return real(stream, size, on_piece)

    monkeypatch.setattr(examine, "hash_stream", count)
    return sizes


def on_disk(share: Path) -> set[bytes]:
    """Tell under which paths all files of a folder should be offered."""
    paths = set()
    for folder, _, names in os.walk(os.fsencode(share)):
        parts = [part for part in folder.removeprefix(os.fsencode(share)).split(b"/") if part]
        paths |= {virtual_path(os.fsencode(share.name), [*parts, name]) for name in names}
    return paths


@pytest_twisted.ensureDeferred
async def test_default_times(tmp_path: Path, share: Path) -> None:
    """With settings as they come, a new, a changed and a deleted file show within 5 seconds."""
    async with sharing(tmp_path, root(share), settings=LibrarySettings()) as running:
        await running.settled()
        (share / "file").write_bytes(b"one")
        await eventually(lambda: running.paths == {b"S\\file"}, limit=WITHIN)
        (share / "file").write_bytes(b"other")
        await eventually(
            lambda: [each.size for each in running.heard.files.values()] == [5], limit=WITHIN
        )
        (share / "file").unlink()
        await eventually(lambda: not running.paths, limit=1.5)
        assert [what for what, _ in running.heard.history] == ["added", "removed"] * 2


@pytest_twisted.ensureDeferred
async def test_moves(tmp_path: Path, share: Path, hashed: list[int]) -> None:
    """A file renamed, moved between folders, out and back in is hashed but once."""
    (share / "a").mkdir()
    (share / "a" / "file").write_bytes(b"content")
    async with sharing(tmp_path, root(share)) as running:
        await running.until_shared(b"S\\a\\file")
        (share / "a" / "file").rename(share / "a" / "renamed")
        await running.until_shared(b"S\\a\\renamed")
        (share / "b").mkdir()
        (share / "a" / "renamed").rename(share / "b" / "moved")
        await running.until_shared(b"S\\b\\moved")
        (share / "b" / "moved").rename(tmp_path / "out")
        await running.until_shared()
        (tmp_path / "out").rename(share / "back")
        await running.until_shared(b"S\\back")
    assert hashed == [7]


@pytest_twisted.ensureDeferred
async def test_folders_move(tmp_path: Path, share: Path, hashed: list[int]) -> None:
    """A folder moved in, about and out takes its files with it, and is watched where it is."""
    deep = tmp_path / "new" / "deep" / "er"
    deep.mkdir(parents=True)
    (deep / "file").write_bytes(b"content")
    async with sharing(tmp_path, root(share)) as running:
        await running.settled()
        (tmp_path / "new").rename(share / "new")
        await running.until_shared(b"S\\new\\deep\\er\\file")
        (share / "new").rename(share / "newer")
        await running.until_shared(b"S\\newer\\deep\\er\\file")
        (share / "newer" / "deep").rename(share / "top")
        await running.until_shared(b"S\\top\\er\\file")
        (share / "top" / "er" / "second").write_bytes(b"x")
        await running.until_shared(b"S\\top\\er\\file", b"S\\top\\er\\second")
        (share / "top").rename(tmp_path / "away")
        await running.until_shared()
        (tmp_path / "away" / "er" / "third").write_bytes(b"x")
        (share / "last").write_bytes(b"x")
        await running.until_shared(b"S\\last")
    assert hashed == [7, 1, 1]


@pytest_twisted.ensureDeferred
async def test_tree_made_step_by_step(tmp_path: Path, share: Path) -> None:
    """Nothing is missed in folders that fill while they are being discovered."""
    async with sharing(tmp_path, root(share)) as running:
        await running.settled()
        folder = share
        for number in range(30):
            folder /= str(number)
            folder.mkdir()
            (folder / "file").write_bytes(b"x")
            await deferLater(reactor, 0.01)
        await running.until_shared(*on_disk(share))
        shutil.rmtree(share / "0" / "1")
        await running.until_shared(b"S\\0\\file")


@pytest_twisted.ensureDeferred
async def test_folder_replaced(tmp_path: Path, share: Path) -> None:
    """A folder deleted and made anew, by the same name at once, is watched like any other."""
    (share / "d" / "e").mkdir(parents=True)
    (share / "d" / "e" / "old").write_bytes(b"x")
    async with sharing(tmp_path, root(share)) as running:
        await running.until_shared(b"S\\d\\e\\old")
        shutil.rmtree(share / "d")
        (share / "d" / "e").mkdir(parents=True)
        (share / "d" / "e" / "new").write_bytes(b"x")
        await running.until_shared(b"S\\d\\e\\new")
        (share / "d" / "e" / "later").write_bytes(b"x")
        await running.until_shared(b"S\\d\\e\\new", b"S\\d\\e\\later")
        shutil.rmtree(share / "d")
        (share / "d").write_bytes(b"now a file")
        await running.until_shared(b"S\\d")
        (share / "d").unlink()
        (share / "d").mkdir()
        (share / "d" / "f").write_bytes(b"x")
        await running.until_shared(b"S\\d\\f")


@pytest_twisted.ensureDeferred
async def test_while_it_is_written(tmp_path: Path, share: Path, hashed: list[int]) -> None:
    """A file is withdrawn when it is written to, and offered again once, when that has ended."""
    (share / "file").write_bytes(b"x")
    async with sharing(tmp_path, root(share)) as running:
        await running.until_shared(b"S\\file")
        with (share / "file").open("ab", buffering=0) as file:
            for _ in range(15):
                file.write(b"more")
                await deferLater(reactor, 0.1)
            assert running.paths == set()
            assert running.reasons() == {b"file": BUSY}
        await running.until_shared(b"S\\file")
        assert running.heard.files[b"S\\file"].size == 61
    assert hashed == [1, 61]


@pytest_twisted.ensureDeferred
async def test_copied_folder(tmp_path: Path, share: Path, hashed: list[int]) -> None:
    """Files in a new folder are left until they have been quiet, not hashed half-copied."""
    async with sharing(tmp_path, root(share)) as running:
        await running.settled()
        (share / "album").mkdir()
        with (share / "album" / "song").open("wb", buffering=0) as file:
            for _ in range(12):
                file.write(bytes(100))
                await deferLater(reactor, 0.1)
        await running.until_shared(b"S\\album\\song")
        assert running.heard.files[b"S\\album\\song"].size == 1200
    assert hashed == [1200]


@pytest_twisted.ensureDeferred
async def test_saved_by_an_editor(tmp_path: Path, share: Path) -> None:
    """A file replaced by renaming another over it is removed and added, and served anew."""
    (share / "file").write_bytes(b"old")
    async with sharing(tmp_path, root(share)) as running:
        await running.until_shared(b"S\\file")
        (share / ".file.tmp").write_bytes(b"newer")
        (share / ".file.tmp").rename(share / "file")
        await eventually(
            lambda: [each.size for each in running.heard.files.values()] == [5], limit=WITHIN
        )
        assert [what for what, _ in running.heard.history] == ["added", "removed", "added"]


@pytest_twisted.ensureDeferred
async def test_finished_download(tmp_path: Path, share: Path) -> None:
    """A partial download is refused; renamed to its name, it is shared."""
    async with sharing(tmp_path, root(share)) as running:
        (share / "song.mp3.part").write_bytes(b"x")
        await eventually(lambda: b"song.mp3.part" in running.reasons())
        (share / "song.mp3.part").rename(share / "song.mp3")
        await running.until_shared(b"S\\song.mp3")
        assert running.reasons() == {}


@pytest_twisted.ensureDeferred
async def test_disk_away_and_back(tmp_path: Path, share: Path, hashed: list[int]) -> None:
    """A shared folder that vanishes withdraws its files; back again, none is hashed twice."""
    for number in range(50):
        (share / f"d{number % 5}").mkdir(exist_ok=True)
        (share / f"d{number % 5}" / str(number)).write_bytes(bytes(number))
    async with sharing(tmp_path, root(share)) as running:
        await running.until_shared(*on_disk(share))
        share.rename(tmp_path / "away")
        await running.until_shared()
        (state,) = [each.state for each in running.library.report().roots]
        assert state is RootState.MISSING
        (tmp_path / "away").rename(share)
        await running.until_shared(*on_disk(share))
        (share / "d0" / "new").write_bytes(b"x")
        await running.until_shared(*on_disk(share))
    assert len(hashed) == 51


@pytest_twisted.ensureDeferred
async def test_not_mounted(
    tmp_path: Path, share: Path, hashed: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty folder where a disk used to be is said to be not mounted, also after a restart."""
    disk = tmp_path / "disk"
    shutil.copytree(share, disk)
    (disk / "file").write_bytes(b"x")
    shutil.rmtree(share)
    share.symlink_to(disk)  # "mounted": the root itself may be a link
    async with sharing(tmp_path, root(share)) as running:
        await running.until_shared(b"S\\file")
        await running.settled()
        await running.library.rescan()
        change_remembered_device(monkeypatch)
        share.unlink()
        share.mkdir()
        await running.until_shared()
        (report,) = running.library.report().roots
        assert report.state is RootState.NOT_MOUNTED
    async with sharing(tmp_path, root(share)) as running:
        await eventually(lambda: running.library.report().roots[0].state is RootState.NOT_MOUNTED)
        share.rmdir()
        share.symlink_to(disk)
        await running.until_shared(b"S\\file")
        (report,) = running.library.report().roots
        assert report.state is RootState.READY
    assert hashed == [1]


@pytest.fixture
def mount(tmp_path: Path) -> Iterator[Callable[..., None]]:
    """Mount as root may; what is left mounted at the end is unmounted."""
    mounted: list[str] = []

    def mount(*arguments: object) -> None:
        words = list(map(str, arguments))
        if subprocess.run(["mount", *words], capture_output=True, check=False).returncode:
            pytest.skip("mounting is not permitted here")
        mounted.append(words[-1])

    yield mount
    for each in reversed(mounted):
        subprocess.run(["umount", each], capture_output=True, check=False)


def unmount(path: Path) -> None:
    subprocess.run(["umount", str(path)], check=True)


@pytest_twisted.ensureDeferred
async def test_real_disk(
    tmp_path: Path, share: Path, hashed: list[int], mount: Callable[..., None]
) -> None:
    """A real disk unmounted and mounted again is withdrawn and shared, and not hashed twice."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount("-t", "tmpfs", "none", disk)
    (disk / "file").write_bytes(b"content")
    mount("--bind", disk, share)
    async with sharing(tmp_path, root(share)) as running:
        await running.until_shared(b"S\\file")
        await running.settled()
        unmount(share)
        await running.until_shared()
        await eventually(lambda: running.library.report().roots[0].state is RootState.NOT_MOUNTED)
        mount("--bind", disk, share)
        await running.until_shared(b"S\\file")
        assert running.library.report().roots[0].state is RootState.READY
    assert hashed == [7]


@pytest_twisted.ensureDeferred
async def test_real_disk_inside(tmp_path: Path, share: Path, mount: Callable[..., None]) -> None:
    """A disk mounted in a folder of a share is withdrawn when it is unmounted."""
    (share / "disk").mkdir()
    mount("-t", "tmpfs", "none", share / "disk")
    (share / "disk" / "file").write_bytes(b"content")
    (share / "other").write_bytes(b"x")
    async with sharing(tmp_path, root(share)) as running:
        await running.until_shared(b"S\\disk\\file", b"S\\other")
        await running.settled()
        unmount(share / "disk")
        await running.until_shared(b"S\\other")
        (share / "disk" / "new").write_bytes(b"x")
        await running.until_shared(b"S\\other", b"S\\disk\\new")


def change_remembered_device(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pretend that files were last seen on another device, as a real mount would have it."""
    real = remember.Memory.device_of

    async def device_of(self: remember.Memory, path: bytes) -> int | None:
        found = await real(self, path)
        return None if found is None else found + 1

    monkeypatch.setattr(remember.Memory, "device_of", device_of)


@pytest_twisted.ensureDeferred
async def test_empty_folder_is_no_missing_disk(tmp_path: Path, share: Path) -> None:
    """A folder that is simply empty is shared, and takes in what comes."""
    async with sharing(tmp_path, root(share)) as running:
        await running.settled()
        assert running.library.report().roots[0].state is RootState.READY
        (share / "file").write_bytes(b"x")
        await running.until_shared(b"S\\file")
        (share / "file").unlink()
        await running.until_shared()
        await running.library.rescan()
        assert running.library.report().roots[0].state is RootState.READY


@pytest_twisted.ensureDeferred
async def test_missing_from_the_start(tmp_path: Path) -> None:
    """A folder that is not there yet is said to be missing, and shared when it comes."""
    with capturedLogs() as logs:
        async with sharing(tmp_path, root(tmp_path / "S")) as running:
            await eventually(lambda: running.library.report().roots[0].state is RootState.MISSING)
            (tmp_path / "T").mkdir()
            (tmp_path / "T" / "file").write_bytes(b"x")
            (tmp_path / "T").rename(tmp_path / "S")
            await running.until_shared(b"S\\file")
    states = [str(each["state"]) for each in logs if "is {state}" in each["log_format"]]
    assert states == ["not there"]


@pytest_twisted.ensureDeferred
async def test_root_fails_while_it_is_read(
    tmp_path: Path, share: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A disk that fails just when it is looked through is withdrawn, and taken back later."""
    (share / "file").write_bytes(b"x")
    real = Scanner.list_some
    fails: list[str | None] = []

    def fail(self: Scanner, places: list[Place]) -> list[Listing | Unreadable]:
        return [Unreadable(places[0], fails[0])] if fails else real(self, places)

    monkeypatch.setattr(Scanner, "list_some", fail)
    with capturedLogs() as logs:
        async with sharing(tmp_path, root(share)) as running:
            await running.until_shared(b"S\\file")
            await running.settled()
            for reason in ("broken", None):
                fails.append(reason)
                await running.library.rescan()
                assert running.paths == set()
                assert running.library.report().roots[0].state is not RootState.READY
                await deferLater(reactor, 0.5)
                fails.clear()
                await running.until_shared(b"S\\file")
                await running.settled()
    said = [each["state"] for each in logs if "is {state}" in each["log_format"]]
    assert said == ["not readable", "not there"]


@pytest_twisted.ensureDeferred
async def test_root_is_a_file(tmp_path: Path) -> None:
    """A file in the place of a shared folder is no folder."""
    (tmp_path / "S").write_bytes(b"x")
    async with sharing(tmp_path, root(tmp_path / "S")) as running:
        await eventually(lambda: running.library.report().roots[0].state is RootState.MISSING)


@pytest_twisted.ensureDeferred
async def test_without_watches(
    tmp_path: Path, share: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where the system cannot watch, folders are looked through more often, and it is logged."""
    monkeypatch.setattr(inotify.Inotify, "watch", short_of_watches)
    settings = attrs.evolve(QUICK, unwatched_rescan_interval=0.3)
    (share / "d").mkdir()
    with capturedLogs() as logs:
        async with sharing(tmp_path, root(share), settings=settings) as running:
            await running.settled()
            (share / "d" / "file").write_bytes(b"x")
            await running.until_shared(b"S\\d\\file")
            (share / "d").rename(share / "e")
            await running.until_shared(b"S\\e\\file")
    assert len([each for each in logs if "looked through at intervals" in each["log_format"]]) == 1


@pytest_twisted.ensureDeferred
async def test_network_disk(tmp_path: Path, share: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that others change without an event is looked through more often, and it is logged."""
    monkeypatch.setattr(Mounts, "is_remote", lambda self, device: True)
    monkeypatch.setattr(inotify.Inotify, "doRead", lambda self: os.read(self.fileno(), 65536))
    settings = attrs.evolve(QUICK, unwatched_rescan_interval=0.3)
    with capturedLogs() as logs:
        async with sharing(tmp_path, root(share), settings=settings) as running:
            await running.settled()
            (share / "file").write_bytes(b"x")
            await running.until_shared(b"S\\file")
    assert len([each for each in logs if "may not tell of changes" in each["log_format"]]) == 1


@pytest_twisted.ensureDeferred
async def test_lost_events(tmp_path: Path, share: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What the kernel forgot to tell is found by looking through everything."""
    real = inotify.Inotify.doRead
    silent = [True]

    def read(self: inotify.Inotify) -> None:
        occurred = self._occurred
        if silent[0]:
            self._occurred = lambda watch, mask, name: occurred(-1, inotify.Q_OVERFLOW, b"")
        real(self)
        self._occurred = occurred

    monkeypatch.setattr(inotify.Inotify, "doRead", read)
    async with sharing(tmp_path, root(share)) as running:
        await running.settled()
        for number in range(20):
            (share / str(number)).mkdir()
            (share / str(number) / "file").write_bytes(b"x")
        await running.until_shared(*on_disk(share))


@pytest_twisted.ensureDeferred
async def test_reconciling_rescan(
    tmp_path: Path, share: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Even if no event ever came, the slow rescan would find what changed."""
    monkeypatch.setattr(inotify.Inotify, "doRead", lambda self: os.read(self.fileno(), 65536))
    settings = attrs.evolve(QUICK, rescan_interval=0.5)
    async with sharing(tmp_path, root(share), settings=settings) as running:
        await running.settled()
        (share / "file").write_bytes(b"x")
        await running.until_shared(b"S\\file")
        (share / "file").unlink()
        await running.until_shared()


class Vandal:
    """Does what users do to folders, at random."""

    def __init__(self, share: Path, seed: int) -> None:
        self.share = share
        self.random = random.Random(seed)

    def folders(self) -> list[Path]:
        return [self.share, *(each for each in self.share.rglob("*") if each.is_dir())]

    def anything(self) -> Path | None:
        found = list(self.share.rglob("*"))
        return self.random.choice(found) if found else None

    def new_path(self) -> Path:
        return self.random.choice(self.folders()) / self.random.choice("abcdef")

    def write(self) -> None:
        path = self.new_path()
        if not path.is_dir():
            with path.open("ab") as file:
                file.write(bytes(self.random.randrange(200)))

    def make(self) -> None:
        path = self.new_path()
        if not path.exists():
            (path / "x" / "y").mkdir(parents=True)
            (path / "x" / "y" / "z").write_bytes(b"z")

    def move(self) -> None:
        source, target = self.anything(), self.new_path()
        if source and not target.exists() and not target.is_relative_to(source):
            source.rename(target)

    def replace(self) -> None:
        path = self.new_path()
        if not path.is_dir():
            (self.share / ".tmp").write_bytes(bytes(self.random.randrange(200)))
            (self.share / ".tmp").rename(path)

    def delete(self) -> None:
        path = self.anything()
        if path and path.is_dir():
            shutil.rmtree(path)
        elif path:
            path.unlink()

    def act(self) -> None:
        acts: list[Callable[[], None]] = [self.write, self.make, self.move, self.replace]
        self.random.choice([*acts, self.delete])()


@pytest.mark.parametrize("seed", range(3))
@pytest_twisted.ensureDeferred
async def test_after_much_ado(tmp_path: Path, share: Path, seed: int) -> None:
    """Whatever was done, in the end exactly what is on disk is offered, as it is."""
    vandal = Vandal(share, seed)
    async with sharing(tmp_path, root(share)) as running:
        for _ in range(400):
            vandal.act()
            await deferLater(reactor, vandal.random.choice((0, 0, 0.001, 0.02)))
        await running.until_shared(*on_disk(share))
        await running.settled()
        await eventually(lambda: not running.reasons(), running.reasons)
        await all_can_be_opened(running)
        history = list(running.heard.history)
        await running.library.rescan()
        await running.settled()
        assert running.heard.history == history


async def all_can_be_opened(running: Sharing) -> None:
    for file in list(running.heard.files.values()):
        opened = await running.library.open(file)
        assert len(opened.stream.read()) == file.size
        opened.close()
