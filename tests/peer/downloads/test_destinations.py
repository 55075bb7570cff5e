"""Where downloads go: chosen folders, names that are taken, files that are here already."""

import hashlib
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from twisted.logger import capturedLogs

from napster.peer.api import ApiError, BadRequestError, DownloadState
from napster.peer.downloads.elsewhere import Elsewhere
from napster.peer.downloads.settle import Shelf
from napster.peer.uploads.talk import SEGMENT_PAUSE
from tests.peer.downloads.helpers import World, content, now, source_of, wanted_of

DATA = content(700_000)
MD5 = hashlib.md5(DATA[:299_008]).hexdigest()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    """Play a daemon that may also save in another folder."""
    (tmp_path / "music").mkdir()
    world = World(tmp_path, destinations=[tmp_path / "music"])
    yield world
    world.stop()


def test_a_chosen_folder(world: World) -> None:
    """A file goes to the folder that was named, which is made where it is missing."""
    to = world.state / "music" / "new"
    number = world.add(wanted_of(DATA, to=str(to), folder="Album"))
    world.answer(DATA)
    assert world.status(number).saved == str(to / "Album" / "song.mp3")
    assert world.status(number).folder == str(to / "Album")
    assert (to / "Album" / "song.mp3").read_bytes() == DATA
    assert world.files() == []


def test_a_relative_folder_is_below_the_downloads(world: World) -> None:
    """Without a leading slash a folder is one of the downloads folder."""
    number = world.add(wanted_of(b"x", to="a/b", folder="c"))
    world.answer(b"x")
    assert world.status(number).saved == str(world.folder / "a" / "b" / "c" / "song.mp3")


@pytest.mark.parametrize("to", ["/", "/etc", "..", "../musical", "link", "../music/.."])
def test_forbidden_folders(world: World, to: str) -> None:
    """What the options do not name is refused, whichever way it is written."""
    (world.folder / "link").symlink_to("/")
    with pytest.raises(BadRequestError, match="outside of the downloads folder and of what"):
        now(world.downloads.add(wanted_of(b"x", to=to)))


def test_received_names_stay_below_a_chosen_folder(world: World) -> None:
    """Names from the network are as harmless there as in the downloads folder."""
    to = world.state / "music"
    (to / "out").symlink_to(world.state)
    with pytest.raises(BadRequestError, match="symbolic link leads out"):
        now(world.downloads.add(wanted_of(b"x", to=str(to), folder="out")))
    number = world.add(wanted_of(b"x", to=str(to), folder="../.."))
    world.answer(b"x")
    assert world.status(number).saved == str(to / "unnamed" / "unnamed" / "song.mp3")


def test_a_chosen_folder_whose_disk_is_not_there(world: World) -> None:
    """A folder named in the options that is missing is not made: its disk may not be mounted."""
    (world.state / "music").rmdir()
    with pytest.raises(ApiError, match=r"cannot be saved: .*music.*: No such file or directory"):
        now(world.downloads.add(wanted_of(b"x", to=str(world.state / "music" / "new"))))
    assert not (world.state / "music").exists()


@pytest.mark.parametrize("end", ["stop", "kill"])
def test_a_restart_finds_what_goes_elsewhere(world: World, end: str) -> None:
    """A download into another folder goes on after a stop, and after a kill."""
    number = world.add(wanted_of(DATA, to=str(world.state / "music" / "new")))
    world.source.send(b"1")
    world.tick(SEGMENT_PAUSE)
    world.source.send(b"700000" + DATA[:300_000])
    world.tick(1)
    getattr(world, end)()
    world.restart()
    assert world.status(number).done == 300_000
    world.answer_rest(DATA)
    assert world.state_of(number) is DownloadState.DONE
    assert (world.state / "music" / "new" / "song.mp3").read_bytes() == DATA
    world.stop()
    world.restart()
    assert Elsewhere(world.state, world.folder).load() == []


def test_another_folder_that_is_gone_at_the_start(world: World) -> None:
    """A folder that cannot be read is told, remembered, and taken up once it is back."""
    number = world.add(wanted_of(DATA, to=str(world.state / "music")))
    world.stop()
    (world.state / "music").rename(world.state / "unplugged")
    world.restart()
    (problem,) = world.downloads.problems
    assert "music: cannot be read: No such file or directory; downloads that go there" in problem
    assert world.downloads.list() == []
    world.stop()
    (world.state / "unplugged").rename(world.state / "music")
    world.restart()
    assert world.downloads.problems == []
    assert world.state_of(number) is DownloadState.CONNECTING


def test_other_folders_outlive_a_damaged_list(tmp_path: Path) -> None:
    """Whatever stands in the list, the daemon starts; names that are no UTF-8 are kept."""
    odd = tmp_path / os.fsdecode(b"\xff")
    elsewhere = Elsewhere(tmp_path, tmp_path / "downloads")
    elsewhere.add(odd)
    elsewhere.add(tmp_path / "downloads" / "inside")
    assert Elsewhere(tmp_path, tmp_path).load() == [odd]
    for damage in (b"", b"{", b"7", b"[7]", b'["\\u1234"]'):
        (tmp_path / "download-folders.json").write_bytes(damage)
        assert Elsewhere(tmp_path, tmp_path).load() == []


@pytest.mark.parametrize(
    ("taken", "path", "name", "why"),
    [
        ("song.mp3", b"song.mp3", "song (2).mp3", "song.mp3 is there already"),
        ("SONG.mp3", b"song.mp3", "song (2).mp3", "SONG.mp3 is there already, which differs in c"),
        (
            "Caf\N{LATIN SMALL LETTER E WITH ACUTE}",
            "Cafe\N{COMBINING ACUTE ACCENT}".encode(),
            "Cafe\N{COMBINING ACUTE ACCENT} (2)",
            "is there already, its accents written another way",
        ),
        ("x", b"a:b", "a_b", "its source calls it a:b"),
        ("x", b".bashrc", "_.bashrc", "its source calls it .bashrc"),
        ("x", b"n" * 300 + b".mp3", "n" * 251 + ".mp3", "its source calls it nnnn"),
        ("x", b"song.mp3", "song.mp3", ""),
    ],
)
def test_another_name_is_explained(
    world: World, taken: str, path: bytes, name: str, why: str
) -> None:
    """Whoever finds a file under another name than expected is told why, also in the log."""
    (world.folder / taken).write_text("mine")
    with capturedLogs() as logs:
        number = world.add(wanted_of(DATA, sources=[source_of(path=path)]))
    status = world.status(number)
    assert status.name == name
    assert status.renamed.startswith(why) if why.startswith("its") else why in status.renamed
    assert bool(status.renamed) is bool(why)
    assert any(status.renamed in log.get("why", "") for log in logs)
    world.stop()
    world.restart()
    assert world.status(number).renamed == status.renamed


def test_two_downloads_of_one_name(world: World) -> None:
    """The second of two under way says that the first has the name."""
    world.add(wanted_of(DATA, sources=[source_of(path=b"a\\song.mp3")]))
    number = world.add(wanted_of(DATA, sources=[source_of(path=b"b\\SONG.mp3")]))
    assert world.status(number).name == "SONG (2).mp3"
    assert world.status(number).renamed == "another download is called SONG.mp3"


def test_a_name_taken_meanwhile_is_explained(world: World) -> None:
    """So is a name that was lost while the file came."""
    number = world.add(wanted_of(DATA))
    (world.folder / "song.mp3").write_text("mine")
    world.answer(DATA)
    assert world.status(number).renamed == "song.mp3 was taken by another file meanwhile"


@pytest.mark.parametrize("md5", ["", MD5])
def test_what_is_here_is_not_fetched_again(world: World, md5: str) -> None:
    """A file of that name, size and head is told as done at once, also after a restart."""
    world.add(wanted_of(DATA, md5=md5, folder="Al"))
    world.answer(DATA)
    world.stop()
    world.restart()
    number = world.add(wanted_of(DATA, md5=md5, folder="Al"))
    status = world.status(number)
    assert (status.state, status.reason) == (DownloadState.DONE, "it was here already")
    assert status.verified == ("head checked" if md5 else "cannot be checked")
    assert status.saved == str(world.folder / "Al" / "song.mp3")
    assert world.dialer.sources == []


def test_what_is_here_under_a_number(world: World) -> None:
    """A file that had to take a numbered name is found there."""
    for other in ("song.mp3", "song (3).mp3"):
        (world.folder / other).write_text("mine")
    (world.folder / "song (2).mp3").write_bytes(DATA)
    number = world.add(wanted_of(DATA, md5=MD5))
    assert world.status(number).saved == str(world.folder / "song (2).mp3")


def test_what_only_looks_alike_is_fetched(world: World) -> None:
    """A file of another size or head, a folder and a link are not what is wanted."""
    (world.folder / "song.mp3").write_bytes(content(700_000, seed=2))
    (world.folder / "song (2).mp3").write_bytes(DATA + b"x")
    (world.folder / "song (3).mp3").mkdir()
    (world.state / "copy").write_bytes(DATA)
    (world.folder / "song (4).mp3").symlink_to(world.state / "copy")
    number = world.add(wanted_of(DATA, md5=MD5))
    assert world.state_of(number) is DownloadState.CONNECTING
    assert world.status(number).name == "song (5).mp3"


def test_a_saved_file_can_be_wanted_again(world: World) -> None:
    """Who insists gets the file once more, beside the first."""
    for _ in range(2):
        world.add(wanted_of(b"x", again=True))
        world.answer(b"x")
    assert world.files() == ["song (2).mp3", "song.mp3"]


def test_folders_are_made_for_those_who_may_read(tmp_path: Path) -> None:
    """Folders made on the way to a chosen one can be entered by whoever may read the files."""
    Shelf(tmp_path / "downloads", (tmp_path,)).folder_for(str(tmp_path / "a" / "b"), ["c"])
    assert {each.stat().st_mode & 0o777 for each in tmp_path.rglob("*")} == {0o755}
