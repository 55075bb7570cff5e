"""A directory's message becomes one record per file, as if each had been offered alone."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napster.wire.fields import argument
from napster.wire.messages.sharing import (
    Share,
    ShareDirectory,
    directory_body,
    file_record,
    usual_records,
)
from tests.wire.strategies import directories

pieces = st.sampled_from(
    [b'"', b" ", b"\\", b"\n", b"\0", b"-1", b"7", b"x", b"n m.mp3", b'" m 1 2 3 4', b' "', b'"d" ']
)
scraps = st.lists(pieces, max_size=14).map(b"".join)


def read_slowly(body: bytes) -> list[Share]:
    """Read all of a message the long way."""
    return list(ShareDirectory.from_body(body).files)


@given(st.one_of(scraps, scraps.map(lambda scrap: b'"d" "n" m 1 2 3 4' + scrap)))
def test_records_say_what_the_message_says(body: bytes) -> None:
    """Whatever is taken apart quickly means the same as what is read at length."""
    records = usual_records(body)
    if records is not None:
        assert [Share.from_body(record) for record in records] == read_slowly(body)


@given(directories())
def test_messages_as_written_are_usual_unless_a_hash_is_odd(message: ShareDirectory) -> None:
    """What this program writes is of the usual form."""
    plain = all(re.fullmatch(rb"[!#-~]+", file.md5) for file in message.files)
    records = usual_records(message.body())
    assert (records is not None) == (plain and bool(message.files))
    if records is not None:
        assert [Share.from_body(record) for record in records] == read_slowly(message.body())


@given(directories())
def test_records_written_fast_make_the_same_message(message: ShareDirectory) -> None:
    """Whoever has many files to offer need not make a message of each."""
    length = len(message.directory.removesuffix(b"\\")) + 1
    records = [
        file_record(
            file.path[length:], file.md5, file.size, file.bitrate, file.frequency, file.duration
        )
        for file in message.files
        if file.md5 == argument(file.md5)
    ]
    if len(records) == len(message.files):
        assert directory_body(message.directory, records) == message.body()


def test_a_directory_of_two() -> None:
    """The directory gets its backslash, names keep spaces and line ends, fields stay as sent."""
    body = b'"/home/u" " a\n.mp3" m 1 2 3 4 "b c.mp3" N -5 x 03 4'
    assert usual_records(body) == [
        b'"/home/u\\ a\n.mp3" m 1 2 3 4',
        b'"/home/u\\b c.mp3" N -5 x 03 4',
    ]


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
        b'"d" "n" m 1 2 3 4\0',
        b'"d" "n" m\n1 1 2 3 4',
    ],
)
def test_anything_else_is_left_to_the_long_way(body: bytes) -> None:
    """One thing out of place, and nothing is guessed."""
    assert usual_records(body) is None
