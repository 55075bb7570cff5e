"""Carrying out searches."""

from collections.abc import Iterable, Iterator, Sequence
from itertools import count

import numpy as np

from napster.catalog.filters import has_filter, matcher
from napster.catalog.interface import Asker, FoundContent
from napster.catalog.memory.blocks import Ids
from napster.catalog.memory.contents import Contents
from napster.catalog.memory.files import NO_FILES, Files, Reader
from napster.catalog.memory.intake import Intake
from napster.catalog.memory.plan import Plan, Planner
from napster.catalog.memory.sieve import Sieve
from napster.catalog.memory.slices import Steps
from napster.catalog.memory.sources import Sources
from napster.catalog.memory.undisturbed import undisturbed
from napster.catalog.words import Term, terms
from napster.wire.search import SearchQuery

_NONE = np.empty(0, np.uint32)
_LOOKED_AT = 4096


class Finder:
    """Searches one after another, each from another place on."""

    def __init__(
        self,
        intake: Intake,
        planner: Planner,
        reader: Reader,
        contents: Contents,
        sources: Sources,
    ) -> None:
        self._intake = intake
        self._planner = planner
        self._reader = reader
        self._blocks = reader.blocks
        self._contents = contents
        self._sources = sources
        self._turns = count(1)

    def search(self, query: SearchQuery, asker: Asker, own: int | None) -> Steps[Files]:
        """Find files; `own` is the number of the asker's shelf, if there is one with files."""
        wanted = _required(query)
        if wanted is None or query.max_results < 1:
            return NO_FILES
        yield from self._intake.asked()
        return (
            yield from undisturbed(self._blocks, lambda: self._search(wanted, query, asker, own))
        )

    def _search(
        self, wanted: Iterable[Term], query: SearchQuery, asker: Asker, own: int | None
    ) -> Steps[Files]:
        words = self._planner.words(wanted)
        if words is None:
            return NO_FILES
        deaths, settled = self._blocks.deaths, self._intake.ended
        sieve = Sieve(query, asker, own, self._reader)
        plan = yield from self._plan(query, words, sieve)
        if plan is None:
            return NO_FILES
        ids = yield from self._collect(plan, sieve, query.max_results)
        ids = yield from self._without_excluded(ids, query, settled)
        if self._blocks.deaths != deaths:
            ids = ids[[file_id not in self._blocks.dead for file_id in ids.tolist()]]
        return self._reader.read(ids) if len(ids) else NO_FILES

    def contents(
        self, query: SearchQuery, asker: Asker, own: int | None
    ) -> Steps[list[FoundContent]]:
        """Find contents: the files of each together."""
        wanted = _required(query)
        if wanted is None or query.max_results < 1:
            return []
        yield from self._intake.asked()
        return (
            yield from undisturbed(self._blocks, lambda: self._grouped(wanted, query, asker, own))
        )

    def _grouped(
        self, wanted: Iterable[Term], query: SearchQuery, asker: Asker, own: int | None
    ) -> Steps[list[FoundContent]]:
        words = self._planner.words(wanted)
        if words is None:
            return []
        settled = self._intake.ended
        sieve = Sieve(query, asker, own, self._reader)
        plan = yield from self._plan(query, words, sieve)
        ids = (yield from self._different(plan, sieve, query.max_results)) if plan else _NONE
        ids = yield from self._without_excluded(ids, query, settled)
        found: list[FoundContent] = []
        for some in self._sources.portions(ids):
            found += self._sources.gather(some, asker, own, matcher(query))
            yield
        return found

    def _plan(
        self, query: SearchQuery, words: Sequence[Sequence[int]], sieve: Sieve
    ) -> Steps[Plan | None]:
        dead, excluded = self._blocks.dead, terms(query.excludes)
        return self._planner.plan(words, excluded, dead, sieve.owners())

    def _without_excluded(self, ids: Ids, query: SearchQuery, settled: int) -> Steps[Ids]:
        """Leave out files that came after it was seen which have excluded words, and have some."""
        if query.excludes and self._intake.ended != settled:
            for excluded in (yield from self._planner.having(terms(query.excludes))):
                ids = ids[[file_id not in excluded for file_id in ids.tolist()]]
        return ids

    def _different(self, plan: Plan, sieve: Sieve, wanted: int) -> Steps[Ids]:
        """Carry a plan out until there are as many ids as wanted, all of different contents."""
        seen: set[bytes] = set()
        chosen: list[int] = []
        for found in self._carry_out(plan, sieve):
            ids = sieve.ids(found, _LOOKED_AT)
            for start in range(0, len(ids), wanted):
                if len(chosen) < wanted:
                    self._choose(ids[start : start + wanted], chosen, seen)
            if len(chosen) >= wanted:
                break
            yield
        return np.array(chosen[:wanted], np.uint32)

    def _choose(self, ids: Ids, chosen: list[int], seen: set[bytes]) -> None:
        for file_id, content in zip(ids.tolist(), self._contents.of(ids), strict=True):
            if content not in seen:
                chosen.append(file_id)
            if content is not None:
                seen.add(content)

    def _carry_out(self, plan: Plan, sieve: Sieve) -> Iterator[Ids]:
        """Carry a plan out, each time from another place on."""
        return self._planner.carry_out(plan, next(self._turns), self._blocks.top, sieve.window)

    def _collect(self, plan: Plan, sieve: Sieve, wanted: int) -> Steps[Ids]:
        """Carry a plan out until there are as many ids as wanted."""
        passed = []
        for found in self._carry_out(plan, sieve):
            ids = sieve.ids(found, wanted)
            passed.append(ids)
            wanted -= len(ids)
            if not wanted:
                break
            yield
        return passed[0] if len(passed) == 1 else np.concatenate(passed or [_NONE])


def _required(query: SearchQuery) -> frozenset[Term] | None:
    """Return the terms a file must have; None if the query finds nothing whatever is shared."""
    wanted = terms(query.contains)
    if not wanted and (query.contains or not has_filter(query)):
        return None
    if query.extension is not None:
        wanted |= {Term(term.word) for term in terms([query.extension])}
    return wanted
