"""Downloads onto disks that are full or gone."""

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from twisted.logger import capturedLogs

from napster.peer.api import ApiError, DownloadState
from napster.peer.arrange import OfflineError, QueuedError
from napster.peer.downloads import download
from napster.peer.uploads.talk import SEGMENT_PAUSE
from tests.peer.downloads.helpers import World, content, now, source_of, wanted_of

DATA = content(700_000)


def test_a_full_disk_blocks_with_both_figures(world: World) -> None:
    """What does not fit is not begun; the download says what it needs and goes on by itself."""
    world.free = 1_500_000
    number = world.add(wanted_of(DATA))
    status = world.status(number)
    assert status.state is DownloadState.BLOCKED
    assert "needs 684 KiB more and 1.43 MiB are free" in status.reason
    assert world.arranger.calls == []
    world.free = 10_000_000
    world.tick(11)
    world.answer(DATA)
    assert world.state_of(number) is DownloadState.DONE


def test_room_is_promised_once(world: World) -> None:
    """Two downloads that fit one by one, but not together, run one after the other."""
    world.free = 2_000_000
    first = world.add(wanted_of(DATA, sources=[source_of(path=b"1")]))
    second = world.add(wanted_of(DATA, sources=[source_of(path=b"2")]))
    assert world.state_of(first) is DownloadState.CONNECTING
    assert world.state_of(second) is DownloadState.BLOCKED
    assert "of which other downloads need 684 KiB" in world.status(second).reason
    world.answer(DATA)
    world.tick(11)
    assert world.state_of(second) is DownloadState.CONNECTING


def test_a_disk_that_fills_up_while_writing(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that runs full under a download blocks it; nothing that was saved is lost."""
    number = world.add(wanted_of(DATA))
    world.source.send(b"1")
    world.tick(SEGMENT_PAUSE)
    world.source.send(b"700000" + DATA[:300_000])
    world.tick(1)

    def refuse(*_args: object) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "pwrite", refuse)
        world.source.send(DATA[300_000:])
        world.tick(1)
        status = world.status(number)
        assert status.state is DownloadState.BLOCKED
        assert "it needs 391 KiB more and 1.00 PiB are free" in status.reason
        assert world.source.dropped
    world.tick(11)
    world.source.send(b"1")
    world.tick(SEGMENT_PAUSE)
    assert world.asked_offset() == 300_000 - 65_536
    world.source.send(b"700000" + DATA[world.asked_offset() :])
    world.source.close()
    world.tick()
    assert world.state_of(number) is DownloadState.DONE
    assert (world.folder / "song.mp3").read_bytes() == DATA


def test_a_file_too_big_for_the_disk(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a disk can never hold fails at once instead of being tried for ever."""
    number = world.add(wanted_of(DATA))

    def refuse(*_args: object) -> int:
        raise OSError(errno.EFBIG, "File too large")

    monkeypatch.setattr(os, "pwrite", refuse)
    world.answer(DATA)
    status = world.status(number)
    assert status.state is DownloadState.FAILED
    assert "cannot be saved here: File too large" in status.reason


def test_a_folder_that_vanishes(world: World) -> None:
    """A downloads folder that is gone blocks its downloads and names what is missing."""
    world.arranger.answers["alice"] = QueuedError("slots are taken", 1)
    number = world.add(wanted_of(DATA, folder="album"))
    (world.folder / "album").rename(world.state / "elsewhere")
    world.tick(15)
    status = world.status(number)
    assert status.state is DownloadState.BLOCKED
    assert "No such file or directory" in status.reason
    (world.state / "elsewhere").rename(world.folder / "album")
    del world.arranger.answers["alice"]
    world.tick(15)
    world.answer(DATA)
    assert world.state_of(number) is DownloadState.DONE


def test_a_record_that_cannot_be_written(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record that the disk refuses is logged; the download goes on."""

    def refuse(*_args: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    world.arranger.answers["alice"] = QueuedError("slots are taken", 1)
    number = world.add(wanted_of(DATA))
    world.arranger.answers["alice"] = OfflineError("alice is not online")
    with monkeypatch.context() as patch, capturedLogs() as logs:
        patch.setattr(download, "save", refuse)
        world.tick(1)
    assert any("record cannot be written" in log["log_format"] for log in logs)
    del world.arranger.answers["alice"]
    world.tick(15)
    world.answer(DATA)
    assert world.state_of(number) is DownloadState.DONE


def test_a_full_state_folder(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A download that gets no number is refused with the name of the file there is no room for."""

    def refuse(*_args: object, **_more: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(Path, "write_text", refuse)
        with pytest.raises(ApiError, match=r"cannot be saved: .*last-download: No space left"):
            now(world.downloads.add(wanted_of(DATA)))
    number = world.add(wanted_of(DATA))
    world.answer(DATA)
    assert world.state_of(number) is DownloadState.DONE


def test_a_downloads_folder_that_is_removed(world: World) -> None:
    """What is wanted then is refused with the reason, the status tells it, and nothing is made."""
    world.arranger.answers["alice"] = QueuedError("slots are taken", 1)
    number = world.add(wanted_of(DATA))
    world.folder.rename(world.state / "elsewhere")
    with pytest.raises(ApiError, match=r"cannot be saved: .*downloads: No such file or directory"):
        now(world.downloads.add(wanted_of(DATA, sources=[source_of("bob")])))
    world.tick(15)
    (problem,) = world.downloads.problems
    assert problem.startswith("1 download is blocked: ")
    assert "No such file or directory; it goes on by itself once that is mended" in problem
    assert not world.folder.exists()
    (world.state / "elsewhere").rename(world.folder)
    del world.arranger.answers["alice"]
    world.tick(15)
    world.answer(DATA)
    assert world.state_of(number) is DownloadState.DONE
    assert world.downloads.problems == []


def test_a_disk_that_turns_read_only(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A disk that nothing can be written to any more blocks its downloads, and says so."""
    world.arranger.answers["alice"] = QueuedError("slots are taken", 1)
    numbers = [world.add(wanted_of(DATA, sources=[source_of(path=b"%d" % n)])) for n in range(2)]
    real = os.open

    def refuse(path: Any, flags: int, *more: Any) -> int:
        if flags & os.O_RDWR:
            raise OSError(errno.EROFS, "Read-only file system", os.fspath(path))
        return real(path, flags, *more)

    with monkeypatch.context() as patch:
        patch.setattr(os, "open", refuse)
        world.tick(15)
        assert {world.state_of(each) for each in numbers} == {DownloadState.BLOCKED}
        assert world.downloads.problems[0].startswith("2 downloads are blocked: ")
    del world.arranger.answers["alice"]
    world.tick(15)
    assert {world.state_of(each) for each in numbers} == {DownloadState.CONNECTING}
