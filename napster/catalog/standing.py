"""Standing searches: which of many queries match the files that are being shared.

A query waits under a pair: the two rarest of its required words. Files that come together are
sifted for pairs together. So however many queries wait, a file meets only those whose two rarest
words it has.
"""

import re
from bisect import bisect_right
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from itertools import accumulate, groupby
from operator import itemgetter
from typing import Generic, TypeVar

import attrs

from napster.catalog.admission import RefusedError, read_record
from napster.catalog.filters import has_filter, passes
from napster.catalog.interface import Hit, Owner
from napster.catalog.listing import Listing, separate
from napster.catalog.pair_filter import PairFilter
from napster.catalog.words import Term, has, terms, words
from napster.wire.search import SearchQuery

K = TypeVar("K", bound=Hashable)
Words = set[bytes]

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
    """A query, the number of its pair, its required words, and its other terms."""

    query: SearchQuery
    pair: int
    words: Sequence[bytes]
    prefixes: Sequence[Term]
    excluded: Sequence[Term]
    plain: bool
    """Whether it asks for nothing but words."""

    def accepts(self, words: Words, hit: Hit) -> bool:
        """Whether a file that has all required words matches as a whole."""
        return self.plain or (
            all(has(words, term) for term in self.prefixes)
            and not any(has(words, term) for term in self.excluded)
            and passes(hit, self.query)
        )


def _prepare(query: SearchQuery, frequency: Callable[[bytes], int]) -> _Waiting:
    required, excluded = terms(query.contains), terms(query.excludes)
    words = [term.word for term in required if not term.prefix]
    if not words:
        raise NoWordError("it needs at least one whole word")
    words.sort(key=lambda word: (frequency(word), -len(word), word))
    pair = PairFilter.number(words[0], words[:2][-1])
    prefixes = [term for term in required if term.prefix]
    plain = not (prefixes or excluded or has_filter(query))
    return _Waiting(query, pair, words, prefixes, [*excluded], plain)


class StandingQueries(Generic[K]):
    """Queries by key. `frequency` says how many files have a word, about."""

    def __init__(self, frequency: Callable[[bytes], int]) -> None:
        self._frequency = frequency
        self._filter = PairFilter()
        self._by_pair: dict[int, dict[K, _Waiting]] = {}
        self._queries: dict[K, _Waiting] = {}

    def __len__(self) -> int:
        """How many queries wait."""
        return len(self._queries)

    def add(self, key: K, query: SearchQuery) -> None:
        """Let a query wait under a key that is free; raises NoWordError."""
        waiting = _prepare(query, self._frequency)
        if waiting.pair not in self._by_pair:
            self._filter.add(waiting.pair)
        self._by_pair.setdefault(waiting.pair, {})[key] = self._queries[key] = waiting

    def remove(self, key: K) -> None:
        """Let a query wait no longer; unknown: no-op."""
        waiting = self._queries.pop(key, None)
        if waiting is None:
            return
        others = self._by_pair[waiting.pair]
        del others[key]
        if not others:
            del self._by_pair[waiting.pair]
            self._filter.remove(waiting.pair)

    def match(
        self, owner: Owner, records: Sequence[bytes], listing: Listing | None = None
    ) -> Iterator[Match[K] | None]:
        """Find the files, given as bodies of message 100, that queries wait for.

        Yields None wherever it may be interrupted. `listing` are the same files if they have been
        taken apart. Bodies that cannot be read are passed over. Queries may go between two files;
        one that comes may miss the next few.
        """
        if not records:
            return
        names, directories, lengths = _separated(records, listing)
        ends = [*accumulate(lengths)]
        for part in self._filter.find(names, directories, lengths):
            for place, pairs in groupby(part, itemgetter(0)):
                own = set(words(directories[bisect_right(ends, place)] + names[place]))
                if waiting := self._waiting((pair for _, pair in pairs), own):
                    yield from _accepted(owner, records[place], own, waiting)
            yield None

    def _waiting(self, pairs: Iterable[int], own: Words) -> dict[K, _Waiting]:
        """Return what waits under some pairs, and has its required words among some."""
        return {
            key: each
            for pair in pairs
            for key, each in self._by_pair.get(pair, {}).items()
            if own.issuperset(each.words)
        }


def _separated(
    records: Sequence[bytes], listing: Listing | None
) -> tuple[list[bytes], list[bytes], list[int]]:
    """Return the names of files, their directories, and how many are in a row in each."""
    if listing is None:
        return separate([_path(record).replace(b"\0", b" ") for record in records])
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
    record = record.lstrip(b" ")
    if not record.startswith(b'"'):
        return record.partition(b" ")[0]
    end = record.find(b'"', 1)
    return record[1:] if end < 0 else record[1:end]
