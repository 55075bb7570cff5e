"""Standing searches: which of many queries match the files that are being shared.

The required words of each query, rarest first, are a way from the root of a tree to the node where
the query waits. A file's words open only the branches they name. So a file costs one look at its
words as long as none of them is the rarest word of a query, and however many queries wait, it meets
only those all of whose words it has.
"""

import re
from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import lru_cache
from itertools import islice
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

_folded = lru_cache(maxsize=16_384)(fold)


_FEW = 6
"""A set of fewer branches is gone through faster than it is intersected."""
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


@attrs.define(eq=False)
class _Node(Generic[K]):
    branches: dict[bytes, "_Node[K]"] = attrs.field(factory=dict)
    waiting: dict[K, "_Waiting"] = attrs.field(factory=dict)


@attrs.frozen
class _Waiting:
    """A query, its required words in the order of the tree, and its other terms."""

    query: SearchQuery
    way: Sequence[bytes]
    prefixes: Sequence[Term]
    excluded: Sequence[Term]
    plain: bool
    """Whether it asks for nothing but the words of the way."""

    def accepts(self, words: Words, hit: Hit) -> bool:
        """Whether a file that has the words of the way matches as a whole."""
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
    way = sorted(words, key=lambda word: (frequency(word), -len(word), word))
    prefixes = [term for term in required if term.prefix]
    plain = not (prefixes or excluded or has_filter(query))
    return _Waiting(query, way, prefixes, [*excluded], plain)


class StandingQueries(Generic[K]):
    """Queries by key. `frequency` says how many files have a word, about."""

    def __init__(self, frequency: Callable[[bytes], int]) -> None:
        self._frequency = frequency
        self._root: _Node[K] = _Node()
        self._queries: dict[K, _Waiting] = {}

    def __len__(self) -> int:
        """How many queries wait."""
        return len(self._queries)

    def add(self, key: K, query: SearchQuery) -> None:
        """Let a query wait under a key that is free; raises NoWordError."""
        waiting = _prepare(query, self._frequency)
        node = self._root
        for word in waiting.way:
            node = node.branches.setdefault(word, _Node())
        node.waiting[key] = self._queries[key] = waiting

    def remove(self, key: K) -> None:
        """Let a query wait no longer; unknown: no-op."""
        waiting = self._queries.pop(key, None)
        if waiting is None:
            return
        nodes = [self._root]
        for word in waiting.way:
            nodes.append(nodes[-1].branches[word])
        del nodes[-1].waiting[key]
        for parent, word in zip(reversed(nodes[:-1]), reversed(waiting.way), strict=True):
            child = parent.branches[word]
            if child.branches or child.waiting:
                break
            del parent.branches[word]

    def match(
        self, owner: Owner, records: Sequence[bytes], listing: Listing | None = None
    ) -> Iterator[Match[K]]:
        """Find the files, given as bodies of message 100, that queries wait for.

        `listing` are the same files if they have been taken apart. Bodies that cannot be read are
        passed over. Queries may go between two files; one that comes may miss a directory's rest.
        """
        names, directories, lengths = _separated(records, listing)
        branches = self._root.branches
        files = zip(records, _tokens(names), strict=True)
        for above, length in zip(_tokens(directories), lengths, strict=True):
            opened = [branches[word] for word in above if word in branches]
            for record, own in islice(files, length):
                nodes = opened + [branches[word] for word in own if word in branches]
                if nodes and (found := _reached(nodes, words := {*above, *own})):
                    yield from _accepted(owner, record, words, found)


def _separated(
    records: Sequence[bytes], listing: Listing | None
) -> tuple[list[bytes], list[bytes], list[int]]:
    """Return the names of files, their directories, and how many are in a row in each."""
    if listing is None:
        return separate(list(map(_path, records))) if records else ([], [], [])
    return listing.names, listing.directories, listing.lengths


def _reached(nodes: list[_Node[K]], words: Words) -> dict[K, _Waiting]:
    """Return what waits in some nodes and in those behind them that a file's words lead to."""
    found: dict[K, _Waiting] = {}
    for node in nodes:  # which grows meanwhile
        if node.waiting:
            found |= node.waiting
        branches = node.branches
        for word in branches if len(branches) < _FEW else branches.keys() & words:
            if word in words:
                nodes.append(branches[word])  # noqa: PERF401  # faster for so few
    return found


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


def _tokens(paths: Sequence[bytes]) -> Iterator[Sequence[bytes]]:
    """Return all words of each path, and maybe raw tokens, which are no words and do no harm."""
    lowered = b"\0".join(paths).translate(LOWERED_NAMES, IGNORED).split(b"\0")
    if len(lowered) != len(paths):  # there is a NUL in one of them
        lowered = [path.translate(LOWERED, IGNORED) for path in paths]
    for text in lowered:
        tokens = text.split()
        if not text.isascii():
            for foreign in [token for token in tokens if not token.isascii()]:
                tokens += _folded(foreign)
        yield tokens


def _has(words: Words, term: Term) -> bool:
    if not term.prefix:
        return term.word in words
    return any(word.startswith(term.word) for word in words)
