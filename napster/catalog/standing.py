"""Standing searches: which of many queries match the files that are being shared.

A query waits under a pair: the two rarest of its required words. Files are looked at some of one
directory at a time: for the few pairs that all their words together hold, the files that have both
are looked for, and compared with what waits there. So however many queries wait, a file meets only
those whose two rarest words it has.
"""

import re
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import chain, islice
from typing import Generic, TypeVar

import attrs

from napster.catalog.admission import RefusedError, read_record
from napster.catalog.filters import has_filter, passes
from napster.catalog.interface import Hit, Owner
from napster.catalog.listing import Listing, separate
from napster.catalog.words import IGNORED, LOWERED, LOWERED_NAMES, Term, fold, terms
from napster.wire.search import SearchQuery

K = TypeVar("K", bound=Hashable)
Words = set[bytes]
Tokens = list[bytes]
Pair = tuple[bytes, bytes]
"""The rarest required word of a query and the next; the same twice if there is no other."""

_folded = lru_cache(maxsize=16_384)(fold)

_TOGETHER = 16
"""So many files of a directory are looked at together; the words of more would have more pairs."""
_MANY = 16
"""Files that hold so many pairs together are looked at one by one."""
_NUMBER = rb" (?:0|[1-9][0-9]{0,18})"
_CANONICAL = re.compile(rb'"[^"\0]+" [!#-~]{1,255}' + 4 * _NUMBER)
"""The body of a message 100 as we would write it ourselves."""


class NoWordError(ValueError):
    """A query without a whole word, which every file would have to be compared with."""


@attrs.frozen
class Match(Generic[K]):
    """A file that is waited for."""

    path: bytes
    body: bytes
    """The file as in a body of message 100."""
    keys: Sequence[K]
    """Of the queries that it matches."""


@attrs.frozen
class _Waiting:
    """A query, its pair, its other required words, and its other terms."""

    query: SearchQuery
    pair: Pair
    others: Sequence[bytes]
    prefixes: Sequence[Term]
    excluded: Sequence[Term]
    plain: bool
    """Whether it asks for nothing but words."""

    def accepts(self, words: Words, hit: Hit) -> bool:
        """Whether a file that has all required words matches as a whole."""
        return self.plain or (
            all(_has(words, term) for term in self.prefixes)
            and not any(_has(words, term) for term in self.excluded)
            and passes(hit, self.query)
        )


def _prepare(query: SearchQuery, frequency: Callable[[bytes], int]) -> _Waiting:
    required, excluded = terms(query.contains), terms(query.excludes)
    words = [term.word for term in required if not term.prefix]
    if not words:
        raise NoWordError("it needs at least one whole word")
    words.sort(key=lambda word: (frequency(word), -len(word), word))
    pair = words[0], words[:2][-1]
    prefixes = [term for term in required if term.prefix]
    plain = not (prefixes or excluded or has_filter(query))
    return _Waiting(query, pair, words[2:], prefixes, [*excluded], plain)


class StandingQueries(Generic[K]):
    """Queries by key. `frequency` says how many files have a word, about."""

    def __init__(self, frequency: Callable[[bytes], int]) -> None:
        self._frequency = frequency
        self._seconds: dict[bytes, set[bytes]] = {}
        """The second words of pairs, by the first."""
        self._by_pair: dict[Pair, dict[K, _Waiting]] = {}
        self._queries: dict[K, _Waiting] = {}

    def __len__(self) -> int:
        """How many queries wait."""
        return len(self._queries)

    def add(self, key: K, query: SearchQuery) -> None:
        """Let a query wait under a key that is free; raises NoWordError."""
        waiting = _prepare(query, self._frequency)
        first, second = waiting.pair
        self._seconds.setdefault(first, set()).add(second)
        self._by_pair.setdefault(waiting.pair, {})[key] = self._queries[key] = waiting

    def remove(self, key: K) -> None:
        """Let a query wait no longer; unknown: no-op."""
        waiting = self._queries.pop(key, None)
        if waiting is None:
            return
        first, second = waiting.pair
        del self._by_pair[waiting.pair][key]
        if not self._by_pair[waiting.pair]:
            del self._by_pair[waiting.pair]
            self._seconds[first].remove(second)
        if not self._seconds[first]:
            del self._seconds[first]

    def match(
        self, owner: Owner, records: Sequence[bytes], listing: Listing | None = None
    ) -> Iterator[Match[K]]:
        """Find the files, given as bodies of message 100, that queries wait for.

        `listing` are the same files if they have been taken apart. Bodies that cannot be read are
        passed over. Queries may go between two files; one that comes may miss the next few.
        """
        names, directories, lengths = _separated(records, listing)
        tokens = _tokens(names)
        for above, files in _groups(_tokens(directories), lengths):
            for place, pairs in self._holding(above, tokens, files):
                words = {*above, *tokens[place]}
                if waiting := self._waiting(pairs, words):
                    yield from _accepted(owner, records[place], words, waiting)

    def _holding(
        self, above: Tokens, tokens: Sequence[Tokens], files: range
    ) -> Iterable[tuple[int, Iterable[Pair]]]:
        """Go through those of some files of a directory that hold pairs, and these."""
        together = set().union(above, *tokens[files.start : files.stop])
        pairs = [*islice(self._pairs(together), _MANY)]
        if len(pairs) < _MANY:
            return sorted(_having(pairs, above, tokens, files).items())
        return ((place, self._pairs({*above, *tokens[place]})) for place in files)

    def _pairs(self, words: Words) -> Iterator[Pair]:
        """Go through the pairs that some words hold."""
        seconds = self._seconds
        for first in seconds.keys() & words:
            if not seconds[first].isdisjoint(words):
                for second in seconds[first] & words:
                    yield first, second

    def _waiting(self, pairs: Iterable[Pair], words: Words) -> dict[K, _Waiting]:
        """Return what waits under some pairs, and has its other required words among some."""
        return {
            key: each
            for pair in pairs
            for key, each in self._by_pair.get(pair, {}).items()
            if words.issuperset(each.others)
        }


def _groups(
    directories: Iterable[Tokens], lengths: Iterable[int]
) -> Iterator[tuple[Tokens, range]]:
    """Go through files some at a time: the words of their directory, and their places."""
    end = 0
    for above, length in zip(directories, lengths, strict=True):
        start, end = end, end + length
        for place in range(start, end, _TOGETHER):
            yield above, range(place, min(place + _TOGETHER, end))


def _having(
    pairs: Iterable[Pair], above: Tokens, tokens: Sequence[Tokens], files: range
) -> dict[int, list[Pair]]:
    """Return those of some files of a directory that have both words of pairs, and which."""
    found: defaultdict[int, list[Pair]] = defaultdict(list)
    for pair in pairs:
        places: Sequence[int] = files
        for word in pair:
            if word not in above:
                places = [place for place in places if word in tokens[place]]
        for place in places:
            found[place].append(pair)
    return found


def _separated(
    records: Sequence[bytes], listing: Listing | None
) -> tuple[list[bytes], list[bytes], list[int]]:
    """Return the names of files, their directories, and how many are in a row in each."""
    if listing is None:
        return separate(list(map(_path, records))) if records else ([], [], [])
    return listing.names, listing.directories, listing.lengths


def _accepted(
    owner: Owner, record: bytes, words: Words, waiting: Mapping[K, _Waiting]
) -> Iterator[Match[K]]:
    plain = [key for key, each in waiting.items() if each.plain]
    if len(plain) == len(waiting) and _CANONICAL.fullmatch(record):
        yield Match(_path(record), record, plain)
        return
    try:
        hit = Hit(read_record(record, owner.nick), owner)
    except RefusedError:
        return
    if keys := [key for key, each in waiting.items() if each.accepts(words, hit)]:
        yield Match(hit.file.path, hit.file.body(), keys)


def _path(record: bytes) -> bytes:
    """Take the path out of the body of a message 100: the first field, in quotes or one word."""
    if not record.startswith(b'"'):
        return record.partition(b" ")[0]
    end = record.find(b'"', 1)
    return record[1:] if end < 0 else record[1:end]


def _tokens(paths: Sequence[bytes]) -> list[Tokens]:
    """Return all words of each path, and maybe raw tokens, which are no words and do no harm."""
    lowered = b"\0".join(paths).translate(LOWERED_NAMES, IGNORED).split(b"\0")
    if len(lowered) != len(paths):  # there is a NUL in one of them
        lowered = [path.translate(LOWERED, IGNORED) for path in paths]
    return [text.split() if text.isascii() else _with_folded(text.split()) for text in lowered]


def _with_folded(tokens: Tokens) -> Tokens:
    foreign = [token for token in tokens if not token.isascii()]
    return [*tokens, *chain.from_iterable(map(_folded, foreign))]


def _has(words: Words, term: Term) -> bool:
    if not term.prefix:
        return term.word in words
    return any(word.startswith(term.word) for word in words)
