"""The value of a search: ranges, and what a client checks by itself."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napster.wire.messages.sharing import Share
from napster.wire.search import Range, SearchQuery, matches
from tests.wire.strategies import ranges

FILE = Share(
    path="Björk\\Début\\01 - Human Behaviour.FLAC".encode(),
    md5=b"0",
    size=30_000_000,
    bitrate=900,
    frequency=44100,
    duration=252,
)


def test_ranges_include_their_ends() -> None:
    """Both ends belong to a range; an open end is no limit."""
    assert [n for n in range(6) if n in Range(2, 4)] == [2, 3, 4]
    assert [n for n in range(6) if n in Range(lowest=4)] == [4, 5]
    assert [n for n in range(6) if n in Range(highest=1)] == [0, 1]
    assert 2**70 in Range()


@given(ranges, ranges, st.integers(0, 2**64))
def test_ranges_meet(one: Range, other: Range, value: int) -> None:
    """A value is in both ranges exactly if it is in what they have in common."""
    assert (value in one & other) == (value in one and value in other)
    assert not (value in one & other and (one & other).empty)


def test_empty_ranges() -> None:
    """A range is empty if no number from 0 up is in it."""
    assert Range(5, 4).empty
    assert Range(highest=-1).empty
    assert not Range(5, 5).empty
    assert not Range().empty


@pytest.mark.parametrize(
    ("query", "wanted"),
    [
        (SearchQuery(), True),
        (SearchQuery(bitrate=Range(lowest=900)), True),
        (SearchQuery(bitrate=Range(lowest=901)), False),
        (SearchQuery(frequency=Range(48000, 48000)), False),
        (SearchQuery(size=Range(highest=29_999_999)), False),
        (SearchQuery(duration=Range(lowest=253)), False),
        (SearchQuery(extension=b"flac"), True),
        (SearchQuery(extension=b"lac"), False),
        (SearchQuery(extension=b"mp3"), False),
        (SearchQuery(excludes=(b"live",)), True),
        (SearchQuery(excludes=(b"live", b"bjork")), False),
        (SearchQuery(excludes=("DÉBUT".encode(),)), False),
        (SearchQuery(excludes=(b"hum",)), True),
        (SearchQuery(excludes=(b"human live",)), False),
        (SearchQuery(excludes=(b"hum*",)), False),
        (SearchQuery(excludes=(b"ive*",)), True),
        (SearchQuery(excludes=(b"h'u'm'a'n",)), False),
        (SearchQuery(excludes=(b"--",)), True),
        (SearchQuery(speed=Range(lowest=9)), True),
    ],
)
def test_matches(*, query: SearchQuery, wanted: bool) -> None:
    """Properties, extension and whole excluded words count; the link speed is the server's."""
    assert matches(query, FILE) is wanted


def test_limited() -> None:
    """A server gives no more than so many results, and so many if none are asked for."""
    assert SearchQuery(max_results=7).limited(50).max_results == 7
    assert SearchQuery(max_results=80).limited(50).max_results == 50
    assert SearchQuery(max_results=0).limited(50).max_results == 50


def test_for_old_server_leaves_out_what_it_refuses() -> None:
    """OpenNap 0.36 answers SIZE, DURATION and EXCLUDES with an error."""
    full = SearchQuery(
        contains=(b"a",),
        excludes=(b"b",),
        size=Range(lowest=1),
        duration=Range(lowest=2),
        bitrate=Range(lowest=3),
    )
    assert full.for_old_server() == SearchQuery(contains=(b"a",), bitrate=Range(lowest=3))


def test_words_are_counted_as_they_are_split() -> None:
    """Punctuation cannot smuggle in more words than are counted."""
    assert SearchQuery(contains=(b"a.b-c d", "été".encode()), excludes=(b"don't",)).word_count == 6
