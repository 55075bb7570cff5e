"""A listing accounts for every name in a folder."""

import os
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from napster.peer.library.names import MAX_PATH
from napster.peer.library.presence import Presence, inspect
from napster.peer.library.rules import HIDDEN, LINK, TOO_LONG, Rules
from napster.peer.library.scan import SLICE, Listing, Scanner, Unreadable
from napster.peer.library.shelf import RootState

from .helpers import STRANGE_NAMES, place, unprivileged

SCANNER = Scanner(Rules(), lambda place, folder: 7)


@pytest.fixture
def public() -> Iterator[Path]:
    """Make a folder that another user can enter, which tmp_path is not."""
    folder = Path(tempfile.mkdtemp())
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder)


def names(listing: Listing | Unreadable) -> set[bytes]:
    assert isinstance(listing, Listing)
    found = [*listing.files, *listing.folders, *listing.refused]
    assert len(found) == len(set(found)) == listing.size()
    return set(found)


def test_strange_names(tmp_path: Path) -> None:
    """Every name a disk can hold is found, byte by byte."""
    for name in STRANGE_NAMES:
        (tmp_path / os.fsdecode(name)).write_bytes(name)
    listing = SCANNER.list_folder(place(tmp_path))
    assert names(listing) == set(listing.files) == set(STRANGE_NAMES)
    assert listing.files[b"x" * 255].size == 255
    assert listing.watch == 7


def test_all_is_accounted_for(tmp_path: Path) -> None:
    """Files, folders and refusals together are what the folder holds."""
    (tmp_path / "file").write_bytes(b"x")
    (tmp_path / "folder").mkdir()
    (tmp_path / ".hidden").write_bytes(b"x")
    (tmp_path / "link").symlink_to("file")
    (tmp_path / "dangling").symlink_to("nowhere")
    os.mkfifo(tmp_path / "fifo")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        listing = SCANNER.list_folder(place(tmp_path))
    assert names(listing) == {os.fsencode(each.name) for each in tmp_path.iterdir()}
    assert (list(listing.files), listing.folders) == ([b"file"], [b"folder"])
    assert listing.refused == {
        b".hidden": HIDDEN,
        b"link": LINK,
        b"dangling": LINK,
        b"fifo": "a named pipe, not a file",
        b"socket": "a socket, not a file",
    }


def test_unreadable(public: Path) -> None:
    """A file or folder whose rights forbid reading is refused with the system's reason."""
    (public / "file").write_bytes(b"x")
    (public / "file").chmod(0)
    (public / "folder").mkdir(mode=0)
    (public / "unsearchable").mkdir(mode=0o744)
    (public / "fine").write_bytes(b"x")
    with unprivileged():
        listing = SCANNER.list_folder(place(public))
        inner = SCANNER.list_folder(place(public, b"folder"))
    assert list(listing.files) == [b"fine"]
    assert set(listing.refused) == {b"file", b"folder", b"unsearchable"}
    assert set(listing.refused.values()) == {"cannot be read: Permission denied"}
    assert inner == Unreadable(place=inner.place, reason="cannot be read: Permission denied")


def test_presence(public: Path) -> None:
    """A shared folder is there, empty or not, or missing, or not to be read."""
    here = place(public).tree
    status = public.stat()
    assert inspect(here) == Presence(RootState.READY, (status.st_dev, status.st_ino), is_empty=True)
    (public / "file").write_bytes(b"x")
    assert inspect(here) == Presence(RootState.READY, (status.st_dev, status.st_ino))
    assert inspect(place(public / "file").tree) == Presence(RootState.MISSING)
    assert inspect(place(public / "missing").tree) == Presence(RootState.MISSING)
    public.chmod(0)
    with unprivileged():
        assert inspect(here) == Presence(RootState.UNREADABLE)


def test_gone(tmp_path: Path) -> None:
    """A folder that vanished, or became a link, is gone without a reason."""
    (tmp_path / "link").symlink_to(tmp_path)
    for name in (b"missing", b"link"):
        where = place(tmp_path, name)
        assert SCANNER.list_folder(where) == Unreadable(where, None)


def test_some_names(tmp_path: Path) -> None:
    """Only the names asked for are looked at; those that are not there are left out."""
    for name in ("a", "b", "c"):
        (tmp_path / name).write_bytes(b"x")
    asked = frozenset({b"a", b"z"})
    listing = SCANNER.list_folder(place(tmp_path), asked)
    assert names(listing) == {b"a"}
    assert listing.looked_at == asked


def test_path_too_long(tmp_path: Path) -> None:
    """What would not fit into a frame is refused, file and folder alike; the longest fits."""
    name = b"%" * 255  # each becomes three bytes
    deep = place(tmp_path, *[name] * 2)
    folder = Path(os.fsdecode(deep.path_of()))
    folder.mkdir(parents=True)
    room = MAX_PATH - len(deep.virtual_path()) - 1
    fits, too_long = b"f" * room, b"g" * (room + 1)
    (folder / os.fsdecode(fits)).write_bytes(b"")
    (folder / os.fsdecode(too_long)).write_bytes(b"")
    (folder / ("h" * (room + 1))).mkdir()
    listing = SCANNER.list_folder(deep)
    assert list(listing.files) == [fits]
    assert listing.refused == {too_long: TOO_LONG, b"h" * (room + 1): TOO_LONG}
    assert len(deep.virtual_path(fits)) == MAX_PATH


def test_slices(tmp_path: Path) -> None:
    """Folders are read until enough was seen, at least one."""
    places = []
    for number in range(4):
        (tmp_path / str(number)).mkdir()
        places.append(place(tmp_path, str(number).encode()))
        for file in range(SLICE // 2):
            (tmp_path / str(number) / str(file)).write_bytes(b"")
    assert len(SCANNER.list_some(places)) == 2
    assert len(SCANNER.list_some([place(tmp_path, b"missing"), *places])) == 3
