"""Standing searches: which of many queries match the files that are being shared.

The required words of each query, rarest first, are a way from the root of a tree to the node where
the query waits. A file's words open only the branches they name. So a batch of files costs one look
at its words as long as none of them is the rarest word of a query, and however many queries wait,
a file meets only those all of whose words it has.
"""

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import lru_cache
from typing import Generic, TypeVar

import attrs

from napster.catalog.admission import RefusedError, read_record
from napster.catalog.filters import passes
from napster.catalog.interface import Hit, Owner
from napster.catalog.words import IGNORED, LOWERED, Term, fold, terms
from napster.wire.search import SearchQuery

K = TypeVar("K", bound=Hashable)
Words = set[bytes]

_folded = lru_cache(maxsize=16_384)(fold)


class NoWordError(ValueError):
    """A query without a whole word, which every file would have to be compared with."""


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

    def accepts(self, words: Words, hit: Hit) -> bool:
        """Whether a file that has the words of the way matches as a whole."""
        return (
            all(_has(words, term) for term in self.prefixes)
            and not any(_has(words, term) for term in self.excluded)
            and passes(hit, self.query)
        )


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
        required = terms(query.contains)
        words = [term.word for term in required if not term.prefix]
        if not words:
            raise NoWordError("it needs at least one whole word")
        way = sorted(words, key=lambda word: (self._frequency(word), -len(word), word))
        prefixes = [term for term in required if term.prefix]
        self._queries[key] = waiting = _Waiting(query, way, prefixes, [*terms(query.excludes)])
        node = self._root
        for word in way:
            node = node.branches.setdefault(word, _Node())
        node.waiting[key] = waiting

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

    def match(self, owner: Owner, records: Sequence[bytes]) -> Iterator[tuple[Hit, list[K]]]:
        """Find the files, given as bodies of message 100, that queries wait for, and whose keys.

        Bodies that cannot be read are passed over.
        """
        if not self._queries:
            return
        paths = list(map(_path, records))
        if self._root.branches.keys().isdisjoint(_words(b"\0".join(paths))):
            return
        for record, path in zip(records, paths, strict=True):
            words = _words(path)
            if found := [each for node in _reached(self._root, words) for each in node.items()]:
                yield from _accepted(owner, record, words, dict(found))


def _reached(node: _Node[K], words: Words) -> Iterator[Mapping[K, _Waiting]]:
    if node.waiting:
        yield node.waiting
    for word in node.branches.keys() & words:
        yield from _reached(node.branches[word], words)


def _accepted(
    owner: Owner, record: bytes, words: Words, waiting: Mapping[K, _Waiting]
) -> Iterator[tuple[Hit, list[K]]]:
    try:
        hit = Hit(read_record(record, owner.nick), owner)
    except RefusedError:
        return
    if keys := [key for key, each in waiting.items() if each.accepts(words, hit)]:
        yield hit, keys


def _path(record: bytes) -> bytes:
    """Take the path out of the body of a message 100: the first field, in quotes or one word."""
    return record[1:].partition(b'"')[0] if record[:1] == b'"' else record.partition(b" ")[0]


def _words(path: bytes) -> Words:
    words = set(path.translate(LOWERED, IGNORED).split())
    if path.isascii():
        return words
    foreign = {word for word in words if not word.isascii()}
    return (words - foreign).union(*map(_folded, foreign))


def _has(words: Words, term: Term) -> bool:
    if not term.prefix:
        return term.word in words
    return any(word.startswith(term.word) for word in words)
