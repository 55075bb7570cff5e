"""The table of files fits its width, and says of each source where it is."""

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napster.cli.table import browse_lines, search_lines
from napster.cli.text import clean, columns
from napster.peer.api import FoundFile, Source
from tests.peer.control.fake import ALICE, BOB, NOTES, SONG

NAMES = st.text(min_size=1, max_size=90)


def test_wide() -> None:
    """With room, a file and its first source stand on one line, more sources below."""
    lines = search_lines([SONG, NOTES], None)
    assert [line[:58].rstrip() for line in lines] == [
        "   #  name                   size  quality        length",
        "   1  Ágætis byrjun.mp3  3.81 MiB  192k 44.1 kHz    3:25",
        "  .2",
        "   2  notes.txt              17 B  -                   -",
    ]
    assert [line[58:] for line in lines] == [
        "user   address                 speed   ping",
        "alice  192.0.2.1:6699          cable      -",
        "bob    192.0.2.77 unreachable  t1     12 ms",
        "alice  192.0.2.1:6699          cable      -",
    ]


def test_narrow() -> None:
    """Without room, sources stand below their file, numbered where there are several."""
    assert search_lines([attrs.evolve(SONG, name="A " * 40 + "b.mp3"), NOTES], 70) == [
        "   #  name                                 size  quality        length",
        "         user   address                 speed   ping",
        "   1  A A A A A A A A A … A A A b.mp3  3.81 MiB  192k 44.1 kHz    3:25",
        "     .1  alice  192.0.2.1:6699          cable      -",
        "     .2  bob    192.0.2.77 unreachable  t1     12 ms",
        "   2  notes.txt                            17 B  -                   -",
        "         alice  192.0.2.1:6699          cable      -",
    ]


def test_silent_columns_are_left_out() -> None:
    """Where no file has music's facts and nobody was pinged, there are no such columns."""
    titles, row = search_lines([NOTES], None)
    assert titles.split() == ["#", "name", "size", "user", "address", "speed"]
    assert row.split() == ["2", "notes.txt", "17", "B", "alice", "192.0.2.1:6699", "cable"]


@given(st.lists(NAMES, min_size=1, max_size=5), st.integers(80, 250))
def test_fits(names: list[str], room: int) -> None:
    """Whatever the names, no line is wider than the terminal or does anything to it."""
    files = [attrs.evolve(SONG, number=n, name=name) for n, name in enumerate(names, 1)]
    for line in [*search_lines(files, room), *browse_lines(files, room)]:
        assert columns(line) <= room
        assert line == clean(line)


@pytest.mark.parametrize(
    ("changes", "address"),
    [
        ({}, "192.0.2.1:6699"),
        ({"port": 0}, "192.0.2.1 firewalled"),
        ({"port": 0, "reachable": False}, "192.0.2.1 unreachable"),
        ({"port": 0, "relayed": True}, "192.0.2.1 by relay"),
        ({"port": None}, "192.0.2.1"),
        ({"address": "2001:db8::1"}, "[2001:db8::1]:6699"),
        ({"address": "\x1b[2J"}, "\\x1b[2J:6699"),
    ],
)
def test_addresses(changes: dict[str, object], address: str) -> None:
    """The address says where to connect, or why that is not possible."""
    source = attrs.evolve(ALICE, **changes)
    _, row = search_lines([attrs.evolve(NOTES, sources=(source,))], None)
    assert f"  {address}  " in row


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"bitrate": 0}, "44.1 kHz"),
        ({"frequency": 0}, "192k"),
        ({"frequency": 22050}, "192k 22.05 kHz"),
        ({"duration": 3723}, "1:02:03"),
    ],
)
def test_facts(changes: dict[str, int], words: str) -> None:
    """A fact that is not known is left out of a cell."""
    _, row, _ = search_lines([attrs.evolve(SONG, **changes)], None)
    assert f"  {words}  " in row


def test_unknown_speed() -> None:
    """A source that states no speed has none."""
    source = attrs.evolve(ALICE, speed=0)
    titles, _ = search_lines([attrs.evolve(NOTES, sources=(source,))], None)
    assert "speed" not in titles


def test_long_nick_is_cropped() -> None:
    """A nick made to push the address off the screen does not."""
    source = attrs.evolve(ALICE, nick="n" * 200)
    _, row = search_lines([attrs.evolve(NOTES, sources=(source,))], None)
    assert "nnnnnnnnnnnn…nnnnnnn  192.0.2.1:6699" in row


def in_folder(number: int, folder: str, name: str) -> FoundFile:
    source: Source = attrs.evolve(BOB, folder=folder)
    return FoundFile(number, name, 5, 0, 0, 0, "", (source,))


def test_browse() -> None:
    """A user's files stand below their folders."""
    files = [in_folder(1, "Music", "a"), in_folder(2, "Music", "b"), in_folder(3, "Music/x", "c")]
    assert browse_lines(files, 80) == [
        "   #  name  size",
        "Music/",
        "   1  a      5 B",
        "   2  b      5 B",
        "Music/x/",
        "   3  c      5 B",
    ]


def test_content() -> None:
    """A content tells how many more have it, how many are free, and since when."""
    file = attrs.evolve(NOTES, shared_by=12, free=3, since=1_700_000_000)
    titles, row, other = search_lines([file, attrs.evolve(SONG, sources=(BOB,))], None)
    assert titles.split()[-3:] == ["ping", "free", "since"]
    assert "  alice +11  " in row
    assert row.split()[-2:] in [["3", "2023-11-14"], ["3", "2023-11-15"]]
    assert other.split()[-4:] == ["12", "ms", "-", "-"]


def test_further_users_stand_behind_the_last_named() -> None:
    """Where several are named and not all, the number of the others is not lost."""
    _, first, second = search_lines([attrs.evolve(SONG, shared_by=5)], None)
    assert "+" not in first
    assert " bob +3 " in second
