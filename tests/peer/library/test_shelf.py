"""Names from the wire find the files they mean, and never more."""

from pathlib import Path

import pytest

from napster.peer.library.beneath import SharedTree, Stamp
from napster.peer.library.mounts import Mounts
from napster.peer.library.remember import Facts
from napster.peer.library.shared_file import SharedFile
from napster.peer.library.shelf import Shelves
from napster.peer.library.tags import Tags

from .helpers import root

PATHS: tuple[tuple[bytes, ...], ...] = (
    (b"top.mp3",),
    (b"Artist", b"Song.mp3"),
    (b"Artist", b"SONG.mp3"),
    (b"Artist", b"Other.mp3"),
    (b"ARTIST", b"Third.mp3"),
    (b"A\\B", b'say "hi".txt'),
    (b"latin\xe9", b"\xe9.txt"),
)


@pytest.fixture
def shelves() -> Shelves:
    shelves = Shelves([SharedTree(root(Path("/disk/Music")), Mounts(lambda: ""))])
    for number, (*folders, name) in enumerate(PATHS):
        (shelf,) = shelves
        folder = shelf.top
        for each in folders:
            folder = folder.folders.get(each) or folder.add_folder(each)
        folder.share(name, Stamp(number, 0, 0, number), Facts(bytes(16), Tags(), bytes(32)))
    return shelves


def find(shelves: Shelves, path: bytes) -> SharedFile | None:
    shelf = shelves.of_path(path)
    return None if shelf is None else shelf.find(path)


def test_exactly(shelves: Shelves) -> None:
    """Every file is found by its own path, also where others differ in case only."""
    (shelf,) = shelves
    files = [file for folder in shelf.top.walk() for file in folder.shared()]
    assert len(files) == len(PATHS)
    assert [find(shelves, file.path) for file in files] == files


def test_empty_folders(shelves: Shelves) -> None:
    """Those beside a file and its folders, the nearest first, the innermost of each other."""
    (shelf,) = shelves
    artist = shelf.top.folders[b"Artist"]
    artist.add_folder(b"Art").add_folder(b'"Big"')
    artist.add_folder(b"Hidden").refuse(b".secret", "hidden")
    artist.add_folder(b"Soon").expect(b"new.mp3", Stamp(1, 2, 3, 4))
    artist.add_folder(b"Full").add_folder(b"Inner").add_folder(b"Void")
    artist.folders[b"Full"].expect(b"new.mp3", Stamp(1, 2, 3, 4))
    shelf.top.add_folder(b"Other")
    told = list(shelf.empty_beside(b"Music\\Artist\\Song.mp3"))
    assert told == [b"Music\\Artist\\Art\\%22Big%22", b"Music\\Other"]
    assert list(shelf.empty_beside(b"Music\\top.mp3")) == [b"Music\\Other"]
    assert list(shelf.empty_beside(b"Music\\Gone\\Song.mp3")) == []


def test_very_many_empty_folders(shelves: Shelves) -> None:
    """Nobody is kept waiting while a million of them are looked at."""
    (shelf,) = shelves
    many = shelf.top.add_folder(b"Many")
    for number in range(1001):
        many.add_folder(b"%d" % number)
    assert list(shelf.empty_beside(b"Music\\top.mp3")) == []


@pytest.mark.parametrize(
    ("path", "size"),
    [
        (b"music\\TOP.MP3", 0),
        (b"MUSIC\\artist\\other.MP3", 3),
        (b"music\\artist\\third.mp3", 4),
        (b"music\\a%5cb\\say %22hi%22.TXT", 5),
        (b"music\\latin%e9\\%e9.txt", 6),
    ],
)
def test_without_case(shelves: Shelves, path: bytes, size: int) -> None:
    """Old servers change the case of paths: what can mean one file only is found."""
    found = find(shelves, path)
    assert found is not None
    assert found.size == size


@pytest.mark.parametrize(
    "path",
    [
        b"",
        b"\\",
        b"Music",
        b"Music\\",
        b"Music\\Artist",
        b"Music\\artist\\song.mp3",
        b"Other\\top.mp3",
        b"Music\\..\\Music\\top.mp3",
        b"Music\\Artist\\..\\top.mp3",
        b"Music\\.\\top.mp3",
        b"Music\\\\top.mp3",
        b"Music/top.mp3",
        b"/disk/Music/top.mp3",
        b"Music\\top.mp3\x00",
        b"Music\\%74op.mp3",
        b"Music\\A\\B\\say %22hi%22.txt",
        b"Music\\latin\xe9\\\xe9.txt",
    ],
)
def test_nothing_else(shelves: Shelves, path: bytes) -> None:
    """No other spelling, and no path of the disk, finds anything."""
    assert find(shelves, path) is None


def test_taken_out(shelves: Shelves) -> None:
    """What is no longer shared is not found."""
    (shelf,) = shelves
    place = shelf.top.place
    assert shelves.folder(place) is shelf.top
    shelves.remove(shelf)
    assert find(shelves, b"Music\\top.mp3") is None
    assert shelves.folder(place) is None
