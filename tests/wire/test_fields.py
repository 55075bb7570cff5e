"""Fields: quoted or not, shown to people without harm."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napster.wire.errors import ParseError
from napster.wire.fields import (
    FieldReader,
    argument,
    crop,
    display,
    excerpt,
    parse_number,
    quote,
    write_text,
)
from tests.wire.strategies import texts, tokens


def test_fields_one_after_the_other() -> None:
    """Bare and quoted fields mix; the rest keeps its spaces."""
    reader = FieldReader(b'nick "a path"  7   rest "of it" ')
    assert reader.argument() == b"nick"
    assert reader.argument() == b"a path"
    assert reader.argument() == b"7"
    assert reader.rest() == b'  rest "of it" '
    assert reader.rest() == b""
    assert reader.at_end()


def test_rest_after_a_quoted_field_lacks_only_the_separator() -> None:
    """One space separates, further ones belong to the text."""
    reader = FieldReader(b'"nick"  hi')
    reader.argument()
    assert reader.rest() == b" hi"


def test_a_quote_inside_a_field() -> None:
    """Only a leading quote opens a quoted field; inside one a quote is an error, or its end."""
    assert FieldReader(b'a"b c').argument() == b'a"b'
    with pytest.raises(ParseError, match="a quote inside a quoted field"):
        FieldReader(b'"c "d" e"').argument()
    lax = FieldReader(b'"c "d" e"', open_quotes=True)
    assert [lax.argument(), lax.argument(), lax.argument()] == [b"c ", b'd"', b'e"']


def test_a_nul_ends_the_body() -> None:
    """What stands behind a NUL is not read."""
    reader = FieldReader(b"nick te\0xt")
    reader.argument()
    assert reader.rest() == b"te"


@pytest.mark.parametrize("body", [b"", b"   ", b"\0nick"])
def test_a_missing_field(body: bytes) -> None:
    """Nothing but spaces is no field."""
    reader = FieldReader(body)
    assert reader.at_end()
    with pytest.raises(ParseError, match="a field is missing"):
        reader.argument()


def test_a_missing_closing_quote() -> None:
    """It is an error, unless the reader was told to bear it."""
    with pytest.raises(ParseError, match="closing quote is missing"):
        FieldReader(b'"half').argument()
    reader = FieldReader(b'"half a field', open_quotes=True)
    assert reader.argument() == b"half a field"
    assert reader.at_end()


@given(st.lists(tokens, max_size=5))
def test_fields_are_read_as_written(values: list[bytes]) -> None:
    """Whatever `argument` writes is read back, in any company."""
    reader = FieldReader(b" ".join(argument(each) for each in values))
    assert [reader.argument() for _ in values] == values
    assert reader.at_end()


@given(st.binary())
def test_garbage_is_fields_or_a_parse_error(garbage: bytes) -> None:
    """A reader always comes to the end or complains."""
    reader = FieldReader(garbage)
    try:
        while not reader.at_end():
            reader.argument()
    except ParseError:
        assert b'"' in garbage


@pytest.mark.parametrize("value", [b'a "b', b"a\0b", b'"', b"\0"])
def test_what_cannot_be_sent(value: bytes) -> None:
    """A double quote beside a space and a NUL have no place in a field."""
    with pytest.raises(ParseError, match="cannot be sent"):
        argument(value)
    with pytest.raises(ParseError, match="cannot be sent"):
        quote(value)


def test_text_beyond_latin_1_cannot_be_sent() -> None:
    """A nick is never quietly changed into another."""
    assert write_text("zoë") == b"zo\xeb"
    with pytest.raises(ParseError, match="only Latin-1"):
        write_text("Ωmega")


@pytest.mark.parametrize("text", [b"", b"-1", b"1.5", b"0x10", b" 1", b"256", b"9" * 21, b"\xb2"])
def test_not_a_number_in_range(text: bytes) -> None:
    """Signs, fractions, blanks, and numbers too large are refused."""
    with pytest.raises(ParseError, match="is not a number from 0 to 255"):
        parse_number(text, 255)


def test_numbers() -> None:
    """The whole range of 64 bits is there, leading zeros are harmless."""
    assert parse_number(b"18446744073709551615") == 2**64 - 1
    assert parse_number(b"007") == 7


@pytest.mark.parametrize(
    ("raw", "shown"),
    [
        (b"plain", "plain"),
        ("Sigur Rós ♥".encode(), "Sigur Rós ♥"),
        (b"caf\xe9", "café"),
        (b"\x81 \xe9", "\\x81 é"),
        (b"a\nb\x1b[2J\x7f", "a\\x0ab\\x1b[2J\\x7f"),
        ("gpj\u202eexe".encode(), "gpj\\u202eexe"),
        ("\U000e0041".encode(), "\\U000e0041"),
        ("\u2028".encode(), "\\u2028"),
    ],
)
def test_display(raw: bytes, shown: str) -> None:
    """UTF-8, else cp1252; whatever is invisible or active is spelt out."""
    assert display(raw) == shown


@given(st.binary())
def test_display_is_one_printable_line(raw: bytes) -> None:
    """No name can forge a line or drive a terminal."""
    shown = display(raw)
    assert len(shown.splitlines()) <= 1
    assert not any(char in shown for char in "\x1b\r\n\t\x00\x9b\u202e")


def test_excerpt() -> None:
    """A long field is shown by its beginning."""
    assert excerpt(b"short") == "short"
    assert excerpt(b"x" * 41) == "x" * 40 + "..."


@given(texts.map(lambda raw: raw.decode("utf-8", "replace")), st.integers(0, 50))
def test_crop_keeps_utf8_whole(text: str, longest: int) -> None:
    """A cropped text is a beginning of it, as long as may be, with no broken character."""
    raw = text.encode()
    cropped = crop(raw, longest)
    assert raw.startswith(cropped)
    assert len(cropped) <= longest
    assert len(cropped) == len(raw) or len(cropped) > longest - 4
    cropped.decode("utf-8")
