"""The beginning and the end of a download on disk, restarts in between."""

import os
from pathlib import Path

import attrs
import pytest

from napster.peer.downloads.here import find_here
from napster.peer.downloads.ids import Ids
from napster.peer.downloads.lock import FolderError, FolderLock
from napster.peer.downloads.partial import PartialFile, Place
from napster.peer.downloads.record import Offer, Record, Stage, save
from napster.peer.downloads.restore import find_downloads
from napster.peer.downloads.settle import Shelf, remove, settle

RECORD = Record(7, "song.mp3", 7, "", (Offer("alice", b"x"),))


@pytest.fixture
def place(tmp_path: Path) -> Place:
    place = Place(tmp_path, "song.mp3")
    place.part.write_text("content")
    place.marks.write_bytes(b"")
    save(place, RECORD)
    return place


def names(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_settling_leaves_only_the_file(place: Place) -> None:
    """A complete file gets its name, and its working files go."""
    assert settle(place, RECORD) == place.folder / "song.mp3"
    assert names(place.folder) == {"song.mp3"}


def test_settling_overwrites_nothing(place: Place) -> None:
    """If the name has been taken meanwhile, the next free one is given."""
    (place.folder / "song.mp3").write_text("mine")
    (place.folder / "song (2).mp3").mkdir()
    assert settle(place, RECORD) == place.folder / "song (3).mp3"
    assert (place.folder / "song.mp3").read_text() == "mine"
    assert (place.folder / "song (3).mp3").read_text() == "content"


def as_killed(place: Place, step: int) -> None:
    """Leave the disk as a daemon killed after so many steps of settling does."""
    save(place, attrs.evolve(RECORD, stage=Stage.COMPLETE, verified="head checked"))
    target = place.folder / "song (2).mp3"
    steps = [
        lambda: os.link(place.part, target),
        place.part.unlink,
        place.marks.unlink,
        lambda: save(place, RECORD),
    ]
    for action in steps[:step]:
        action()


@pytest.mark.parametrize("step", [0, 1, 2, 3])
def test_a_kill_while_settling_neither_loses_nor_doubles_the_file(place: Place, step: int) -> None:
    """From every state on the way to the saved file a restart ends at one whole file."""
    (place.folder / "song.mp3").write_text("mine")
    as_killed(place, step)
    found = find_downloads(place.folder)
    assert names(place.folder) == {"song.mp3", "song (2).mp3"}
    assert (place.folder / "song (2).mp3").read_text() == "content"
    assert not found.problems
    assert [each.saved for each in found.downloads] == (
        [place.folder / "song (2).mp3"] if step < 2 else []
    )


def test_restoring(place: Place, tmp_path: Path) -> None:
    """Records are found in all folders below, in the order of their numbers."""
    (tmp_path / "album").mkdir()
    deeper = Place(tmp_path / "album", "two.mp3")
    save(deeper, attrs.evolve(RECORD, id=3, name="two.mp3"))
    place.spare.write_text("left by a kill while the record was written")
    part = PartialFile(place)
    part.open()
    part.write(3 << 20, memoryview(b"content"))
    part.close()
    found = find_downloads(tmp_path)
    assert [(each.record.id, each.place, each.size) for each in found.downloads] == [
        (3, deeper, 0),
        (7, place, 7),
    ]
    assert not place.spare.exists()


def test_bad_records_do_not_hinder_the_others(place: Place, tmp_path: Path) -> None:
    """What cannot be read is named in a sentence; the rest goes on."""
    (tmp_path / "bad.part.napster").write_text("{}")
    (tmp_path / "new.part.napster").write_text('{"version": 99}')
    found = find_downloads(tmp_path)
    assert [each.record.id for each in found.downloads] == [7]
    assert len(found.problems) == 2
    assert {"bad.part.napster", "new.part.napster"} <= names(tmp_path)


def test_a_missing_folder_is_an_error(tmp_path: Path) -> None:
    """A downloads folder that cannot be read is not an empty one."""
    with pytest.raises(FileNotFoundError):
        find_downloads(tmp_path / "gone")


def test_removing(place: Place) -> None:
    """Removing takes all working files, and may be repeated."""
    remove(place)
    remove(place)
    assert names(place.folder) == set()


def reserved(shelf: Shelf, name: str, *folders: str) -> str:
    folder = shelf.folder_for("", folders)
    place, record = shelf.reserve(folder, attrs.evolve(RECORD, name=name))
    assert place.record.exists()
    return os.path.relpath(place.folder / record.name, shelf.folder)


def test_reserving_names(tmp_path: Path) -> None:
    """No two downloads get one name, nor that of a file, also by case or normal form."""
    shelf = Shelf(tmp_path)
    (tmp_path / "Café.mp3").write_text("mine")
    (tmp_path / "left.part").write_text("somebody's")
    assert reserved(shelf, "café.MP3") == "café (2).MP3"
    assert reserved(shelf, "CAFE\N{COMBINING ACUTE ACCENT}.mp3") == (
        "CAFE\N{COMBINING ACUTE ACCENT} (3).mp3"
    )
    assert reserved(shelf, "left") == "left (2)"
    assert reserved(shelf, "one") == "one"
    (tmp_path / "two").write_text("somebody's, a moment ago")
    os.utime(tmp_path, ns=(1, 1))
    assert reserved(shelf, "TWO") == "TWO (2)"
    assert reserved(shelf, "café.MP3", "album") == "album/café.MP3"


def test_reserving_the_longest_names(tmp_path: Path) -> None:
    """A name of 255 bytes is kept for the file; the working files get shorter ones."""
    shelf = Shelf(tmp_path)
    name = "x" * 251 + ".mp3"
    place, record = shelf.reserve(tmp_path, attrs.evolve(RECORD, name=name))
    assert record.name == name
    place.part.write_text("content")
    assert settle(place, record).name == name


def test_a_disk_of_short_names(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a disk takes shorter names, as encrypted ones do, they are cut to fit."""
    monkeypatch.setattr(os, "pathconf", lambda *_: 143)
    place, record = Shelf(tmp_path).reserve(tmp_path, attrs.evolve(RECORD, name="x" * 200 + ".mp3"))
    assert record.name == "x" * 139 + ".mp3"
    assert record.renamed.startswith("the disk has no room for the whole name xxx")
    assert len(place.record.name) == 143
    (tmp_path / record.name).write_text("mine")
    place.part.write_text("content")
    assert settle(place, record).name == "x" * 135 + " (2).mp3"
    assert find_here(tmp_path, attrs.evolve(RECORD, name="x" * 200 + ".mp3")) is not None


def test_reserving_a_folder_that_is_a_file(tmp_path: Path) -> None:
    """A file in the place of a folder is an error, not overwritten."""
    (tmp_path / "album").write_text("mine")
    with pytest.raises(OSError, match="album"):
        Shelf(tmp_path).folder_for("", ["album"])
    assert (tmp_path / "album").read_text() == "mine"


def test_numbers_are_given_once(tmp_path: Path) -> None:
    """Numbers go on after a restart, also if the downloads that had them are gone."""
    ids = Ids(tmp_path)
    ids.load(0)
    assert [ids.next(), ids.next()] == [1, 2]
    again = Ids(tmp_path)
    again.load(0)
    assert again.next() == 3
    again.load(40)
    assert again.next() == 41


@pytest.mark.parametrize("garbage", [b"", b"x", b"\xff\xfe"])
def test_a_damaged_count_is_made_good(tmp_path: Path, garbage: bytes) -> None:
    """Without the count, numbers go on behind the highest one in use."""
    (tmp_path / "last-download").write_bytes(garbage)
    ids = Ids(tmp_path)
    ids.load(9)
    assert ids.next() == 10


def test_one_daemon_in_a_folder(tmp_path: Path) -> None:
    """A second daemon is refused in a sentence until the first has gone."""
    folder = tmp_path / "new" / "downloads"
    lock = FolderLock(folder)
    with pytest.raises(FolderError, match="another peer downloads into this folder"):
        FolderLock(folder)
    lock.release()
    FolderLock(folder).release()


def test_an_unusable_folder(tmp_path: Path) -> None:
    """A file in the place of the downloads folder is named in a sentence."""
    (tmp_path / "file").write_text("x")
    with pytest.raises(FolderError, match="cannot be the downloads folder: "):
        FolderLock(tmp_path / "file")
    with pytest.raises(FolderError, match="cannot be the downloads folder: "):
        FolderLock(tmp_path / "file" / "below")


def test_a_read_only_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder nobody may write to is refused at once, not at the first download."""
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(FolderError, match="read-only"):
        FolderLock(tmp_path)
