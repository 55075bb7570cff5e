"""The request grammar of message 200 (protocol section 4.3).

Criteria stand in any order, keywords in any case, values with or without quotes. A missing closing
quote is forgiven, as by the C servers.
"""

import re
from collections.abc import Callable, Iterator
from typing import Any, Final

from napster.wire.errors import ParseError
from napster.wire.fields import excerpt, quote
from napster.wire.search.query import ANY, MAX_RESULTS, MAX_WORDS, TYPES, Range, SearchQuery

_RANGES: Final = {
    b"LINESPEED": "speed",
    b"BITRATE": "bitrate",
    b"FREQ": "frequency",
    b"SIZE": "size",
    b"DURATION": "duration",
}
_COMPARISONS: Final[dict[bytes, Callable[[int], Range]]] = {
    b"AT LEAST": lambda number: Range(lowest=number),
    b"AT BEST": lambda number: Range(highest=number),
    b"EQUAL TO": lambda number: Range(number, number),
}
_RELATIONS: Final = {b"CONTAINS", b"EXCLUDES"}
_FIELD: Final = re.compile(rb'"([^"]*)"?|([^" ][^ ]*)')
"""A field in quotes, of which the closing one may lack, or one without."""
_USUAL: Final = re.compile(
    rb'(?:(?:FILENAME CONTAINS "[^"\0-]*+"|MAX_RESULTS ([0-9]{1,9}))(?: |\Z))*+'
)
"""Nothing but required words, none with a minus, and a number: all that most people search by."""
_NUMBER: Final = re.compile(rb"-?[0-9]{1,20}")
_HIGHEST: Final = 2**64 - 1


def parse_query(body: bytes) -> SearchQuery:
    """Read the body of message 200.

    A word in a CONTAINS phrase that begins with a minus is excluded, as in opennap-ng. Ranges of
    one property narrow each other. Raises ParseError, naming what is wrong.
    """
    query = _usual(body) or _Request(body).read()
    # A short body need not be counted: a word takes two bytes, with what parts it from the next.
    if len(body) > 2 * MAX_WORDS and query.word_count > MAX_WORDS:
        raise _invalid(f"it has more than {MAX_WORDS} words")
    return query


def fields(body: bytes) -> Iterator[bytes]:
    """Take a body apart at once, as a `FieldReader` with `open_quotes` does one by one."""
    found = _FIELD.findall(body.partition(b"\0")[0])
    return iter([quoted or bare for quoted, bare in found])


def query_body(query: SearchQuery) -> bytes:
    """Write a query in the request grammar. Raises ParseError for phrases with a double quote."""
    parts = [b"FILENAME CONTAINS " + quote(_without_minus(each)) for each in query.contains]
    parts += [b"FILENAME EXCLUDES " + quote(each) for each in query.excludes]
    parts.append(b"MAX_RESULTS %d" % query.max_results)
    if query.type is not None:
        parts.append(b"TYPE " + query.type)
    for keyword, field in _RANGES.items():
        parts += _comparisons(keyword, getattr(query, field))
    if query.local:
        parts.append(b"LOCAL")
    return b" ".join(parts)


def _invalid(what: str) -> ParseError:
    return ParseError(f"invalid search request: {what}")


def _without_minus(phrase: bytes) -> bytes:
    return b" ".join(word.lstrip(b"-") for word in phrase.split(b" "))


def _comparisons(keyword: bytes, wanted: Range) -> list[bytes]:
    if wanted.lowest is not None and wanted.lowest == wanted.highest:
        return [b'%b "EQUAL TO" %d' % (keyword, wanted.lowest)]
    parts = []
    if wanted.lowest is not None:
        parts.append(b'%b "AT LEAST" %d' % (keyword, wanted.lowest))
    if wanted.highest is not None:
        parts.append(b'%b "AT BEST" %d' % (keyword, wanted.highest))
    return parts


def _usual(body: bytes) -> SearchQuery | None:
    """Read a request of the usual form in one go; None if it has another."""
    found = _USUAL.fullmatch(body)
    if found is None:
        return None
    phrases = [b" ".join(phrase.split()) for phrase in body.split(b'"')[1::2]]
    return SearchQuery(tuple(filter(None, phrases)), max_results=_granted(int(found[1] or 0)))


def _granted(wanted: int) -> int:
    return wanted if 0 < wanted < MAX_RESULTS else MAX_RESULTS


class _Request:
    """A request being read: criteria taken off one after the other."""

    def __init__(self, body: bytes) -> None:
        self._fields = fields(body)
        self._contains: list[bytes] = []
        self._excludes: list[bytes] = []
        self._others: dict[str, Any] = {}

    def read(self) -> SearchQuery:
        for field in self._fields:
            keyword = field.upper()
            criterion = _CRITERIA.get(keyword)
            if criterion is None:
                raise _invalid(f"there is no criterion {excerpt(keyword)!r}")
            criterion(self, keyword)
        return SearchQuery(tuple(self._contains), tuple(self._excludes), **self._others)

    def _take(self, after: bytes) -> bytes:
        field = next(self._fields, None)
        if field is None:
            raise _invalid(f"nothing follows {after.decode()}")
        return field

    def filename(self, keyword: bytes) -> None:
        relation = self._take(keyword).upper()
        if relation not in _RELATIONS:
            raise _invalid(f"FILENAME {excerpt(relation)!r} is neither CONTAINS nor EXCLUDES")
        phrase = self._take(b"FILENAME " + relation)
        words, required = phrase.split(), relation == b"CONTAINS"
        if required and b"-" in phrase:
            words = self._without_excluded(words)
        if words:
            (self._contains if required else self._excludes).append(b" ".join(words))

    def _without_excluded(self, words: list[bytes]) -> list[bytes]:
        minus = [word for word in words if word.startswith(b"-") and word.strip(b"-")]
        self._excludes += [word.lstrip(b"-") for word in minus]
        return [word for word in words if word not in minus]

    def _number(self, after: bytes) -> int:
        text = self._take(after).strip()
        if not _NUMBER.fullmatch(text):
            raise _invalid(f"{after.decode()} {excerpt(text)!r} is not a number")
        return min(int(text), _HIGHEST)

    def max_results(self, keyword: bytes) -> None:
        self._others["max_results"] = _granted(self._number(keyword))

    def range(self, keyword: bytes) -> None:
        comparison = b" ".join(self._take(keyword).upper().split())
        if comparison in {b"AT", b"EQUAL"}:
            comparison += b" " + self._take(keyword).upper()
        if comparison not in _COMPARISONS:
            raise _invalid(
                f"{excerpt(comparison)!r} is not AT LEAST, AT BEST or EQUAL TO"
                f" after {keyword.decode()}"
            )
        number = max(self._number(keyword), 0)
        field = _RANGES[keyword]
        self._others[field] = self._others.get(field, ANY) & _COMPARISONS[comparison](number)

    def type(self, keyword: bytes) -> None:
        name = self._take(keyword).lower()
        if name not in {*TYPES, b"any"}:
            raise _invalid(f"there is no file type {excerpt(name)!r}")
        self._others["type"] = None if name == b"any" else name

    def local(self, _: bytes) -> None:
        self._others["local"] = True

    def ignored(self, _: bytes) -> None:
        pass


_CRITERIA: Final = {
    b"FILENAME": _Request.filename,
    b"MAX_RESULTS": _Request.max_results,
    b"TYPE": _Request.type,
    b"LOCAL": _Request.local,
    b"LOCAL_ONLY": _Request.local,
    b"WMA-FILE": _Request.ignored,
    **dict.fromkeys(_RANGES, _Request.range),
}
"""What reads the rest of a criterion, by its keyword."""
