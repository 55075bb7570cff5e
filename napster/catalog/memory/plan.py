"""From the words of a query to sets of file ids, a set at a time.

Words with few files come first: once they are combined, little is left to be combined with the
rest. A query of nothing but common words is answered from windows, ranges of ids, until enough
files are found. The beginning of words may stand for thousands of them; their files are gathered in
groups of words, also until enough are found. All of this starts at another place for each search,
so that nobody's files always come first.
"""

from collections.abc import Iterable, Iterator, Sequence
from functools import reduce
from operator import and_, sub

import attrs
from pyroaring import BitMap

from napster.catalog.memory.pairs import ID_BYTES
from napster.catalog.memory.postings import Postings, bitmap
from napster.catalog.memory.slices import Steps
from napster.catalog.memory.vocabulary import EVERY, Vocabulary
from napster.catalog.words import Term

_FEW = 1 << 15
"""So many ids are combined as a whole."""
_FIRST_WINDOW = 1 << 14
_LAST_WINDOW = 1 << 18
_WIDENING = 4
_GROUP = 8192
"""So many ids of rare words are gathered at once."""


@attrs.frozen(eq=False)
class Plan:
    """What to combine."""

    required: Sequence[BitMap]
    """A file must be in all of them. There is at least one; the smallest comes first."""
    excluded: Sequence[BitMap]
    """A file must be in none of them."""
    any_of: Sequence[int] = ()
    """A file must have one of these words, if there are any."""

    def matching(self, ids: BitMap) -> BitMap:
        """Return those of some ids that are in all and none of the sets."""
        return reduce(sub, self.excluded, reduce(and_, self.required, ids))


class Planner:
    """Makes plans and carries them out."""

    def __init__(self, vocabulary: Vocabulary, postings: Postings) -> None:
        self._vocabulary = vocabulary
        self._postings = postings

    def plan(
        self, required: Iterable[Term], excluded: Iterable[Term], dead: BitMap
    ) -> Steps[Plan | None]:
        """Make a plan; None if nothing can match. Without required terms, all files match."""
        required, excluded = list(required), list(excluded)
        if any(term.prefix for term in (*required, *excluded)):
            yield from self._postings.hand_out()  # rather than look for thousands of words
        words = [self._words(term) for term in required]
        if not all(words):
            return None
        words.sort(key=len)
        any_of = words.pop() if words and len(words[-1]) > 1 else ()
        sets = yield from self._unions(words or [(EVERY,)])
        sets.sort(key=len)
        if len(sets[0]) <= _FEW:
            sets = [reduce(and_, sets)]
        left_out = yield from self._unions(map(self._words, excluded))
        return Plan(sets, [*left_out, dead], any_of) if sets[0] else None

    def _words(self, term: Term) -> Sequence[int]:
        """Return the numbers of the words a term stands for."""
        if term.prefix:
            return self._vocabulary.starting(term.word)
        number = self._vocabulary.known(term.word)
        return () if number is None else (number,)

    def _unions(self, alternatives: Iterable[Sequence[int]]) -> Steps[list[BitMap]]:
        """Return, for each of some lists of words, the files that have any of the words."""
        unions = []
        for words in alternatives:
            if len(words) == 1:
                unions.append(self._postings.ids(words[0]))
                continue
            union = BitMap()
            for group in self._groups(words):
                union |= group
                yield
            unions.append(union)
        return unions

    def _groups(self, words: Sequence[int]) -> Iterator[BitMap]:
        """Return the files of words in groups."""
        gathered: list[bytes] = []
        size = 0
        for number in words:
            ids = self._postings.rare[number]
            if ids is None:
                yield self._postings.ids(number)
                continue
            gathered.append(ids)
            size += len(ids)
            if size > _GROUP * ID_BYTES:
                yield bitmap(b"".join(gathered))
                gathered = []
                size = 0
        yield bitmap(b"".join(gathered))

    def carry_out(self, plan: Plan, start: int, top: int) -> Iterator[BitMap]:
        """Return the ids that match, in disjoint sets, those from `start` on first if possible."""
        if plan.any_of:
            yield from self._grouped(plan, start)
            return
        smallest = plan.required[0]
        if len(smallest) <= _FEW:
            yield from _turned(plan.matching(smallest), start)
            return
        for low, high in _windows(start, top):
            yield plan.matching(BitMap(range(low, high)))

    def _grouped(self, plan: Plan, start: int) -> Iterator[BitMap]:
        first = start % len(plan.any_of)
        seen = BitMap()
        for group in self._groups([*plan.any_of[first:], *plan.any_of[:first]]):
            found = plan.matching(group) - seen
            seen |= found
            yield from _turned(found, start)


def _turned(ids: BitMap, start: int) -> Iterator[BitMap]:
    """Divide ids in two, those behind `start` first."""
    before = ids.rank(start)
    yield ids[before:]
    if before:
        yield ids[:before]


def _windows(start: int, top: int) -> Iterator[tuple[int, int]]:
    """Divide the ids from `start` to before `top`, then those before `start`."""
    width = _FIRST_WINDOW
    for begin, end in ((start, top), (0, start)):
        low = begin
        while low < end:
            yield low, min(low + width, end)
            low += width
            width = min(width * _WIDENING, _LAST_WINDOW)
