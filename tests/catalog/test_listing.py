"""Bodies of messages 100 and 870 are taken apart together, and mean what each of them says."""

import re
from itertools import groupby

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from napster.catalog.listing import Listing, listed, separate
from napster.wire.messages.sharing import Share, ShareDirectory
from tests.catalog.helpers import record
from tests.catalog.traffic import BROKEN
from tests.wire.strategies import directories

_PIECES = st.sampled_from(
    [b'"', b" ", b"\\", b"\n", b"\0", b"-1", b"7", b"x", b"n m.mp3", b'" m 1 2 3 4', b' "', b'"d" ']
)
_SCRAPS = st.lists(_PIECES, max_size=14).map(b"".join)
_DIRECTORIES = st.lists(
    st.one_of(
        _SCRAPS,
        _SCRAPS.map(lambda scrap: b'"d" "n" m 1 2 3 4' + scrap),
        directories().map(ShareDirectory.body),
    ),
    max_size=3,
)
_PATHS = st.lists(
    st.lists(st.sampled_from([b"a", b"b", b"", b"Music"]), min_size=1, max_size=4).map(b"\\".join),
    min_size=1,
    max_size=40,
)


def _read(bodies: list[bytes]) -> list[Share]:
    """Read all of some messages 870 the long way."""
    return [file for body in bodies for file in ShareDirectory.from_body(body).files]


@given(_DIRECTORIES)
@example([b'"d" "n" m 1 2 3 4 "o', b'" m 1 2 3 4\n"e" "p" m 1 2 3 4'])
@example([b'"d" "n" m 1 2 3 4 "e" "o" m 1 2 3 4', b'"p" m 1 2 3 4'])
@example([b'"p" m 1 2 3 4', b'"d" "n" m 1 2 3 4 "e" "o" m 1 2 3 4'])
@example([b'"d" "n" m 1 2 3 4\n"o" m 1 2 3 4'])
@example([b'"d" "sub\\n" m 1 2 3 4 "o" m 1 2 3 4', b'"d\\sub" "p" m 1 2 3 4'])
def test_directories_say_what_their_messages_say(bodies: list[bytes]) -> None:
    """Whatever is taken apart quickly means the same as what is read at length."""
    listing = Listing.of_directories(bodies)
    if listing is not None:
        files = _read(bodies)
        assert [Share.from_body(each) for each in listing] == files
        _check(listing, [file.path for file in files])


@given(st.lists(_SCRAPS.map(lambda scrap: b'"a' + scrap), max_size=3))
@example([b'"a', b'" m 1 2 3 4\n"b" m 1 2 3 4'])
@example([b'"a" m 1 2 3 4\n"b" m 1 2 3 4', b""])
def test_bodies_are_what_they_were(bodies: list[bytes]) -> None:
    """The bodies of message 100 come out as they went in."""
    listing = listed(bodies)
    if listing is not None:
        assert list(listing) == bodies
        assert listed(listing) is listing
        _check(listing, [Share.from_body(body).path for body in bodies])


def _check(listing: Listing, paths: list[bytes]) -> None:
    """See that names and directories are apart, and nothing is lost."""
    assert listing.paths() == paths
    assert len(listing) == len(paths) == sum(listing.lengths)
    assert not any(b"\\" in name for name in listing.names)
    assert all(each[-1:] in {b"", b"\\"} for each in listing.directories)
    assert listing.longest_path >= max(map(len, paths))


@given(directories())
def test_messages_as_written_are_usual_unless_a_hash_is_odd(message: ShareDirectory) -> None:
    """What this program writes is of the usual form."""
    plain = all(re.fullmatch(rb"[!#-~]+", file.md5) for file in message.files)
    text = b"".join(file.path for file in message.files)
    listing = Listing.of_directories([message.body()])
    assert (listing is not None) == (plain and bool(message.files) and b"\n" not in text)


@given(_PATHS)
def test_names_and_directories_are_the_paths(paths: list[bytes]) -> None:
    """Files of one directory are one run, and a file at the top is not one without a directory."""
    names, directories, lengths = separate(paths)
    each = iter(names)
    runs = list(zip(directories, lengths, strict=True))
    assert [top + next(each) for top, length in runs for _ in range(length)] == paths
    tops = [path[: path.rfind(b"\\") + 1] for path in paths]
    assert runs == [(top, len(list(group))) for top, group in groupby(tops)]


def test_parts_of_a_listing() -> None:
    """All of it is itself; some files, in whatever order, are a listing if that is asked for."""
    bodies = [record(b"M\\a"), record(b"M\\b", size=7), record(b"c")]
    listing = Listing.of_bodies(bodies)
    assert listing is not None
    assert listing[0:9] is listing
    assert [listing[1], listing[-1]] == bodies[1:]
    assert [*listing[::-1]] == bodies[::-1]
    assert list(listing.some([0, 2])) == [bodies[0], bodies[2]]


@given(_PATHS, st.integers(0, 40), st.integers(0, 40))
def test_successive_files_of_a_listing(paths: list[bytes], start: int, stop: int) -> None:
    """A slice is the listing that would be made of its bodies."""
    bodies = [record(path or b"x", size=size) for size, path in enumerate(paths)]
    listing = Listing.of_bodies(bodies)
    assert listing is not None
    part = listing[start:stop]
    assert [*part] == bodies[start:stop]
    if part:
        assert isinstance(part, Listing)
        alike = Listing.of_bodies(bodies[start:stop])
        assert alike is not None
        assert (part.names, part.directories, part.lengths, part.lines) == (
            alike.names,
            alike.directories,
            alike.lengths,
            alike.lines,
        )
        assert (part.grid == alike.grid).all()
        assert (part.gaps == alike.gaps).all()


def test_a_directory_of_two_in_two_messages() -> None:
    """The directory gets its backslash, names keep spaces, fields stay as sent."""
    listing = Listing.of_directories(
        [b'"/home/u" " a.mp3" m 1 2 3 4 "b c.mp3" N -5 x 03 4', b'"/home/u\\" "d" m 1 2 3 4']
    )
    assert listing is not None
    assert list(listing) == [
        b'"/home/u\\ a.mp3" m 1 2 3 4',
        b'"/home/u\\b c.mp3" N -5 x 03 4',
        b'"/home/u\\d" m 1 2 3 4',
    ]
    assert (listing.directories, listing.lengths) == ([b"/home/u\\"], [3])


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b'"d"',
        b'"d" ',
        b'd "n" m 1 2 3 4',
        b' "d" "n" m 1 2 3 4',
        b'"d"  "n" m 1 2 3 4',
        b'"d" "n" m 1 2 3',
        b'"d" "n" m 1 2 3 4 5',
        b'"d" "n" m 1 2 3 4 ',
        b'"d" "n" m 1 2  3 4',
        b'"d" "n" m 1 2 3 4"o" m 1 2 3 4',
        b'"d" "n" m 1 2 3 4 "o',
        b'"d" "n" m 1 2 3 4 "o"',
        b'"d" "n"m 1 2 3 4',
        b'"d" n m 1 2 3 4',
        b'"d" "n\0" m 1 2 3 4',
        b'"d" "n\n" m 1 2 3 4',
        b'"d\n" "n" m 1 2 3 4',
        b'"d" "n" m 1 2 3 4\0',
        b'"d" "n" m\n1 1 2 3 4',
        b'"d" "n" \xff 1 2 3 4',
        b'"d" "n" m 1 2 3 \x7f',
    ],
)
def test_anything_else_is_left_to_the_long_way(body: bytes) -> None:
    """One thing out of place, and nothing is guessed, alone or among others."""
    usual = b'"d" "n" m 1 2 3 4'
    for bodies in ([body], [usual, body], [body, usual], [usual, body, usual]):
        assert Listing.of_directories(bodies) is None


@pytest.mark.parametrize("body", BROKEN)
def test_unusual_bodies_are_left_to_others(body: bytes) -> None:
    """Whatever is not beyond doubt is not read in a hurry, alone or among others."""
    usual = record(b"a")
    for bodies in ([body], [usual, body], [body, usual], [usual, body, usual]):
        listing = Listing.of_bodies(bodies)
        if listing is not None:  # some are unusual only to the eye
            assert list(listing) == bodies
            assert [each.path for each in map(Share.from_body, bodies)] == listing.paths()
