"""Text for a terminal is harmless and fits."""

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napster.cli.text import clean, columns, crop, pad

ANY = st.text(max_size=60)
CLEAN = ANY.map(clean)


@given(ANY)
def test_clean_leaves_nothing_active(text: str) -> None:
    """No control, direction override, surrogate or line separator is left of any text."""
    categories = {unicodedata.category(char) for char in clean(text)}
    assert not categories & {"Cc", "Cf", "Cs", "Co", "Cn", "Zl", "Zp"}


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        ("plain", "plain"),
        ("Ágætis 日本 🎵", "Ágætis 日本 🎵"),
        ("\x1b[2J\x1b]0;x\x07", "\\x1b[2J\\x1b]0;x\\x07"),
        ("a\nb\rc\td", "a\\x0ab\\x0dc\\x09d"),
        ("\x9b31m", "\\x9b31m"),
        ("gpj.\u202eexe", "gpj.\\u202eexe"),
        ("\U000e0001", "\\U000e0001"),
        ("\udcff", "\\udcff"),
        ("\u2028", "\\u2028"),
    ],
)
def test_clean(text: str, shown: str) -> None:
    """What would act on a terminal is shown instead."""
    assert clean(text) == shown


@pytest.mark.parametrize(
    ("text", "width"),
    [
        ("", 0),
        ("abc", 3),
        ("日本", 4),
        ("é", 1),
        ("e\u0301", 1),
        ("🎵", 2),
        ("각", 2),
        ("\u1100\u1161\u11a8", 2),
    ],
)
def test_columns(text: str, width: int) -> None:
    """Wide characters take two columns, marks and joining letters none."""
    assert columns(text) == width


@given(CLEAN, st.integers(0, 70))
def test_crop_fits(text: str, room: int) -> None:
    """A cropped text never takes more room than it was given, and a fitting one is left alone."""
    cropped = crop(text, room)
    assert columns(cropped) <= room
    if columns(text) <= room:
        assert cropped == text


@given(CLEAN, st.integers(5, 70))
def test_crop_keeps_the_start(text: str, room: int) -> None:
    """What stands before the mark of omission is how the text begins."""
    head, mark, _ = crop(text, room).partition("…")
    assert text.startswith(head) or not mark


def test_crop_keeps_the_end() -> None:
    """A name keeps its extension, and a letter its accent."""
    assert crop("A very long name of a song.mp3", 16) == "A very lo…ng.mp3"
    assert crop("abcdefghie\u0301xyz", 6) == "abc…yz"


@given(CLEAN, st.integers(0, 70), st.booleans())
def test_pad_fills(text: str, room: int, right: bool) -> None:  # noqa: FBT001  # made by Hypothesis
    """A padded text takes the whole room, or what it takes by itself."""
    assert columns(pad(text, room, right=right)) == max(room, columns(text))
