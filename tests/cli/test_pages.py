"""The last search of a terminal is its own, private, and forgotten after a day."""

import os
import stat
import time
from pathlib import Path

import pytest

from napster.cli.pages import LastSearch, PageStore, page_folder
from napster.peer.api import ApiError, BadRequestError
from tests.peer.control.fake import PAGE

LAST = LastSearch(PAGE, "index.example.org:8888")


def store(folder: Path, key: str = "pts-1-10-20", ahead: float = 0) -> PageStore:
    return PageStore(folder / "searches", key, lambda: time.time() + ahead)


def test_kept(tmp_path: Path) -> None:
    """What was found comes back whole, raw paths included."""
    store(tmp_path).save(LAST)
    assert store(tmp_path).load() == LAST


def test_replaced(tmp_path: Path) -> None:
    """A new search takes the place of the one before."""
    store(tmp_path).save(LastSearch(PAGE, "other:1"))
    store(tmp_path).save(LAST)
    assert store(tmp_path).load() == LAST
    assert len(list((tmp_path / "searches").iterdir())) == 1


def test_two_terminals(tmp_path: Path) -> None:
    """Numbers never come from another terminal's search."""
    store(tmp_path, "pts-1-10-20").save(LAST)
    with pytest.raises(BadRequestError, match="no search in this terminal"):
        store(tmp_path, "pts-2-11-21").load()


def test_private(tmp_path: Path) -> None:
    """Only the user sees what was searched for."""
    store(tmp_path).save(LAST)
    folder = tmp_path / "searches"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    assert {stat.S_IMODE(file.stat().st_mode) for file in folder.iterdir()} == {0o600}


def test_forgotten(tmp_path: Path) -> None:
    """After a day a search is neither used nor kept."""
    store(tmp_path).save(LAST)
    later = store(tmp_path, "pts-9-1-1", ahead=86_401)
    with pytest.raises(BadRequestError):
        store(tmp_path, ahead=86_401).load()
    later.save(LAST)
    assert [file.name for file in later.folder.iterdir()] == ["search-pts-9-1-1.json"]


@pytest.mark.parametrize("text", ["", "{", "[]", "{}", '{"page": {}, "index": ""}', "5"])
def test_damaged(tmp_path: Path, text: str) -> None:
    """A file that makes no sense is no search."""
    kept = store(tmp_path)
    kept.save(LAST)
    next(kept.folder.iterdir()).write_text(text)
    with pytest.raises(BadRequestError, match="no search"):
        kept.load()


def test_link_is_not_followed(tmp_path: Path) -> None:
    """A link laid where the file is written does not lead the writing elsewhere."""
    kept = store(tmp_path)
    kept.save(LAST)
    target = tmp_path / "target"
    (kept.folder / f"search-pts-1-10-20.{os.getpid()}").symlink_to(target)
    with pytest.raises(ApiError, match="cannot be kept"):
        kept.save(LAST)
    assert not target.exists()


def test_cannot_be_kept(tmp_path: Path) -> None:
    """A folder that cannot be made is told in a sentence."""
    (tmp_path / "searches").write_text("")
    with pytest.raises(ApiError, match="The numbers cannot be kept"):
        store(tmp_path).save(LAST)


def test_folder(tmp_path: Path) -> None:
    """The folder goes away with the login session, where there is such a thing."""
    assert page_folder({"XDG_RUNTIME_DIR": str(tmp_path)}) == tmp_path / "napster"
    missing = {"XDG_RUNTIME_DIR": str(tmp_path / "none"), "XDG_STATE_HOME": "/state"}
    assert page_folder(missing) == Path("/state/napster/searches")
    assert page_folder({}) == Path.home() / ".local/state/napster/searches"
