"""From the words of a query to sets of file ids, a set at a time.

Words with few files come first: once they are combined, little is left to be combined with the
rest. A query of nothing but common words is answered from windows, ranges of ids, until enough
files are found. The beginning of words may stand for thousands of them; their files are gathered in
groups of words, also until enough are found. Windows and groups are small at first and become
larger. All of this starts at another of the files for each search, so that nobody's always come
first. It is drawn from the files, not from all ids: else those behind many ids that do not match
would come first most of the time.
"""

from array import array
from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import reduce
from operator import and_, sub

import attrs
import numpy as np
from pyroaring import BitMap

from napster.catalog.memory.blocks import Ids
from napster.catalog.memory.postings import Among, Postings
from napster.catalog.memory.slices import Steps
from napster.catalog.memory.vocabulary import EVERY, Vocabulary
from napster.catalog.words import Term

_FEW = 1 << 15
"""So many ids are combined as a whole."""
_LISTED = 1 << 11
"""So many of them are looked at as a whole as well."""
_FIRST_PART = 1 << 10
"""So many, about, are looked at first."""
_FIRST_WINDOW = 1 << 13
_LAST_WINDOW = 1 << 18
_FIRST_GROUP = 16
_LAST_GROUP = 64
"""So many words are gathered at once."""
_WIDENING = 2
_ATTEMPTS = 8
"""So many files are tried of many before a search starts at one that does not match."""
_GOLDEN = 0x9E3779B1
"""2**32 divided by the golden ratio: its multiples, modulo 2**32, spread evenly."""

Window = Callable[[int, int], BitMap]


@attrs.frozen(eq=False)
class Plan:
    """What to combine."""

    required: Sequence[BitMap]
    """A file must be in all of them; the smallest comes first, alone if it has few files."""
    excluded: Sequence[BitMap]
    """A file must be in none of them."""
    any_of: Sequence[int] = ()
    """A file must have one of these words, if there are any. If there are none, something is
    required."""

    def matching(self, ids: BitMap) -> BitMap:
        """Return those of some ids that are in all and none of the sets."""
        return self.left_of(reduce(and_, self.required, ids))

    def start(self, turn: int) -> int:
        """Return an id that matches, another in each turn; if hardly any does, one required."""
        some = self.required[0]
        for attempt in range(turn, turn + _ATTEMPTS):
            file_id: int = some[_place(attempt, len(some))]
            if all(file_id in each for each in self.required) and not any(
                file_id in each for each in self.excluded
            ):
                break
        return file_id

    def left_of(self, ids: BitMap) -> BitMap:
        """Return those of some ids that are not excluded."""
        return reduce(sub, self.excluded, ids)


class Planner:
    """Makes plans and carries them out."""

    def __init__(self, vocabulary: Vocabulary, postings: Postings) -> None:
        self._vocabulary = vocabulary
        self._postings = postings

    def words(self, required: Iterable[Term]) -> Sequence[Sequence[int]] | None:
        """Return the words each term stands for, the fewest first; None if one stands for none."""
        words = sorted(map(self._words, required), key=len)
        return words if all(words) else None

    def plan(
        self,
        required: Sequence[Sequence[int]],
        excluded: Iterable[Term],
        dead: BitMap,
        shown: BitMap | None = None,
    ) -> Steps[Plan | None]:
        """Make a plan; None if nothing can match. Without required words, all files match.

        `shown` are the files that may be shown at all, if these are few.
        """
        words = [*required] or [(EVERY,)]
        any_of = words.pop() if len(words[-1]) > 1 else ()
        sets = yield from self._unions(words)
        if shown is not None:
            sets.append(shown)
        sets.sort(key=len)
        if sets and len(sets[0]) <= _FEW:
            sets = [reduce(and_, sets)]
            if not sets[0]:
                return None
        left_out = yield from self.having(excluded)
        return Plan(sets, [*left_out, dead] if dead else left_out, any_of)

    def having(self, terms: Iterable[Term]) -> Steps[list[BitMap]]:
        """Return, for each of some terms, the files that have it."""
        return self._unions(map(self._words, terms))

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

    def _groups(self, words: Sequence[int], among: Among | None = None) -> Iterator[BitMap]:
        """Return the files of words in groups; see `Postings.ids_of_any`."""
        for start, end in _widening(0, len(words), _FIRST_GROUP, _LAST_GROUP):
            yield self._postings.ids_of_any(words[start:end], among)

    def carry_out(self, plan: Plan, turn: int, top: int, window: Window) -> Iterator[Ids]:
        """Return the ids that match, each once, starting from another one in each turn.

        `window` tells which ids of a range before `top` are worth looking at.
        """
        if plan.any_of:
            yield from self._grouped(plan, turn)
        elif len(plan.required[0]) > _FEW:
            for low, high in _windows(plan.start(turn), top, _FIRST_WINDOW):
                yield _array(plan.matching(window(low, high)).to_array())
        else:
            yield from _in_parts(plan.left_of(plan.required[0]), turn, top)

    def _grouped(self, plan: Plan, turn: int) -> Iterator[Ids]:
        first = _place(turn, len(plan.any_of))
        words = [*plan.any_of[first:], *plan.any_of[:first]]
        seen = BitMap()
        for group in self._groups(words, _among(plan)):
            found = plan.matching(group) - seen
            seen |= found
            yield _turned(found, turn)


def _among(plan: Plan) -> Among | None:
    """Return the files required if they are few, marked if many words are to be gathered."""
    if not plan.required or len(plan.required[0]) > _FEW:
        return None
    (few,) = plan.required
    return Among.marked(few) if len(plan.any_of) > _LAST_GROUP else Among(few)


def _array(ids: "array[int]") -> Ids:
    return np.frombuffer(ids, np.uint32)


def _place(turn: int, count: int) -> int:
    """Return which of so many comes first, another in each turn, all of them equally often."""
    return (turn * _GOLDEN % 2**32) * count >> 32


def _turned(ids: BitMap, turn: int) -> Ids:
    """List ids, starting from another one in each turn."""
    before, every = _place(turn, len(ids)), ids.to_array()
    return _array(every[before:] + every[:before])


def _in_parts(ids: BitMap, turn: int, top: int) -> Iterator[Ids]:
    """List ids in parts if they are many, starting from another one in each turn."""
    if len(ids) <= _LISTED:
        yield _turned(ids, turn)
        return
    about = _FIRST_PART * top // len(ids)
    for low, high in _windows(ids[_place(turn, len(ids))], top, min(about, _LAST_WINDOW)):
        yield _array((ids & BitMap(range(low, high))).to_array())


def _windows(start: int, top: int, first: int) -> Iterator[tuple[int, int]]:
    """Divide the ids from `start` to before `top`, then those before `start`."""
    for low, high in _widening(start, start + top, first, _LAST_WINDOW):
        if low < top:
            yield low, min(high, top)
        if high > top:
            yield max(low, top) - top, high - top


def _widening(begin: int, end: int, first: int, last: int) -> Iterator[tuple[int, int]]:
    """Divide a range in parts that become longer, from `first` to at most `last`."""
    low, width = begin, first
    while low < end:
        high = min(low + width, end)
        yield low, high
        low, width = high, min(width * _WIDENING, last)
