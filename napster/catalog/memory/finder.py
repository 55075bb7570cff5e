"""Carrying out searches."""

from itertools import count

import numpy as np

from napster.catalog.filters import has_filter
from napster.catalog.interface import Asker
from napster.catalog.memory.files import Files, Reader
from napster.catalog.memory.intake import Intake
from napster.catalog.memory.plan import Planner
from napster.catalog.memory.sieve import Sieve
from napster.catalog.memory.slices import Steps
from napster.catalog.words import Term, terms
from napster.wire.search import SearchQuery

_GOLDEN = 0x9E3779B1
"""2**32 divided by the golden ratio: its multiples, modulo 2**32, spread evenly."""


class Finder:
    """Searches one after another, each from another place on."""

    def __init__(self, intake: Intake, planner: Planner, reader: Reader) -> None:
        self._intake = intake
        self._planner = planner
        self._reader = reader
        self._blocks = reader.blocks
        self._turns = count(1)

    def search(self, query: SearchQuery, asker: Asker, own: int | None) -> Steps[Files]:
        """Find files; `own` is the number of the asker's shelf, if there is one with files."""
        wanted = _required(query)
        if wanted is None or query.max_results < 1:
            return self._reader.read(np.empty(0, np.uint32))
        self._intake.settle()
        releases = self._blocks.releases
        excluded = terms(query.excludes)
        plan = yield from self._planner.plan(wanted, excluded, self._blocks.dead)
        ids = np.empty(0, np.uint32)
        if plan is not None:
            top = self._blocks.top
            start = (next(self._turns) * _GOLDEN % 2**32) * top >> 32
            sieve = Sieve(query, asker, own, self._reader)
            for found in self._planner.carry_out(plan, start, top):
                passed = sieve.ids(found, query.max_results - len(ids))
                ids = np.concatenate((ids, passed))
                if len(ids) == query.max_results:
                    break
                yield
        if self._blocks.releases != releases:  # an id may have become another file's
            return (yield from self.search(query, asker, own))
        return self._reader.read(ids[[i not in self._blocks.dead for i in ids.tolist()]])


def _required(query: SearchQuery) -> frozenset[Term] | None:
    """Return the terms a file must have; None if the query finds nothing whatever is shared."""
    wanted = terms(query.contains)
    if not wanted and (query.contains or not has_filter(query)):
        return None
    if query.extension is not None:
        wanted |= {Term(term.word) for term in terms([query.extension])}
    return wanted
