"""How paths and search phrases become words.

A raw token is a run of ASCII letters, ASCII digits, apostrophes and bytes above 127; every other
byte separates. Paths are bytes of unknown encoding, so each raw token is read by itself: as UTF-8,
or as cp1252 if it is not UTF-8. Its words are what is left after folding: compatibility forms
(NFKD), case and accents are gone, and letters such as `ø` that have no decomposition are spelt in
ASCII. What is then neither a letter, a digit nor a vowel sign separates as well.

An apostrophe neither separates nor counts: `don't`, `don’t` and `dont` are one word, as in
OpenNap, where the apostrophe is a letter. Words of one letter count.
"""

import re
import unicodedata
from collections.abc import Collection, Iterable, Iterator
from itertools import chain
from typing import NamedTuple

_APOSTROPHES = "'\u2018\u2019\u02bc"
_UNACCENTED = str.maketrans(
    {
        "ø": "o",
        "ł": "l",
        "đ": "d",
        "ħ": "h",
        "ð": "d",
        "þ": "th",
        "æ": "ae",
        "œ": "oe",
        "ı": "i",
        **dict.fromkeys(_APOSTROPHES, ""),
    }
)


def _lowered_or_space(byte: int) -> int:
    char = chr(byte)
    if byte > 127 or char.isalnum():
        return ord(char.lower()) if byte < 128 else byte
    return ord(" ")


LOWERED = bytes(map(_lowered_or_space, range(256)))
"""For `bytes.translate`: ASCII letters in lower case, separators as spaces, the rest kept."""
LOWERED_NAMES = b"\0" + LOWERED[1:]
"""The same, but NUL stays: it stands between names."""
IGNORED = b"'"
"""For `bytes.translate`: the bytes that are dropped."""


class Term(NamedTuple):
    """One word asked for, or the beginning of words."""

    word: bytes
    prefix: bool = False


def has(own: Collection[bytes], term: Term) -> bool:
    """Whether a term is among some words."""
    if not term.prefix:
        return term.word in own
    return any(word.startswith(term.word) for word in own)


def words(raw: bytes) -> list[bytes]:
    """Split a path or phrase into folded words (UTF-8), in order, repetitions included."""
    tokens = raw.translate(LOWERED, IGNORED).split()
    if raw.isascii():
        return tokens
    return [word for token in tokens for word in fold(token)]


def fold(token: bytes) -> list[bytes]:
    """Fold one raw token; it may hold no word at all, or several."""
    if token.isascii():
        return [token]
    text = _decompose(_decompose(_decode(token)).casefold()).translate(_UNACCENTED)
    return [word.encode() for word in "".join(map(_letter_or_space, text)).split()]


def _decode(token: bytes) -> str:
    try:
        return token.decode("utf-8")
    except UnicodeDecodeError:
        return token.decode("cp1252", errors="replace")


def _decompose(text: str) -> str:
    return unicodedata.normalize("NFKD", text)


def _letter_or_space(char: str) -> str:
    if unicodedata.combining(char):
        return ""
    return char if char.isalnum() or unicodedata.category(char)[0] == "M" else " "


_ASKED = re.compile(rb"[0-9A-Za-z'\x80-\xff]+\*?")


def terms(phrases: Iterable[bytes]) -> frozenset[Term]:
    """Split search phrases into terms; a word with `*` directly behind it is a prefix."""
    return frozenset(chain.from_iterable(map(_phrase_terms, phrases)))


def _phrase_terms(phrase: bytes) -> Iterable[Term]:
    return _with_prefixes(phrase) if b"*" in phrase else map(Term, words(phrase))


def _with_prefixes(phrase: bytes) -> Iterator[Term]:
    for token in _ASKED.findall(phrase):
        found = words(token)
        for word in found[:-1]:
            yield Term(word)
        if found:
            yield Term(found[-1], prefix=token.endswith(b"*"))
