"""Who sent what, and who is remembered for it."""

import json
from pathlib import Path

import pytest

from napster.peer.downloads.blame import Blame
from napster.peer.downloads.liars import MEMORY, MOST_LIARS, Liars
from napster.peer.downloads.people import Person
from napster.peer.downloads.record import Offer
from napster.peer.downloads.sources import Source

RIGHT, WRONG = b"right", b"wrong"


def source(nick: str) -> Source:
    return Source(Offer(nick, b"x"), Person())


ALICE, BOB = source("alice"), source("bob")


def test_a_piece_has_one_sender_or_several() -> None:
    """Who goes on with what another began is not the only one who can have lied."""
    blame = Blame()
    blame.here([7])
    blame.sent(0, ALICE)
    blame.sent(0, ALICE)
    blame.sent(1, ALICE)
    blame.sent(1, BOB)
    blame.sent(7, BOB)
    assert [blame.sole(piece) for piece in (0, 1, 7, 9)] == [ALICE, None, None, None]
    assert blame.foreign(ALICE) == [7, 1]
    blame.forget([1])
    blame.sent(1, BOB)
    assert blame.sole(1) is BOB


def test_a_lone_sender_of_something_wrong_is_convicted() -> None:
    """Nobody else can be blamed for the whole."""
    blame = Blame()
    for piece in range(3):
        blame.sent(piece, ALICE)
    assert blame.convict(dict.fromkeys(range(3), WRONG)) is ALICE
    assert not blame.alone


def test_one_of_several_is_exposed_by_what_is_right() -> None:
    """Whose pieces differ from what proved to be right had lied."""
    blame = Blame()
    blame.sent(0, ALICE)
    blame.sent(1, BOB)
    blame.sent(2, BOB)
    assert blame.convict({0: RIGHT, 1: RIGHT, 2: WRONG}) is None
    assert blame.alone
    assert blame.exposed({0: RIGHT, 1: RIGHT, 2: RIGHT}) == {BOB: 2}


def test_nobody_is_convicted_for_what_an_earlier_run_has_left() -> None:
    """What came before a restart may have come from anybody."""
    blame = Blame()
    blame.here([0])
    blame.sent(1, ALICE)
    assert blame.convict({0: WRONG, 1: RIGHT}) is None


def test_liars_are_remembered_for_a_week(tmp_path: Path) -> None:
    """Nick, address and time are kept in a file, and count until they are old."""
    date = [1e9]
    liars = Liars(tmp_path / "liars.json", lambda: date[0])
    assert liars.load() == ""
    liars.remember("Mallory", "192.0.2.1")
    liars.save()
    again = Liars(tmp_path / "liars.json", lambda: date[0])
    assert again.load() == ""
    assert again.charge("mallory") == (
        "mallory sent wrong bytes on 2001-09-09, and is left alone for a week"
    )
    assert again.charge("alice") == ""
    date[0] += MEMORY + 1
    assert again.charge("mallory") == ""


def test_no_more_than_some_liars_are_remembered() -> None:
    """A swarm of made-up nicks does not fill the memory."""
    liars = Liars()
    for number in range(MOST_LIARS + 5):
        liars.remember(f"liar{number}", "")
    liars.save()
    assert not liars.charge("liar4")
    assert liars.charge("liar5")


@pytest.mark.parametrize(
    "content", ["", "{}", "[1]", "[[]]", '[{"nick": 1, "address": "", "caught": 1}]', "\ud800"]
)
def test_a_damaged_file_is_told_of(tmp_path: Path, content: str) -> None:
    """A file that makes no sense holds nothing against anybody, and does not stop a daemon."""
    path = tmp_path / "liars.json"
    path.write_bytes(content.encode("utf-8", "surrogatepass"))
    liars = Liars(path)
    said = liars.load()
    assert not said or "liars.json: cannot be read, so nobody is known to lie" in said
    assert not liars.charge("1")
    liars.remember("x", "y")
    liars.save()
    assert json.loads(path.read_text())
