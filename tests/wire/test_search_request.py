"""The request grammar of message 200."""

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napster.wire.errors import ParseError
from napster.wire.fields import FieldReader
from napster.wire.messages.searching import Search
from napster.wire.search import (
    MAX_RESULTS,
    MAX_WORDS,
    Range,
    SearchQuery,
    parse_query,
    query_body,
)
from napster.wire.search.request import fields
from tests.wire.strategies import queries

KEYWORDS = (
    b"FILENAME CONTAINS EXCLUDES MAX_RESULTS LINESPEED BITRATE FREQ SIZE DURATION TYPE LOCAL"
    b' LOCAL_ONLY WMA-FILE AT LEAST "AT_LEAST" BEST "EQUAL_TO" mp3 any 7 -7 "a_-b" "'
).split()

CRITERIA = [
    *[b'FILENAME CONTAINS "%b"' % phrase for phrase in (b"a", b" b*  c ", b"", b"d -e", b"\xe9\n")],
    *[b"MAX_RESULTS %d" % number for number in (0, 7, 100, 101)],
    b'BITRATE "AT LEAST" 128',
]


def test_the_examples_of_the_specification() -> None:
    """Both examples of napster.txt are read."""
    assert parse_query(
        b'FILENAME CONTAINS "Sneaker Pimps" MAX_RESULTS 75 FILENAME CONTAINS "tesko suicide"'
        b' BITRATE "AT LEAST" "128"'
    ) == SearchQuery(
        contains=(b"Sneaker Pimps", b"tesko suicide"), max_results=75, bitrate=Range(lowest=128)
    )
    assert parse_query(
        b'MAX_RESULTS 100 FILENAME CONTAINS "Ventolin" LINESPEED "EQUAL TO" 10'
    ) == SearchQuery(contains=(b"Ventolin",), speed=Range(10, 10))


def test_every_criterion() -> None:
    """All criteria, keywords in any case, values with and without quotes."""
    body = (
        b'filename excludes "live" Type VIDEO linespeed "at least" 7 bitrate at best "192"'
        b' freq EQUAL TO 44100 size "At Least" 5 size "AT BEST" 9 duration "AT LEAST" 60'
        b' local max_results "5" wma-file FILENAME CONTAINS word FILENAME EXCLUDES remix'
    )
    assert parse_query(body) == SearchQuery(
        contains=(b"word",),
        excludes=(b"live", b"remix"),
        max_results=5,
        speed=Range(lowest=7),
        bitrate=Range(highest=192),
        frequency=Range(44100, 44100),
        size=Range(5, 9),
        duration=Range(lowest=60),
        type=b"video",
        local=True,
    )


@given(queries)
def test_a_query_is_read_as_written(query: SearchQuery) -> None:
    """What one daemon asks, the other understands."""
    assert parse_query(query_body(query)) == query


@given(st.lists(st.sampled_from(CRITERIA)).map(b" ".join))
def test_the_usual_form_is_no_grammar_of_its_own(body: bytes) -> None:
    """Requests of the usual form, which are read in one go, mean what they mean among others."""
    assert parse_query(body) == parse_query(b"WMA-FILE " + body)


@pytest.mark.parametrize(
    ("asked", "granted"),
    [(b"0", MAX_RESULTS), (b"-1", MAX_RESULTS), (b"101", MAX_RESULTS), (b"7", 7)],
)
def test_max_results(asked: bytes, granted: int) -> None:
    """Nought, less than nought and too many all mean the cap."""
    assert parse_query(b"MAX_RESULTS " + asked).max_results == granted


def test_minus_in_a_phrase_excludes() -> None:
    """`-word` inside CONTAINS is excluded; a hyphen elsewhere is not a minus."""
    query = parse_query(b'FILENAME CONTAINS "ac-dc - thunder -live --remix"')
    assert query.contains == (b"ac-dc - thunder",)
    assert query.excludes == (b"live", b"remix")
    assert parse_query(b'FILENAME EXCLUDES "-live"').excludes == (b"-live",)


def test_a_minus_is_not_sent_inside_a_phrase() -> None:
    """A required word that begins with a minus would be excluded by the other side."""
    assert query_body(SearchQuery(contains=(b"-live now",))).startswith(
        b'FILENAME CONTAINS "live now"'
    )


def test_missing_closing_quote_is_forgiven() -> None:
    """The phrase reaches to the end."""
    assert parse_query(b'MAX_RESULTS 5 FILENAME CONTAINS "two words').contains == (b"two words",)


@given(st.lists(st.sampled_from([b'"', b" ", b"a", b"CD", b"\0", b"\xe9"])).map(b"".join))
def test_fields_are_those_of_the_reader(body: bytes) -> None:
    """A request is taken apart as a lenient reader of fields takes it apart."""
    reader, expected = FieldReader(body, open_quotes=True), []
    while not reader.at_end():
        expected.append(reader.argument())
    assert list(fields(body)) == expected


@pytest.mark.parametrize("end", [b"", b" LOCAL", b'\0 FILENAME CONTAINS "b"'])
def test_a_body_is_read_at_once_as_field_by_field(end: bytes) -> None:
    """A request is the same off a reader, and a NUL ends it there as well."""
    body = b'FILENAME CONTAINS "a" MAX_RESULTS 7' + end
    assert Search.from_body(body) == Search.read(FieldReader(body))


def test_as_many_words_as_allowed_take_two_bytes_each() -> None:
    """The shortest request with a word too many is refused as well."""
    assert parse_query(b'FILENAME CONTAINS "' + b"a " * MAX_WORDS).word_count == MAX_WORDS
    with pytest.raises(ParseError, match="more than 32 words"):
        parse_query(b'FILENAME CONTAINS "' + b"a." * MAX_WORDS + b"a")


def test_ranges_narrow_each_other() -> None:
    """Each criterion is one more condition."""
    query = parse_query(b'SIZE "AT LEAST" 5 SIZE "AT LEAST" 3 SIZE "AT BEST" -1')
    assert query.size == Range(5, 0)


def test_nothing_asked() -> None:
    """An empty request, or empty phrases, have no words; that is for others to judge."""
    assert parse_query(b"") == SearchQuery()
    assert parse_query(b'FILENAME CONTAINS "" FILENAME EXCLUDES " " TYPE ANY') == SearchQuery()


@pytest.mark.parametrize(
    ("body", "complaint"),
    [
        (b"FILENAME", "nothing follows FILENAME"),
        (b"FILENAME CONTAINS", "nothing follows FILENAME CONTAINS"),
        (b'FILENAME LIKE "a"', "FILENAME 'LIKE' is neither CONTAINS nor EXCLUDES"),
        (b'FILENAME CONTAINS "a "quoted" string"', "there is no criterion 'QUOTED\"'"),
        (b"MAX_RESULTS many", "MAX_RESULTS 'many' is not a number"),
        (b"MAX_RESULTS", "nothing follows MAX_RESULTS"),
        (b'BITRATE "ABOUT" 5', "'ABOUT' is not AT LEAST, AT BEST or EQUAL TO after BITRATE"),
        (b"BITRATE AT MOST 5", "'AT MOST' is not AT LEAST"),
        (b"BITRATE AT", "nothing follows BITRATE"),
        (b'FREQ "AT LEAST" high', "FREQ 'high' is not a number"),
        (b'SIZE "AT LEAST" ' + b"9" * 21, "is not a number"),
        (b"TYPE album", "there is no file type 'album'"),
        (b"TYPE", "nothing follows TYPE"),
        (b"SOUNDS LIKE", "there is no criterion 'SOUNDS'"),
        (b'FILENAME CONTAINS "' + b"a " * (MAX_WORDS + 1) + b'"', "more than 32 words"),
        (b'FILENAME EXCLUDES "' + b"a." * (MAX_WORDS + 1) + b'"', "more than 32 words"),
    ],
)
def test_wrong_requests(body: bytes, complaint: str) -> None:
    """A wrong request is named by one sentence for the user's window."""
    with pytest.raises(ParseError) as caught:
        parse_query(body)
    assert str(caught.value).startswith("invalid search request: ")
    assert complaint in str(caught.value)


def test_complaints_are_short_and_harmless() -> None:
    """A long or hostile criterion is shown in part, and never as it is."""
    with pytest.raises(ParseError) as caught:
        parse_query(b"\x1b[2J" + b"x" * 2000)
    assert len(str(caught.value)) < 120
    assert str(caught.value).isprintable()


@given(st.one_of(st.binary(), st.lists(st.sampled_from(KEYWORDS)).map(b" ".join)))
def test_garbage_is_a_query_or_a_parse_error(garbage: bytes) -> None:
    """Any bytes are understood or refused in a sentence; what is understood can be said again."""
    with suppress(ParseError):
        query = parse_query(garbage.replace(b"_TO", b" TO").replace(b"AT_", b"AT "))
        body = query_body(query)  # a bare `a"b` cannot be quoted
        assert parse_query(body).word_count == query.word_count
