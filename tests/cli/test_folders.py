"""A user's files are found by their place, one or a whole folder of them."""

import attrs
import pytest
import pytest_twisted

from napster.cli.folders import each_offer, named, whole_folders
from napster.peer.api import FoundFile, NotFoundError, SearchPage, Source
from tests.peer.control.fake import ALICE, FakePeer


def offer(folder: str, name: str, md5: str = "") -> FoundFile:
    source = attrs.evolve(ALICE, path=f"\\{folder}\\{name}".encode(), folder=folder)
    return FoundFile(1, name, 5, 0, 0, 0, md5, (source,))


FILES = [
    offer("Music", "a.mp3"),
    offer("Music/Album", "1.mp3", "f" * 32),
    offer("Music/Album/CD 2", "1.mp3"),
    offer("Music/Album 2", "1.mp3"),
    offer("Other/Album", "1.mp3"),
    offer("", "root.txt"),
]


def peer() -> FakePeer:
    return FakePeer(page=SearchPage("alice", FILES, len(FILES), 1))


@pytest_twisted.ensureDeferred
async def test_folder_of_a_row() -> None:
    """A row's folder comes with what lies below it, under its own name, and nothing beside it."""
    found = await whole_folders(peer(), [FILES[1]])
    assert [(each.folder, each.name) for each in found] == [
        ("Album", "1.mp3"),
        ("Album/CD 2", "1.mp3"),
    ]


@pytest_twisted.ensureDeferred
async def test_folders_that_overlap() -> None:
    """A file that two rows' folders hold is asked for once."""
    found = await whole_folders(peer(), [FILES[1], FILES[2], FILES[1], FILES[3]])
    assert [each.folder for each in found] == ["Album", "Album/CD 2", "Album 2"]


@pytest_twisted.ensureDeferred
async def test_folder_at_the_top() -> None:
    """Files that lie in no folder come alone, into the downloads folder itself."""
    found = await whole_folders(peer(), [FILES[-1]])
    assert [(each.folder, each.name) for each in found] == [("", "root.txt")]


@pytest_twisted.ensureDeferred
async def test_folder_is_asked_of_the_rows_first_source() -> None:
    """The folder is that of whoever stands first in the row."""
    api = peer()
    other: Source = attrs.evolve(ALICE, nick="other")
    await whole_folders(api, [attrs.evolve(FILES[1], sources=(*FILES[1].sources, other))])
    assert api.calls == [("browse", "alice")]


@pytest.mark.parametrize(
    ("place", "path"),
    [
        ("Music/Album/1.mp3", b"\\Music/Album\\1.mp3"),
        ("\\Music\\Album\\1.mp3", b"\\Music/Album\\1.mp3"),
        ("root.txt", b"\\\\root.txt"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_named_file(place: str, path: bytes) -> None:
    """A file is found by its place, whichever way it is written."""
    (found,) = await named(peer(), "alice", place, folder=False)
    assert found.sources[0].path == path
    assert found.size == 5


@pytest_twisted.ensureDeferred
async def test_named_folder() -> None:
    """A folder is found by its place."""
    found = await named(peer(), "alice", "Music/Album/", folder=True)
    assert [each.folder for each in found] == ["Album", "Album/CD 2"]


@pytest.mark.parametrize("folder", [True, False])
@pytest_twisted.ensureDeferred
async def test_not_there(folder: bool) -> None:  # noqa: FBT001  # made by pytest
    """What a user does not share is said to be so."""
    with pytest.raises(NotFoundError, match="alice shares no"):
        await named(peer(), "alice", "Music/Alb", folder=folder)


def test_grouped_files_come_apart() -> None:
    """Two files of equal name and size keep their places, and neither gets the other's hash."""
    sources = (*FILES[1].sources, *FILES[4].sources)
    page = SearchPage("x", [attrs.evolve(FILES[1], sources=sources)], 2, 1)
    rows = list(each_offer(page))
    assert [row.sources[0].folder for row in rows] == ["Music/Album", "Other/Album"]
    assert {row.md5 for row in rows} == {""}
    assert next(each_offer(SearchPage("x", [FILES[1]], 1, 1))).md5 == "f" * 32
