"""How a person writes a search: words, `-word`, `prefix*`, and filters such as `bitrate>=192`."""

import re
from collections.abc import Callable
from typing import Any, Final, NoReturn

import attrs

from napster.units import LINK_SPEEDS, parse_size
from napster.wire.errors import QueryError
from napster.wire.fields import display
from napster.wire.framing import MAX_BODY
from napster.wire.search.query import ANY, MAX_WORDS, TYPES, Range, SearchQuery
from napster.wire.search.request import query_body

SPEEDS: Final = {name: number for number, name in enumerate(LINK_SPEEDS) if number}
"""Link speeds by name (protocol section 1); 0 is an unknown speed and has none."""

_TOKEN: Final = re.compile(r'(?P<minus>-?)"(?P<phrase>[^"]*)"|(?P<bare>\S+)')
_FILTER: Final = re.compile(r"(?P<name>[A-Za-z]+)(?P<relation>>=|<=|>|<|=|:)(?P<value>.+)")
_CLOCK: Final = re.compile(r"(?:(?:([0-9]{1,4}):)?([0-9]{1,4}):)?([0-9]{1,9})")
_EXTENSION: Final = re.compile(r"\.?(\w[\w.-]*)")
_HIGHEST: Final = 2**64 - 1


def parse_words(text: str) -> SearchQuery:
    """Read a search as a person writes it.

    Words are required, in any order; `"several words"` are a phrase, `-word` is excluded, `prefix*`
    matches by its beginning. Filters: bitrate (kbit/s), freq (Hz), size (bytes, or with K, M, G, T
    of 1,024), duration (seconds or minutes:seconds) and speed (a name in SPEEDS or 0 to 10) with
    `>= <= > < =`; `ext:flac`; `type:video`. Raises QueryError naming the wrong word.
    """
    draft = _Draft()
    for token in _TOKEN.finditer(text):
        if token["bare"] is None:
            draft.words(token["minus"], token["phrase"], token[0])
        else:
            draft.bare(token["bare"])
    return _bounded(draft.query())


def _bounded(query: SearchQuery) -> SearchQuery:
    if not query.contains:
        raise QueryError("name at least one word to search for")
    if query.word_count > MAX_WORDS:
        raise QueryError(f"a search has at most {MAX_WORDS} words; this one has more")
    if len(query_body(query)) > MAX_BODY:
        raise QueryError("the search is too long; use fewer or shorter words")
    return query


def _wrong(token: str, hint: str) -> NoReturn:
    shown = display(token.encode("utf-8", "backslashreplace"))
    raise QueryError(f"{shown}: {hint}")


@attrs.define
class _Draft:
    """A search being read."""

    contains: list[bytes] = attrs.field(factory=list)
    excludes: list[bytes] = attrs.field(factory=list)
    others: dict[str, Any] = attrs.field(factory=dict)

    def query(self) -> SearchQuery:
        return SearchQuery(tuple(self.contains), tuple(self.excludes), **self.others)

    def bare(self, token: str) -> None:
        if '"' in token:
            _wrong(token, "double quotes stand in pairs around words, with a space on both sides")
        if found := _FILTER.fullmatch(token):
            self.filter(token, found)
        elif token.startswith("-") and _FILTER.fullmatch(token[1:]):
            _wrong(token, "a filter cannot be turned round with a minus")
        elif token.startswith("-"):
            self.words("-", token[1:], token)
        else:
            self.words("", token, token)

    def words(self, minus: str, phrase: str, token: str) -> None:
        if "*" in re.sub(r"\w\*(?=\s|$)", "", phrase):
            _wrong(token, "* stands only at the end of a word, for any ending")
        if "\0" in phrase:
            _wrong(token, "a NUL cannot be searched for")
        try:
            raw = phrase.encode("utf-8", "surrogateescape")
        except UnicodeEncodeError:
            _wrong(token, "this is not text; type the words anew")
        if re.search(r"\w", phrase):
            (self.excludes if minus else self.contains).append(_plain(raw))

    def filter(self, token: str, found: re.Match[str]) -> None:
        name, relation, value = found["name"].lower(), found["relation"], found["value"]
        if name in _RANGES:
            self.range(token, _RANGES[name], relation, value)
        elif name == "ext":
            self.extension(token, relation, value)
        elif name == "type":
            self.type(token, relation, value)
        else:
            known = ", ".join(sorted([*_RANGES, "ext"])) + " and type"
            _wrong(token, f"the filters are {known}; to search for words, put them in quotes")

    def range(self, token: str, filter_: "_RangeFilter", relation: str, value: str) -> None:
        number = filter_.read(value.upper())
        if relation == ":" or number is None or number > _HIGHEST:
            _wrong(token, f"{filter_.hint}, for example {filter_.example}")
        wanted = self.others.get(filter_.field, ANY) & _RELATIONS[relation](number)
        if wanted.empty:
            _wrong(token, "nothing can match this together with the words before it")
        self.others[filter_.field] = wanted

    def extension(self, token: str, relation: str, value: str) -> None:
        found = _EXTENSION.fullmatch(value)
        if relation != ":" or not found or "extension" in self.others:
            _wrong(token, "give one file name extension, for example ext:flac")
        self.words("", found[1], token)
        self.others["extension"] = self.contains[-1].lower()

    def type(self, token: str, relation: str, value: str) -> None:
        wanted = value.lower().encode("utf-8", "backslashreplace")
        if relation != ":" or wanted not in {*TYPES, b"any"}:
            _wrong(token, f"write type: and any or one of {b' '.join(TYPES).decode()}")
        self.others["type"] = None if wanted == b"any" else wanted


def _plain(phrase: bytes) -> bytes:
    """Take leading minus signs off the words, as they would exclude them on the wire."""
    words = (word.lstrip(b"-") for word in phrase.split())
    return b" ".join(word for word in words if word)


def _whole(text: str) -> int | None:
    return int(text) if re.fullmatch("[0-9]{1,20}", text) else None


def _speed(text: str) -> int | None:
    number = SPEEDS.get(text.lower(), _whole(text))
    return number if number is not None and number <= max(SPEEDS.values()) else None


def _seconds(text: str) -> int | None:
    found = _CLOCK.fullmatch(text)
    if not found:
        return None
    hours, minutes, seconds = (int(part or 0) for part in found.groups())
    if (found[1] and minutes >= 60) or (found[2] and seconds >= 60):
        return None
    return hours * 3600 + minutes * 60 + seconds


@attrs.frozen
class _RangeFilter:
    """A filter on a number: its field, how it is read, and what to say if it cannot be."""

    field: str
    read: Callable[[str], int | None]
    hint: str
    example: str


_RELATIONS: Final[dict[str, Callable[[int], Range]]] = {
    ">=": lambda number: Range(lowest=number),
    ">": lambda number: Range(lowest=number + 1),
    "<=": lambda number: Range(highest=number),
    "<": lambda number: Range(highest=number - 1),
    "=": lambda number: Range(number, number),
}
_COMPARE: Final = "compare with >= <= > < or ="
_RANGES: Final = {
    "bitrate": _RangeFilter(
        "bitrate", _whole, f"{_COMPARE} and a number of kbit/s", "bitrate>=192"
    ),
    "duration": _RangeFilter(
        "duration", _seconds, f"{_COMPARE} and seconds or minutes:seconds", "duration>3:30"
    ),
    "freq": _RangeFilter("frequency", _whole, f"{_COMPARE} and a number of Hz", "freq>=44100"),
    "size": _RangeFilter(
        "size", parse_size, f"{_COMPARE} and bytes, or a number with K, M, G or T", "size>10M"
    ),
    "speed": _RangeFilter(
        "speed", _speed, f"{_COMPARE} and 0 to 10 or one of {' '.join(SPEEDS)}", "speed>=cable"
    ),
}
