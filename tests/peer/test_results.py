"""What an index answers becomes rows to pick from."""

import attrs
import pytest

from napster.peer.api import Source
from napster.peer.results import (
    Offer,
    Spread,
    base_name,
    folder_of,
    known_md5,
    page,
    with_pings,
    with_ports,
)
from napster.wire.messages.sharing import Share


def offer(nick: str, path: bytes, size: int = 10, speed: int = 5, md5: bytes = b"0" * 32) -> Offer:
    source = Source(nick, path, "10.0.0.1", None, speed, reachable=True)
    return Offer(Share(path, md5, size, 128, 44100, 60), source)


def test_equal_name_and_size_is_one_row() -> None:
    """The same file under different folders is one row; another size is another."""
    shown = page(
        "song",
        [
            offer("alice", b"a\\song.mp3"),
            offer("bob", b"C:\\b\\song.mp3", speed=9),
            offer("carol", b"song.mp3", size=11),
        ],
    )
    assert [(row.number, row.size, len(row.sources)) for row in shown.rows] == [
        (1, 10, 2),
        (2, 11, 1),
    ]
    assert shown.rows[0].sources[0].nick == "bob"
    assert (shown.files, shown.users) == (3, 3)


def test_different_content_is_never_one_row() -> None:
    """Equal name and size with different hashes are two rows; no hash goes with the first."""
    shown = page(
        "x",
        [
            offer("alice", b"x.mp3"),
            offer("bob", b"x.mp3", md5=b"a" * 32),
            offer("carol", b"x.mp3", md5=b"b" * 32),
        ],
    )
    assert [[source.nick for source in row.sources] for row in shown.rows] == [
        ["alice", "bob"],
        ["carol"],
    ]
    assert [row.md5 for row in shown.rows] == ["a" * 32, "b" * 32]


def test_rows_have_an_order() -> None:
    """What cannot be reached comes last, what more users share comes first, else names decide."""
    away = offer("dave", b"0.mp3")
    shown = page(
        "x",
        [
            attrs.evolve(away, source=attrs.evolve(away.source, reachable=False)),
            offer("alice", b"d\\B.mp3"),
            offer("alice", b"e\\a.mp3"),
            offer("alice", b"c\\z.mp3"),
            offer("bob", b"z.mp3"),
        ],
    )
    assert [row.name for row in shown.rows] == ["z.mp3", "a.mp3", "B.mp3", "0.mp3"]


def test_one_content_is_one_row() -> None:
    """Whatever its names; what two indexes tell of it goes together, and nobody counts twice."""
    content = "c" * 64
    shown = page(
        "x",
        [
            attrs.evolve(offer("alice", b"a.mp3"), content=content, spread=Spread(7, 3, 1, 50)),
            offer("Alice", b"a.mp3"),
            attrs.evolve(offer("bob", b"b.mp3"), content=content, spread=Spread(2, 2, 2, None)),
            attrs.evolve(offer("eve", b"b.mp3"), content="d" * 64, spread=Spread(1, 1, 0, 60)),
            offer("dave", b"a.mp3"),
        ],
    )
    assert [[source.nick for source in row.sources] for row in shown.rows] == [
        ["alice", "bob"],
        ["dave"],
        ["eve"],
    ]
    told = [(row.content[:1], row.shared_by, row.reachable, row.free) for row in shown.rows]
    assert told == [("c", 7, 3, 2), ("", 1, 1, None), ("d", 1, 1, 0)]
    assert [row.since for row in shown.rows] == [50, None, 60]
    assert (shown.files, shown.users) == (9, 4)


def test_who_knows_the_content_is_right() -> None:
    """Of one offer, told by two indexes, the one with the content id counts, whichever is first."""
    known = attrs.evolve(offer("alice", b"a.mp3"), content="c" * 64, spread=Spread(1, 1, 1, 1))
    (row,) = page("x", [offer("alice", b"a.mp3"), known]).rows
    assert (row.content, row.shared_by) == ("c" * 64, 1)


def test_firewalled_sources_are_named() -> None:
    """A row nobody can send to a firewalled searcher comes last and is counted in a note."""
    offers = [offer("alice", b"a\\x.mp3"), offer("bob", b"b\\y.mp3")]
    filled = with_ports(offers, {"alice": 0}, firewalled=True)
    shown = page("x", filled)
    assert [row.name for row in shown.rows] == ["y.mp3", "x.mp3"]
    assert shown.notes == ["cannot be reached from here: 1 of the rows, shared by alice"]


def test_many_unreachable_owners_are_abbreviated() -> None:
    """The note about who cannot be reached stays one line."""
    offers = [offer(f"user{n}", b"%d.mp3" % n) for n in range(8)]
    ports = {f"user{n}": 0 for n in range(8)}
    shown = page("x", with_ports(offers, ports, firewalled=True))
    assert shown.notes[0].endswith("user4 and 3 more")


def test_pings_reach_their_sources() -> None:
    """A latency is shown with every offer of its user."""
    shown = with_pings(page("x", [offer("alice", b"a.mp3"), offer("bob", b"b.mp3")]), {"bob": 7.0})
    assert [row.sources[0].ping_ms for row in shown.rows] == [None, 7.0]


@pytest.mark.parametrize(
    ("raw", "known"),
    [
        (b"49A8DF95B81A870AECAE030ED1DDF232-7708144", "49a8df95b81a870aecae030ed1ddf232"),
        (b"0" * 32, ""),
        (b"NOMD5COMPUTED", ""),
        (b"z" * 32, ""),
    ],
)
def test_hash_fields(raw: bytes, known: str) -> None:
    """Only a real hash counts as one."""
    assert known_md5(raw) == known


@pytest.mark.parametrize(
    ("path", "name"),
    [(b"C:\\a\\b.mp3", b"b.mp3"), (b"/home/u/b.mp3", b"b.mp3"), (b"b", b"b"), (b"a\\", b"a\\")],
)
def test_base_names(path: bytes, name: bytes) -> None:
    """Both separators end a folder; a path that ends in one is shown whole."""
    assert base_name(path) == name


@pytest.mark.parametrize(
    ("path", "folder"),
    [
        (b"Music\\Band\\x.mp3", "Music/Band"),
        (b"C:\\My Music\\x.mp3", "My Music"),
        (b"\\home\\u\\x.mp3", "home/u"),
        (b"a\\..\\..\\b\\x.mp3", "a/b"),
        (b"x.mp3", ""),
    ],
)
def test_folders(path: bytes, folder: str) -> None:
    """A folder is shown without its drive and without steps upwards."""
    assert folder_of(path) == folder
