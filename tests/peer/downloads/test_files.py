"""Files that outlive a crash."""

import errno
import os
from pathlib import Path

import pytest

from napster.peer.downloads.files import (
    make_folders,
    move_new,
    same_file,
    sync_files,
    write_whole,
)


@pytest.fixture(params=["hard links", "no hard links"])
def _disk(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_args: object, **_options: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    if request.param == "no hard links":
        monkeypatch.setattr(os, "link", refuse)


@pytest.mark.usefixtures("_disk")
def test_a_file_gets_a_free_name(tmp_path: Path) -> None:
    """Moving leaves one file, under the new name."""
    (tmp_path / "a").write_text("content")
    move_new(tmp_path / "a", tmp_path / "b")
    assert [path.name for path in tmp_path.iterdir()] == ["b"]
    assert (tmp_path / "b").read_text() == "content"


@pytest.mark.usefixtures("_disk")
def test_a_taken_name_is_left_alone(tmp_path: Path) -> None:
    """Moving never replaces a file, on any disk."""
    (tmp_path / "a").write_text("new")
    (tmp_path / "b").write_text("old")
    with pytest.raises(FileExistsError):
        move_new(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "a").read_text() == "new"
    assert (tmp_path / "b").read_text() == "old"


@pytest.mark.usefixtures("_disk")
def test_a_dangling_link_is_a_taken_name(tmp_path: Path) -> None:
    """A symbolic link to nowhere is neither replaced nor followed."""
    (tmp_path / "a").write_text("new")
    (tmp_path / "b").symlink_to(tmp_path / "nowhere")
    with pytest.raises(FileExistsError):
        move_new(tmp_path / "a", tmp_path / "b")
    assert not (tmp_path / "nowhere").exists()


def test_other_errors_come_through(tmp_path: Path) -> None:
    """A missing file is not mistaken for a disk without hard links."""
    with pytest.raises(FileNotFoundError):
        move_new(tmp_path / "a", tmp_path / "b")
    assert not (tmp_path / "b").exists()


def test_a_placeholder_does_not_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """If the move over the placeholder fails, no empty file pretends to be the download."""

    def refuse(*_args: object, **_options: object) -> None:
        raise OSError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)
    with pytest.raises(FileNotFoundError):
        move_new(tmp_path / "a", tmp_path / "b")
    assert not (tmp_path / "b").exists()


def test_writing_whole(tmp_path: Path) -> None:
    """The new content replaces the old, and the spare name is gone."""
    path, spare = tmp_path / "record", tmp_path / "spare"
    path.write_text("old")
    spare.write_text("left by a crash")
    write_whole(path, spare, b"new")
    assert path.read_text() == "new"
    assert not spare.exists()


def test_folders_with_a_mode(tmp_path: Path) -> None:
    """Folders are made with the mode asked for, whatever the umask."""
    before = os.umask(0o077)
    try:
        make_folders(tmp_path / "a" / "b", tmp_path, 0o755)
        make_folders(tmp_path / "a" / "b", tmp_path, 0o755)
    finally:
        os.umask(before)
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o755
    assert (tmp_path / "a" / "b").stat().st_mode & 0o777 == 0o755


def test_same_file(tmp_path: Path) -> None:
    """Two names of one file are known as such; a missing one is no error."""
    one, other = tmp_path / "a", tmp_path / "b"
    assert not same_file(one, other)
    one.write_text("x")
    os.link(one, other)
    assert same_file(one, other)


def test_files_that_are_gone_need_no_sync(tmp_path: Path) -> None:
    """A download may be over before its wish is synced; there may be none at all."""
    (tmp_path / "here").write_bytes(b"x")
    sync_files([tmp_path / "here", tmp_path / "gone"])
    sync_files([])
