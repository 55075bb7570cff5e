"""The wish list, as the command line tells it."""

from pathlib import Path

import attrs
import pytest

from napster.cli.commands import get, wish
from napster.daemon.codec import dump
from napster.peer.api import BadRequestError, NotFoundError
from tests.cli.test_commands import Terminal
from tests.peer.control.fake import WISH, FakePeer


@pytest.fixture(autouse=True)
def _same_everywhere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wish, "_when", lambda seconds: f"at {seconds}")


def test_listing(tmp_path: Path) -> None:
    """Each wish with how it stands and what was found; afterwards nothing is new."""
    terminal = Terminal(tmp_path)
    assert terminal.run(wish) == 0
    assert terminal.seen.out.splitlines() == [
        "Wish 7: byrjun ext:mp3; what is found is downloaded",
        "  index index.example.org:8888: tells at once",
        "  index old.example.org:8888: not logged in there",
        "   #       name                   size  user   found          download",
        "   1       Ágætis byrjun.mp3  3.81 MiB  alice  at 1700000000  12",
        "   2  new  notes.txt              17 B  alice  at 1700000060  shared here already",
    ]
    assert terminal.peer.calls == [("wishes",), ("see_wishes", 5)]


def test_what_was_found_can_be_got(tmp_path: Path) -> None:
    """The numbers go on from one wish to the next."""
    other = attrs.evolve(WISH, id=8, words="notes", finds=WISH.finds[1:])
    terminal = Terminal(tmp_path, FakePeer(wished=(WISH, other)))
    terminal.run(wish)
    terminal.quietly(get, "3")
    ((_, (wanted,)),) = [call for call in terminal.peer.calls if call[0] == "get"]
    assert wanted.name == "notes.txt"


def test_json(tmp_path: Path) -> None:
    """All of it; a program that lists them has looked as well."""
    terminal = Terminal(tmp_path)
    assert terminal.run(wish, "--json") == 0
    (listed,) = terminal.json
    assert [find["file"]["number"] for find in listed["finds"]] == [1, 2]
    assert terminal.peer.calls[-1] == ("see_wishes", 5)
    terminal.run(wish, "a", "--json")
    assert terminal.json == dump(attrs.evolve(WISH, words="a", get=False))
    terminal.run(wish, "--remove", "7", "--json")
    assert terminal.json == dump([WISH])


def test_none(tmp_path: Path) -> None:
    """That is said, with what to do; and that nothing was found."""
    terminal = Terminal(tmp_path, FakePeer(wished=()))
    assert terminal.run(wish) == 0
    assert terminal.seen.out == "There are no wishes: add one with napster wish WORDS.\n"
    terminal = Terminal(tmp_path, FakePeer(wished=(attrs.evolve(WISH, finds=(), get=False),)))
    terminal.run(wish)
    assert terminal.seen.out.splitlines()[0] == "Wish 7: byrjun ext:mp3"
    assert terminal.seen.out.splitlines()[-1] == "  Nothing was found so far."
    assert terminal.peer.calls == [("wishes",)]


def test_adding(tmp_path: Path) -> None:
    """Words and filters as for a search."""
    terminal = Terminal(tmp_path)
    assert terminal.run(wish, "love", "-live", "size>10M", "--get") == 0
    assert terminal.peer.calls == [("wish", "love -live size>10M", True)]
    assert terminal.seen.out.splitlines() == [
        "Wish 7: love -live size>10M; what is found is downloaded",
        "napster wish tells what was found.",
    ]


def test_removing(tmp_path: Path) -> None:
    """One, several, or those there are of a range."""
    several = [attrs.evolve(WISH, id=number) for number in (7, 9, 12)]
    terminal = Terminal(tmp_path, FakePeer(wished=several))
    assert terminal.run(wish, "--remove", "7,8-20,9") == 0
    assert terminal.peer.calls[-1] == ("drop_wishes", (7, 9, 12))
    assert terminal.seen.out.splitlines()[1] == "Removed wish 9: byrjun ext:mp3"
    with pytest.raises(NotFoundError, match="no wish 8"):
        terminal.run(wish, "--remove", "8")


@pytest.mark.parametrize(
    "words",
    [
        ["--get"],
        ["--remove", "7", "love"],
        ["--remove", "7", "--get"],
        ["--remove", "x"],
        ["--remove", "7.1"],
    ],
)
def test_mistakes(tmp_path: Path, words: list[str]) -> None:
    """Each gets a sentence, and nothing is changed."""
    terminal = Terminal(tmp_path)
    with pytest.raises(BadRequestError):
        terminal.run(wish, *words)
    assert [call for call in terminal.peer.calls if call != ("wishes",)] == []


def test_numbers_that_cannot_be_kept(tmp_path: Path) -> None:
    """The list is shown all the same."""
    (tmp_path / "file").touch()
    terminal = Terminal(tmp_path / "file")
    assert terminal.run(wish) == 0
    assert "cannot be kept" in terminal.seen.err
    assert "notes.txt" in terminal.seen.out
