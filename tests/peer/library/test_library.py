"""Real folders are shared as they are, served as they were hashed, and hashed but once."""

import hashlib
import os
import shutil
import socket
import sqlite3
import threading
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest
import pytest_twisted
from blake3 import blake3
from twisted.internet import reactor
from twisted.internet.task import deferLater
from twisted.logger import capturedLogs, formatEvent

from napster.peer.library import examine, upkeep
from napster.peer.library.hash import PIECE_SIZE
from napster.peer.library.names import names_of, virtual_path
from napster.peer.library.progress import Phase
from napster.peer.library.rules import PRIVATE
from napster.peer.library.scan import SLICE
from napster.peer.library.shared_file import FileChangedError, FileGoneError
from napster.peer.library.shelf import RootState

from .helpers import QUICK, STRANGE_NAMES, Sharing, eventually, root, sharing
from .test_tags import mp3


@pytest.fixture
def share(tmp_path: Path) -> Path:
    folder = tmp_path / "Share"
    folder.mkdir()
    return folder


@pytest.fixture
def count_hashed(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Collect the sizes of all files that are hashed."""
    hashed: list[int] = []
    real = examine.hash_stream

    def count(stream, size, on_piece):
        hashed.append(size)
        return real(stream, size, on_piece)

    monkeypatch.setattr(examine, "hash_stream", count)
    return hashed


async def read(running: Sharing, path: bytes) -> bytes:
    file = running.library.find(path)
    assert file is not None
    opened = await running.library.open(file)
    try:
        assert opened.is_unchanged()
        return await opened.fetch(0, file.size)
    finally:
        opened.close()


@pytest_twisted.ensureDeferred
async def test_strange_names(tmp_path: Path, share: Path) -> None:
    """Every name a disk can hold is shared under a path of its own, and served byte-exact."""
    for folder in (b"", b'in \xe9\n"\\', b"deep/er"):
        inner = share / os.fsdecode(folder)
        inner.mkdir(parents=True, exist_ok=True)
        for name in STRANGE_NAMES:
            (inner / os.fsdecode(name)).write_bytes(folder + b"|" + name)
    async with sharing(tmp_path, root(share)) as running:
        await running.until_shared(
            *[
                virtual_path(b"Share", [*parts, name])
                for parts in ((), (b'in \xe9\n"\\',), (b"deep", b"er"))
                for name in STRANGE_NAMES
            ]
        )
        for path, file in running.heard.files.items():
            _, *above, name = names_of(path)
            content = await read(running, path)
            assert content == b"/".join(above) + b"|" + name
            assert file.size == len(content)
            assert file.md5 == hashlib.md5(content).digest()
            assert await running.library.pieces(file) == blake3(content).digest()
            assert b"tmp" not in path


@pytest_twisted.ensureDeferred
async def test_sizes_and_tags(tmp_path: Path, share: Path) -> None:
    """Empty, tiny and large files are hashed piece by piece; audio says what it is."""
    contents = {
        b"empty": b"",
        b"one": b"1",
        b"large": os.urandom(3 * PIECE_SIZE + 5),
        b"song.mp3": mp3(15),
    }
    for name, content in contents.items():
        (share / os.fsdecode(name)).write_bytes(content)
    async with sharing(tmp_path, root(share)) as running:
        await running.until_shared(*[b"Share\\" + name for name in contents])
        for name, content in contents.items():
            file = running.heard.files[b"Share\\" + name]
            expected = [
                blake3(content[at : at + PIECE_SIZE]).digest()
                for at in range(0, len(content), PIECE_SIZE)
            ]
            assert await running.library.pieces(file) == b"".join(expected)
        song = running.heard.files[b"Share\\song.mp3"]
        assert (song.bitrate, song.frequency, song.duration) == (128, 44100, 15)
        report = running.library.report()
        assert report.files == len(contents)
        assert report.size == sum(map(len, contents.values()))


@pytest_twisted.ensureDeferred
async def test_all_is_accounted_for(tmp_path: Path, share: Path) -> None:
    """Shared plus refused is what is on disk; a fifo blocks nothing, a link leads nowhere."""
    (tmp_path / "outside").write_bytes(b"secret")
    (share / "inner").mkdir()
    (share / "inner" / "file").write_bytes(b"x")
    (share / "link").symlink_to(tmp_path / "outside")
    (share / "linked").symlink_to(tmp_path)
    (share / ".hidden").mkdir()
    (share / "inner" / "id_rsa").write_bytes(b"key")
    (share / "song.mp3.part").write_bytes(b"half")
    os.mkfifo(share / "fifo")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(share / "socket"))
        async with sharing(tmp_path, root(share)) as running:
            await running.until_shared(b"Share\\inner\\file")
            await running.settled()
            refused = {each.path for each in running.library.report().refusals}
    on_disk = {os.fsencode(each) for each in share.rglob("*")}
    assert (
        refused | {os.fsencode(share / "inner"), os.fsencode(share / "inner" / "file")} == on_disk
    )


@pytest_twisted.ensureDeferred
async def test_own_files_are_private(tmp_path: Path) -> None:
    """The folder with the peer's own state is not shared, even if it lies in a shared one."""
    state = tmp_path / "peer"
    state.mkdir()
    (tmp_path / "link").symlink_to(tmp_path)
    (state / "token").write_bytes(b"secret")
    (tmp_path / "file").write_bytes(b"x")
    settings = attrs.evolve(QUICK, private=(state, tmp_path / "not there"))
    async with sharing(state, root(tmp_path / "link", b"Share"), settings=settings) as running:
        await running.until_shared(b"Share\\file")
        await running.settled()
        assert running.reasons()[b"peer"] == PRIVATE


@pytest_twisted.ensureDeferred
async def test_many_files_in_one_folder(tmp_path: Path, share: Path) -> None:
    """A folder of more files than one slice is shared, renamed and withdrawn as a whole."""
    many = 2 * SLICE + 1
    (share / "many").mkdir()
    for number in range(many):
        (share / "many" / str(number)).write_bytes(b"x")
    async with sharing(tmp_path, root(share)) as running:
        await eventually(lambda: len(running.paths) == many)
        (share / "many").rename(share / "more")
        await eventually(
            lambda: len([path for path in running.paths if path.startswith(b"Share\\more")]) == many
        )
        shutil.rmtree(share / "more")
        await running.until_shared()
        report = running.library.report()
        assert (report.files, report.size, report.refused) == (0, 0, 0)


@pytest_twisted.ensureDeferred
async def test_restart_hashes_nothing(tmp_path: Path, share: Path, count_hashed: list[int]) -> None:
    """What was hashed once is shared at once by the next run."""
    for number in range(150):
        (share / f"{number}.bin").write_bytes(bytes(number))
    async with sharing(tmp_path, root(share)) as running:
        await eventually(lambda: len(running.paths) == 150)
        before = dict(running.heard.files)
    assert sorted(count_hashed) == list(range(150))
    async with sharing(tmp_path, root(share)) as running:
        await eventually(lambda: len(running.paths) == 150)
        assert running.heard.files == before
        file = before[b"Share\\149.bin"]
        assert await running.library.pieces(file) == blake3(bytes(149)).digest()
    assert len(count_hashed) == 150


@pytest_twisted.ensureDeferred
async def test_rescan_changes_nothing(tmp_path: Path, share: Path, count_hashed: list[int]) -> None:
    """Looking again at what did not change tells nobody anything."""
    for number in range(20):
        (share / str(number)).mkdir()
        (share / str(number) / "file").write_bytes(bytes(number))
    async with sharing(tmp_path, root(share)) as running:
        await eventually(lambda: len(running.paths) == 20)
        heard = list(running.heard.history)
        await running.library.rescan()
        await running.library.rescan()
        assert running.heard.history == heard
    assert len(count_hashed) == 20


@pytest_twisted.ensureDeferred
async def test_serves_only_what_was_hashed(tmp_path: Path, share: Path) -> None:
    """A file changed, replaced by a link or a fifo, or gone since, is refused, never sent."""
    (tmp_path / "outside").write_bytes(b"secret")

    def to_link(path: Path) -> None:
        path.unlink()
        path.symlink_to(tmp_path / "outside")

    def to_fifo(path: Path) -> None:
        path.unlink()
        os.mkfifo(path)

    def to_copy(path: Path) -> None:
        status = path.stat()
        path.rename(share / "kept")
        path.write_bytes((share / "kept").read_bytes())
        os.utime(path, ns=(status.st_atime_ns, status.st_mtime_ns))

    spoilers: list[tuple[Callable[[Path], object], type[Exception]]] = [
        (Path.unlink, FileGoneError),
        (to_link, FileGoneError),
        (to_fifo, FileGoneError),
        (to_copy, FileChangedError),
        (lambda path: path.write_bytes(b"other content"), FileChangedError),
        (lambda path: os.utime(path, ns=(0, 0)), FileChangedError),
        (lambda path: path.parent.rename(path.parent.with_name("gone")), FileGoneError),
    ]
    for number in range(len(spoilers)):
        (share / f"d{number}").mkdir()
        (share / f"d{number}" / "file").write_bytes(b"content")
    async with sharing(tmp_path, root(share)) as running:
        await eventually(lambda: len(running.paths) == len(spoilers))
        for number, (spoil, error) in enumerate(spoilers):
            file = running.library.find(b"Share\\d%d\\file" % number)
            assert file is not None
            opened = await running.library.open(file)
            spoil(share / f"d{number}" / "file")
            with pytest.raises(error, match=r"d\d\\file"):
                await running.library.open(file)
            opened.close()


@pytest_twisted.ensureDeferred
async def test_withdraws_what_it_could_not_open(tmp_path: Path, share: Path) -> None:
    """A folder on the way that became a link is noticed, and its files are withdrawn."""
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "file").write_bytes(b"secret")
    (share / "inner").mkdir()
    (share / "inner" / "file").write_bytes(b"x")
    async with sharing(tmp_path, root(share)) as running:
        await running.until_shared(b"Share\\inner\\file")
        file = running.heard.files[b"Share\\inner\\file"]
        (share / "inner").rename(tmp_path / "away")
        (share / "inner").symlink_to(tmp_path / "elsewhere")
        with pytest.raises(FileGoneError):
            await running.library.open(file)
        await running.until_shared()
        assert running.reasons() == {b"inner": "a symbolic link: links are not followed"}


@pytest_twisted.ensureDeferred
async def test_open_needs_a_share(tmp_path: Path, share: Path) -> None:
    """A file whose shared folder was taken out of the settings is gone."""
    (share / "file").write_bytes(b"x")
    async with sharing(tmp_path, root(share)) as running:
        await running.until_shared(b"Share\\file")
        file = running.heard.files[b"Share\\file"]
        await running.library.set_roots([])
        assert running.paths == set()
        with pytest.raises(FileGoneError, match="not shared any more"):
            await running.library.open(file)


@pytest_twisted.ensureDeferred
async def test_growing_while_hashed(
    tmp_path: Path, share: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that grows while it is hashed is not shared as it was; later it is, as it became."""
    (share / "log").write_bytes(bytes(2 * PIECE_SIZE))
    real, rounds = examine.hash_stream, []

    def grow(stream, size, on_piece):
        if not rounds:
            with (share / "log").open("ab") as file:
                file.write(b"more")
        rounds.append(size)
        return real(stream, size, on_piece)

    monkeypatch.setattr(examine, "hash_stream", grow)
    async with sharing(tmp_path, root(share)) as running:
        await eventually(lambda: rounds)
        await running.until_shared(b"Share\\log")
        assert running.heard.files[b"Share\\log"].size == 2 * PIECE_SIZE + 4
        assert running.heard.history == [("added", b"Share\\log")]
        assert len(await read(running, b"Share\\log")) == 2 * PIECE_SIZE + 4
    assert rounds == [2 * PIECE_SIZE, 2 * PIECE_SIZE + 4]


@pytest_twisted.ensureDeferred
async def test_unreadable_when_hashed(
    tmp_path: Path, share: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file on a bad part of the disk is refused with the system's words; others are shared."""
    (share / "bad").write_bytes(b"bad")
    (share / "good").write_bytes(b"good")
    real = examine.hash_stream

    def fail(stream, size, on_piece):
        if size == 3:
            raise OSError(5, os.strerror(5))
        return real(stream, size, on_piece)

    monkeypatch.setattr(examine, "hash_stream", fail)
    async with sharing(tmp_path, root(share)) as running:
        await running.until_shared(b"Share\\good")
        await eventually(
            lambda: running.reasons() == {b"bad": "cannot be read: Input/output error"}
        )


@pytest_twisted.ensureDeferred
async def test_broken_audio(tmp_path: Path, share: Path) -> None:
    """A broken song is shared with zeros, and the log names it once."""
    (share / "broken.flac").write_bytes(b"no sound")
    with capturedLogs() as logs:
        async with sharing(tmp_path, root(share)) as running:
            await running.until_shared(b"Share\\broken.flac")
            assert running.heard.files[b"Share\\broken.flac"].bitrate == 0
            await running.library.rescan()
        async with sharing(tmp_path, root(share)) as running:
            await running.until_shared(b"Share\\broken.flac")
    named = [event["path"] for event in logs if "without bit rate" in event["log_format"]]
    assert named == [str(share / "broken.flac")]


@pytest_twisted.ensureDeferred
async def test_memory_fails(
    tmp_path: Path, share: Path, monkeypatch: pytest.MonkeyPatch, logged_failures: list
) -> None:
    """When the database cannot be written, files are shared all the same and it is said."""
    (share / "file").write_bytes(b"x")
    async with sharing(tmp_path, root(share)) as running:

        def fail(*args: object) -> None:
            raise sqlite3.OperationalError("database or disk is full")

        monkeypatch.setattr("napster.peer.library.remember._learn", fail)
        await running.until_shared(b"Share\\file")
        with pytest.raises(LookupError):
            await running.library.pieces(running.heard.files[b"Share\\file"])
    assert ["disk is full" in str(event["log_failure"]) for event in logged_failures] == [True]
    logged_failures.clear()


@pytest_twisted.ensureDeferred
async def test_memory_cannot_be_read(
    tmp_path: Path,
    share: Path,
    monkeypatch: pytest.MonkeyPatch,
    logged_failures: list,
    count_hashed: list[int],
) -> None:
    """When the database cannot be read, files are hashed again rather than not shared."""
    (share / "file").write_bytes(b"x")

    def fail(*args: object) -> None:
        raise sqlite3.OperationalError("disk I/O error")

    for _ in range(2):
        async with sharing(tmp_path, root(share)) as running:
            await running.until_shared(b"Share\\file")
        monkeypatch.setattr("napster.peer.library.remember._recall", fail)
    assert ["disk I/O" in str(event["log_failure"]) for event in logged_failures] == [True]
    assert count_hashed == [1, 1]
    logged_failures.clear()


@pytest_twisted.ensureDeferred
async def test_failing_listener(tmp_path: Path, share: Path, logged_failures: list) -> None:
    """A listener that fails is logged, and the others hear all the same."""
    (share / "file").write_bytes(b"x")

    class Broken:
        def files_added(self, files):
            raise ValueError("broken listener")

        def files_removed(self, files):
            raise ValueError("broken listener")

    async with sharing(tmp_path) as running:
        running.library.subscribe(Broken())
        await running.library.set_roots([root(share)])
        await running.until_shared(b"Share\\file")
        await running.library.set_roots([])
        await running.until_shared()
    assert len(logged_failures) == 2
    logged_failures.clear()


@pytest_twisted.ensureDeferred
async def test_stop_while_hashing(
    tmp_path: Path, share: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stopping does not wait for a whole disk to be hashed, nor leave a thread behind."""
    for number in range(8):
        (share / str(number)).write_bytes(bytes(2 * PIECE_SIZE))
    reached, go_on = threading.Event(), threading.Event()
    real = examine.hash_stream

    def wait(stream, size, on_piece):
        reached.set()
        assert go_on.wait(10)
        return real(stream, size, on_piece)

    monkeypatch.setattr(examine, "hash_stream", wait)
    threads = threading.active_count()
    async with sharing(tmp_path, root(share)) as running:
        await eventually(reached.is_set)
        progress = running.library.progress()
        assert (progress.phase, progress.files_total) == (Phase.HASHING, 8)
        assert progress.bytes_total == 16 * PIECE_SIZE
        go_on.set()
    assert len(running.heard.files) < 8
    assert threading.active_count() == threads


@pytest_twisted.ensureDeferred
async def test_progress_in_the_log(
    tmp_path: Path, share: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While files are hashed the log says how far it is, and at the end that it is over."""
    monkeypatch.setattr(upkeep, "_LOG_INTERVAL", 0.05)
    for number in range(4):
        (share / str(number)).write_bytes(bytes(PIECE_SIZE))
    go_on = threading.Event()
    real = examine.hash_stream

    def wait(stream, size, on_piece):
        assert go_on.wait(10)
        return real(stream, size, on_piece)

    monkeypatch.setattr(examine, "hash_stream", wait)
    with capturedLogs() as logs:
        async with sharing(tmp_path, root(share)) as running:

            def lines() -> list[str]:
                return [str(formatEvent(event)) for event in logs]

            await eventually(
                lambda: any("0 of 4 files, 0 B of 4.00 MiB" in line for line in lines())
            )
            go_on.set()
            await eventually(
                lambda: "All files are hashed: 4 files of 4.00 MiB are shared" in lines()
            )
            said = len(lines())
            await deferLater(reactor, 0.2)
            assert len(lines()) == said
            progress = running.library.progress()
            assert (progress.files_done, progress.files_total) == (4, 4)
            assert progress.bytes_done == progress.bytes_total == 4 * PIECE_SIZE


@pytest_twisted.ensureDeferred
async def test_new_files_do_not_wait(
    tmp_path: Path, share: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """While big files keep the threads busy, a new small one is shared all the same."""
    for number in range(4):
        (share / f"big{number}").write_bytes(bytes(2 * PIECE_SIZE))
    go_on = threading.Event()
    real = examine.hash_stream

    def wait(stream, size, on_piece):
        if size >= PIECE_SIZE:
            assert go_on.wait(10)
        return real(stream, size, on_piece)

    monkeypatch.setattr(examine, "hash_stream", wait)
    async with sharing(tmp_path, root(share)) as running:
        await eventually(lambda: running.library.progress().phase is Phase.HASHING)
        (share / "small").write_bytes(b"x")
        await running.until_shared(b"Share\\small")
        go_on.set()
        await eventually(lambda: len(running.paths) == 5)


@pytest_twisted.ensureDeferred
async def test_permissions_taken_and_given(
    tmp_path: Path, share: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A file that may no longer be read is withdrawn, and shared again when it may."""

    def access(name, mode, *, dir_fd, **how):  # the tests may run as root, who may read all
        return os.stat(name, dir_fd=dir_fd).st_mode & 0o400

    monkeypatch.setattr(os, "access", access)
    (share / "file").write_bytes(b"x")
    async with sharing(tmp_path, root(share)) as running:
        await running.until_shared(b"Share\\file")
        (share / "file").chmod(0)
        await running.until_shared()
        (share / "file").chmod(0o600)
        await running.until_shared(b"Share\\file")


@pytest_twisted.ensureDeferred
async def test_two_folders(tmp_path: Path) -> None:
    """Each shared folder has its own name and figures; settings can change them while running."""
    one, two = tmp_path / "one", tmp_path / "two"
    for folder in (one, two):
        folder.mkdir()
        (folder / "file").write_bytes(os.fsencode(folder.name))
    async with sharing(tmp_path, root(one)) as running:
        await running.until_shared(b"one\\file")
        await running.library.set_roots([root(one), root(two, b"Zwei")])
        await running.until_shared(b"one\\file", b"Zwei\\file")
        assert await read(running, b"Zwei\\file") == b"two"
        await running.settled()
        names = [(each.name, each.state, each.files) for each in running.library.report().roots]
        assert names == [(b"one", RootState.READY, 1), (b"Zwei", RootState.READY, 1)]
        await running.library.set_roots([root(two, b"Deux")])
        await running.until_shared(b"Deux\\file")
        (two / "new").write_bytes(b"x")
        await running.until_shared(b"Deux\\file", b"Deux\\new")
