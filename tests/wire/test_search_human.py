"""What a person types becomes a search, or one line that helps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napster.wire.errors import QueryError
from napster.wire.framing import MAX_BODY
from napster.wire.search import MAX_WORDS, Range, SearchQuery, parse_query, parse_words, query_body

MIB = 2**20


def test_words_phrases_and_exclusions() -> None:
    """Words are required, quoted ones together, `-` excludes, `*` completes."""
    assert parse_words('sigur "untitled #1" -live ( ) -"radio edit" metal* - &') == SearchQuery(
        contains=(b"sigur", b"untitled #1", b"metal*"), excludes=(b"live", b"radio edit")
    )


def test_text_is_sent_in_utf8() -> None:
    """Letters outside ASCII travel as UTF-8; bytes of a foreign file name as they were."""
    assert parse_words("Björk").contains == ("Björk".encode(),)
    assert parse_words("caf\udce9").contains == (b"caf\xe9",)


def test_minus_signs_inside_a_phrase_mean_nothing() -> None:
    """On the wire they would exclude; in a person's quotes they are punctuation."""
    query = parse_words('"-foo - --bar"')
    assert query.contains == (b"foo bar",)
    assert parse_query(query_body(query)) == query


@pytest.mark.parametrize(
    ("text", "field", "wanted"),
    [
        ("bitrate>=192", "bitrate", Range(lowest=192)),
        ("BitRate>192", "bitrate", Range(lowest=193)),
        ("bitrate=128", "bitrate", Range(128, 128)),
        ("bitrate<=320", "bitrate", Range(highest=320)),
        ("bitrate<320 bitrate>=128", "bitrate", Range(128, 319)),
        ("size>10M", "size", Range(lowest=10 * MIB + 1)),
        ("size<=1.5G", "size", Range(highest=1536 * MIB)),
        ("size>=2t", "size", Range(lowest=2 * 1024**4)),
        ("size>=3k", "size", Range(lowest=3072)),
        ("size>=10MB", "size", Range(lowest=10 * MIB)),
        ("size>=10MiB", "size", Range(lowest=10 * MIB)),
        ("size=12345", "size", Range(12345, 12345)),
        ("size>4294967297", "size", Range(lowest=4294967298)),
        ("speed>=cable", "speed", Range(lowest=7)),
        ("speed=14.4", "speed", Range(1, 1)),
        ("speed<ISDN128", "speed", Range(highest=5)),
        ("speed>=10", "speed", Range(lowest=10)),
        ("duration>3:30", "duration", Range(lowest=211)),
        ("duration<=1:02:03", "duration", Range(highest=3723)),
        ("duration<90", "duration", Range(highest=89)),
        ("duration<90:00", "duration", Range(highest=5399)),
        ("freq>=44100", "frequency", Range(lowest=44100)),
        ("type:video", "type", b"video"),
        ("type:ANY", "type", None),
    ],
)
def test_filters(text: str, field: str, wanted: object) -> None:
    """Each filter sets its range or kind, and is no word."""
    query = parse_words("word " + text)
    assert getattr(query, field) == wanted
    assert query.contains == (b"word",)


@pytest.mark.parametrize("text", ["ext:flac", "ext:.FLAC"])
def test_extension(text: str) -> None:
    """An extension is a word for old servers and a filter for oneself."""
    query = parse_words(text)
    assert query.extension == b"flac"
    assert query.contains[0].lower() == b"flac"
    assert parse_query(query_body(query)) == SearchQuery(contains=query.contains)


@pytest.mark.parametrize(
    ("text", "word", "hint"),
    [
        ("a bitrat>=192", "bitrat>=192", "the filters are bitrate, duration, ext, freq, size"),
        ("re:zero", "re:zero", "to search for words, put them in quotes"),
        ("a bitrate:192", "bitrate:192", "for example bitrate>=192"),
        ("a bitrate>=fast", "bitrate>=fast", "a number of kbit/s, for example bitrate>=192"),
        ("a bitrate>=-1", "bitrate>=-1", "kbit/s"),
        ("a bitrate>=²", "bitrate>=²", "kbit/s"),
        ("a size>10Q", "size>10Q", "with K, M, G or T, for example size>10M"),
        ("a size>99999999999999999999", "size>9", "for example size>10M"),
        ("a speed>=11", "speed>=11", "14.4 28.8 33.6 56.7 isdn64 isdn128 cable dsl t1 t3"),
        ("a speed>=fast", "speed>=fast", "for example speed>=cable"),
        ("a duration>3:75", "duration>3:75", "for example duration>3:30"),
        ("a duration>1:75:00", "duration>1:75:00", "for example duration>3:30"),
        ("a duration>long", "duration>long", "minutes:seconds"),
        ("a freq>=cd", "freq>=cd", "a number of Hz"),
        ("a bitrate<0", "bitrate<0", "nothing can match"),
        ("a size>5M size<1M", "size<1M", "nothing can match"),
        ("a ext=flac", "ext=flac", "for example ext:flac"),
        ("a ext:/etc", "ext:/etc", "for example ext:flac"),
        ("ext:a ext:b", "ext:b", "one file name extension"),
        ("a type:album", "type:album", "one of mp3 audio video image text application"),
        ("a type=video", "type=video", "write type:"),
        ("a -ext:flac", "-ext:flac", "cannot be turned round"),
        ('a "b', '"b', "stand in pairs"),
        ("a*b", "a*b", "only at the end of a word"),
        ("*", "*", "only at the end of a word"),
        ("a\0b", "a\\x00b", "NUL"),
        ("a\ud800", "a\\ud800", "this is not text"),
        ("type:\ud800", "type:", "one of mp3"),
    ],
)
def test_wrong_words(text: str, word: str, hint: str) -> None:
    """The error names the word as typed, on one harmless line, and says what would be right."""
    with pytest.raises(QueryError) as caught:
        parse_words(text)
    message = str(caught.value)
    assert message.startswith(word)
    assert hint in message
    assert message.isprintable()


@pytest.mark.parametrize("text", ["", "   ", "-live", "bitrate>=192", '"" - &'])
def test_no_words(text: str) -> None:
    """A search needs something to be found by."""
    with pytest.raises(QueryError, match="name at least one word"):
        parse_words(text)


def test_bounds() -> None:
    """Too many words and too long ones are refused before anything is sent."""
    with pytest.raises(QueryError, match="at most 32 words"):
        parse_words("a " * (MAX_WORDS + 1))
    with pytest.raises(QueryError, match="too long"):
        parse_words("a" * MAX_BODY)


SNIPPETS = 'word -word "a b" ext: flac type: video size > < >= = 10M cable 3:30 * - " : \0 \ud800'
snippets = st.sampled_from([*SNIPPETS.split(" "), " "])


@given(st.text() | st.lists(snippets).map("".join))
def test_any_text_is_a_query_or_an_error(text: str) -> None:
    """Whatever is typed can be sent, or is refused in one line."""
    complaint = ""
    try:
        query = parse_words(text)
    except QueryError as error:
        complaint = str(error)
    else:
        assert len(query_body(query)) <= MAX_BODY
        assert parse_query(query_body(query)).contains == query.contains
    assert complaint.isprintable()
