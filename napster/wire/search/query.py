"""The value of a search, and the part of it that a client can check by itself."""

import re
import unicodedata
from collections.abc import Sequence
from typing import Protocol, Self

import attrs

from napster.wire.fields import display

MAX_RESULTS = 100
"""How many results a search gets at most (protocol section 4.3)."""

MAX_WORDS = 32
"""How many words a search may have, required and excluded ones together."""

TYPES = (b"mp3", b"audio", b"video", b"image", b"text", b"application")
"""The kinds of files a search can be limited to."""

_WORD = re.compile(rb"[0-9A-Za-z'\x80-\xff]+")
_FOLDED_WORD = re.compile(r"[^\W_]+")
_FOLDED_TERM = re.compile(r"[^\W_]+\*?")


@attrs.frozen
class Range:
    """An inclusive range of whole numbers; None leaves an end open."""

    lowest: int | None = None
    highest: int | None = None

    def __contains__(self, value: int) -> bool:
        """Whether a value lies in the range."""
        return (self.lowest is None or self.lowest <= value) and (
            self.highest is None or value <= self.highest
        )

    def __and__(self, other: Self) -> "Range":
        """Return the range of what lies in both."""
        lows = [each.lowest for each in (self, other) if each.lowest is not None]
        highs = [each.highest for each in (self, other) if each.highest is not None]
        return Range(max(lows, default=None), min(highs, default=None))

    @property
    def empty(self) -> bool:
        """Whether nothing from 0 upwards lies in the range."""
        return self.highest is not None and self.highest < (self.lowest or 0)


ANY = Range()
"""The range of everything."""


@attrs.frozen
class SearchQuery:
    """A search. Phrases are raw bytes of any words; how words match is the catalog's to say.

    Ranges: speed from 0 to 10, bit rate in kbit/s, frequency in Hz, size in bytes, duration in s.
    """

    contains: Sequence[bytes] = ()
    excludes: Sequence[bytes] = ()
    max_results: int = MAX_RESULTS
    speed: Range = ANY
    bitrate: Range = ANY
    frequency: Range = ANY
    size: Range = ANY
    duration: Range = ANY
    type: bytes | None = None
    """One of TYPES, or None for any."""
    local: bool = False
    extension: bytes | None = None
    """Lower case, without the dot. It does not travel: the asker filters by it (`matches`)."""

    @property
    def word_count(self) -> int:
        """How many words the phrases have, counted as the C servers split them."""
        return len(_WORD.findall(b" ".join((*self.contains, *self.excludes))))

    def limited(self, most: int) -> Self:
        """Ask for no more results than so many, and for so many if no number was asked for."""
        if 0 < self.max_results <= most:
            return self
        return attrs.evolve(self, max_results=most)

    def for_old_server(self) -> Self:
        """Leave out what OpenNap 0.36 refuses; the asker checks it instead (`matches`)."""
        return attrs.evolve(self, excludes=(), size=ANY, duration=ANY)


class FileProperties(Protocol):
    """What `matches` looks at: offered, found and listed files all have it."""

    @property
    def path(self) -> bytes:
        """The whole virtual path."""

    @property
    def size(self) -> int:
        """The size in bytes."""

    @property
    def bitrate(self) -> int:
        """The bit rate in kbit/s."""

    @property
    def frequency(self) -> int:
        """The sampling frequency in Hz."""

    @property
    def duration(self) -> int:
        """The duration in s."""


def matches(query: SearchQuery, file: FileProperties) -> bool:
    """Whether a file found has the properties asked for, for servers that do not look.

    Checks the ranges but the link speed's, the extension, and that no excluded word is in the
    path; not the words required, nor the kind of file.
    """
    return (
        file.size in query.size
        and file.bitrate in query.bitrate
        and file.frequency in query.frequency
        and file.duration in query.duration
        and (query.extension is None or file.path.lower().endswith(b"." + query.extension))
        and not _excluded(query.excludes, file.path)
    )


def _excluded(phrases: Sequence[bytes], path: bytes) -> bool:
    present = _FOLDED_WORD.findall(_fold(path))
    unwanted = [word for phrase in phrases for word in _FOLDED_TERM.findall(_fold(phrase))]
    prefixes = tuple(word[:-1] for word in unwanted if word.endswith("*"))
    return any(word in unwanted or word.startswith(prefixes) for word in present)


def _fold(raw: bytes) -> str:
    """Take case, accents and apostrophes away."""
    text = unicodedata.normalize("NFKD", display(raw).casefold().replace("'", ""))
    return "".join(char for char in text if not unicodedata.combining(char))
