"""Splitting and folding."""

import sys
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napster.catalog.words import Term, fold, terms, words


def _starts(word: bytes) -> Term:
    return Term(word, prefix=True)


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (rb"C:\My Music\AC-DC\01_Thunder.mp3", b"c my music ac dc 01 thunder mp3"),
        (b"", b""),
        (b"!!! ...", b""),
        (b"a b a", b"a b a"),
        (b"Don't Stop", b"dont stop"),
        ("Don’t Stop".encode(), b"dont stop"),
        (b"Don\x92t Stop", b"dont stop"),
        ("Motörhead".encode(), b"motorhead"),
        ("Moto\u0308rhead".encode(), b"motorhead"),
        (b"Mot\xf6rhead", b"motorhead"),
        ("Straße STRASSE".encode(), b"strasse strasse"),
        ("Røyksopp Łódź Ænima".encode(), b"royksopp lodz aenima"),
        ("ＡＢＣ １２".encode(), b"abc 12"),
        ("東京事変 – 修羅場".encode(), "東京事変 修羅場".encode()),
        ("…And Justice".encode(), b"and justice"),
        ("½ ™".encode(), b"1 2 tm"),
        ("🎵song🎵two".encode(), b"song two"),
        (b"\x81\x8d", b""),
        (b"mixed \xe9t\xe9 " + "été".encode(), b"mixed ete ete"),
    ],
)
def test_words_are_whole_lower_and_unaccented(raw: bytes, expected: bytes) -> None:
    """Real names, in the encodings and normal forms that are in use, become plain words."""
    assert words(raw) == expected.split()


def test_vowel_signs_do_not_split_a_word() -> None:
    """Signs without which an Indic word would fall into letters stay in it."""
    assert len(words("हिन्दी".encode())) == 1


def test_folding_again_changes_nothing() -> None:
    """Every character there is folds to something that folds to itself."""
    for code in range(sys.maxunicode + 1):
        if not 0xD800 <= code <= 0xDFFF:
            for word in fold(chr(code).encode()):
                assert fold(word) == [word], hex(code)


def test_case_and_normal_form_do_not_matter() -> None:
    """Every letter gives the same words in upper case, lower case and all normal forms."""
    for code in range(0xA0, 0x250):
        expected = words(chr(code).encode())
        for form in ("NFC", "NFD", "NFKC", "NFKD"):
            assert words(unicodedata.normalize(form, chr(code)).encode()) == expected
        assert words(chr(code).upper().encode()) == expected or code in {0x131, 0x149, 0x17F}


@given(st.binary())
def test_any_bytes_become_words_without_separators(raw: bytes) -> None:
    """No input raises, and every word is one that a query can ask for."""
    for word in words(raw):
        assert words(word) == [word]
        assert terms([word]) == {Term(word)}


@given(st.lists(st.binary()))
def test_ascii_separators_split_before_decoding(parts: list[bytes]) -> None:
    """The words of a path are those of its parts, whatever their encodings."""
    assert words(b"\\".join(parts)) == [word for part in parts for word in words(part)]


@pytest.mark.parametrize(
    ("phrase", "expected"),
    [
        (b"", set()),
        (b"*", set()),
        (b"The  the", {Term(b"the")}),
        (b"beat*", {_starts(b"beat")}),
        (b"beat *", {Term(b"beat")}),
        (b"*les", {Term(b"les")}),
        (b"m*a*s*h", {_starts(b"m"), _starts(b"a"), _starts(b"s"), Term(b"h")}),
        (b"don't*", {_starts(b"dont")}),
        ("Mötley–Crü*".encode(), {Term(b"motley"), _starts(b"cru")}),
        (b"'*", set()),
    ],
)
def test_a_star_behind_a_word_makes_a_prefix(phrase: bytes, expected: set[Term]) -> None:
    """Only a star directly behind a word counts; other stars separate."""
    assert terms([phrase]) == expected


@given(st.lists(st.binary(), max_size=5))
def test_words_of_a_path_are_found_in_it(paths: list[bytes]) -> None:
    """A phrase copied from a path asks for nothing the path does not hold."""
    for path in paths:
        held = words(path)
        for term in terms([path]):
            assert any(
                word.startswith(term.word) if term.prefix else word == term.word for word in held
            )
