"""The catalog of a large index, whole."""

import time
from collections.abc import Callable, Hashable, Sequence
from itertools import count

from twisted.internet.defer import Deferred, fail, succeed
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from napster.catalog.admission import md5_key, nick_key
from napster.catalog.filters import may_see
from napster.catalog.interface import (
    Asker,
    Census,
    FoundContent,
    Hit,
    Hits,
    ICatalog,
    Owner,
    RareContents,
    Refusal,
    ShareResult,
    Totals,
)
from napster.catalog.memory.blocks import Blocks
from napster.catalog.memory.columns import Columns
from napster.catalog.memory.contents import Contents
from napster.catalog.memory.files import Reader
from napster.catalog.memory.finder import Finder
from napster.catalog.memory.intake import Intake
from napster.catalog.memory.lexicon import Words
from napster.catalog.memory.lookup import Lookup
from napster.catalog.memory.plan import Planner
from napster.catalog.memory.postings import Postings
from napster.catalog.memory.registrar import Registrar
from napster.catalog.memory.repack import is_sparse, repack
from napster.catalog.memory.settling import Settler
from napster.catalog.memory.shelf import Shelf, Tally
from napster.catalog.memory.slices import Slices, Steps
from napster.catalog.memory.sources import Sources
from napster.catalog.memory.sweep import Sweeper
from napster.catalog.memory.vocabulary import Vocabulary
from napster.catalog.spelling import nearest
from napster.wire.messages.sharing import Share
from napster.wire.search import SearchQuery

CAPACITY = 1 << 25
"""How many files there is room for, unless told otherwise."""
_AT_ONCE = 1024
_SOME = 128
"""So many files are taken in in one step, and in a short one."""
_SWEPT_FROM = 8192
_SWEPT_PART = 0.2
"""So many dead ids, and such a part of the files there are, make a sweep worthwhile."""
_CALM = 2
"""The first time it is to be tidied up since files came, more may be about to."""
_OVERDUE = 2.5
"""If so many times more are dead, whoever shares helps to sweep first."""


@implementer(ICatalog)
class MemoryCatalog:
    """Millions of files in memory; the package tells how.

    Nothing here is a cycle that the garbage collector could find, and there is a lot of it: freeze
    it (`gc.freeze`) from time to time, or raise the collector's thresholds.
    """

    log = Logger()

    def __init__(
        self,
        clock: IReactorTime,
        capacity: int = CAPACITY,
        now: Callable[[], float] = time.time,
    ) -> None:
        """Make room for `capacity` files; `now` tells the time in seconds since 1970."""
        self._shelves: dict[str, Shelf] = {}
        self._numbers = count(1)
        self._tally = Tally()
        self._slices = Slices(clock)
        self._blocks = blocks = Blocks(capacity)
        columns = Columns(capacity)
        vocabulary = Vocabulary()
        self._postings = postings = Postings()
        reader = Reader(columns, blocks)
        self._contents = contents = Contents(columns.content)
        settler = Settler(reader, vocabulary, postings, contents)
        self._intake = intake = Intake(blocks, settler, now)
        self._lookup = Lookup(reader, intake, postings, contents)
        self._words = Words(vocabulary, postings, blocks)
        self._registrar = Registrar(blocks, intake, self._lookup)
        self._offers = Sources(reader, contents, self._lookup)
        planner = Planner(vocabulary, postings)
        self._finder = Finder(intake, planner, reader, contents, self._offers)
        self._sweeper = Sweeper(blocks, intake, settler, postings, contents)
        self._calm = 0
        """How many times it was to be tidied up since files came."""
        self._tidying: set[Hashable] = set()
        """What is being tidied up: each once, or much of the same would keep the rest waiting."""

    def _shelf(self, nick: str) -> Shelf | None:
        return self._shelves.get(nick_key(nick))

    def add_owner(self, owner: Owner) -> None:
        """Admit an owner without files; raises ValueError if the nick is here already."""
        key = nick_key(owner.nick)
        if key in self._shelves:
            raise ValueError(f"{owner.nick} has a place in the catalog already")
        self._shelves[key] = Shelf(owner, next(self._numbers), self._tally)

    def update_owner(self, owner: Owner) -> None:
        """Change address, port or speed of an owner; raises KeyError if unknown."""
        shelf = self._shelves[nick_key(owner.nick)]
        shelf.describe(owner)
        self._blocks.describe(shelf)

    def remove_owner(self, nick: str) -> None:
        """Forget an owner; none of the files is found from this moment on. Unknown: no-op."""
        shelf = self._shelves.pop(nick_key(nick), None)
        if shelf is not None:
            self._clear(shelf)
            shelf.gone = True

    def _clear(self, shelf: Shelf) -> None:
        self._registrar.seen.forget(shelf)
        self._blocks.kill_all(shelf)
        shelf.gain(-shelf.count, -shelf.size)
        self._sweep_if_worthwhile()

    def share(
        self, nick: str, records: Sequence[bytes], contents: Sequence[bytes] = ()
    ) -> "Deferred[ShareResult]":
        """Take files in; fails with KeyError if the owner is unknown, or leaves meanwhile."""
        shelf = self._shelf(nick)
        if shelf is None:
            return fail(KeyError(nick))
        return self._slices.run(self._share(shelf, records, contents))

    def _share(
        self, shelf: Shelf, records: Sequence[bytes], contents: Sequence[bytes]
    ) -> Steps[ShareResult]:
        refusals: list[Refusal] = []
        start = 0
        while start < len(records):
            self._calm = 0
            while self._is_sweep_worthwhile(_OVERDUE):
                yield from self._sweeper.sweep()
            yield from self._intake.settle_many()
            if shelf.gone:
                raise KeyError(shelf.owner.nick)
            some = slice(start, start + (_SOME if self._slices.in_short_steps else _AT_ONCE))
            refusals += yield from self._registrar.take(shelf, records[some], contents[some])
            start = some.stop
            if self._intake.is_due:
                self._settle_soon()
            yield
            yield from self._contents.tidy()
            if self._postings.recent.crowded:
                yield from self._postings.hand_out()
        return ShareResult(len(records) - len(refusals), tuple(refusals))

    def unshare(self, nick: str, path: bytes) -> "Deferred[bool]":
        """Withdraw a file, looked up as by `find`; fires with whether it was there."""
        return self._slices.run(self._unshare(self._shelf(nick), path))

    def _unshare(self, shelf: Shelf | None, path: bytes) -> Steps[bool]:
        file_id = (yield from self._lookup.find(shelf, path)) if shelf else None
        if shelf is None or file_id is None:
            return False
        shelf.gain(-1, -self._lookup.read(file_id).size)
        self._blocks.kill(file_id)
        if is_sparse(shelf):
            steps = repack(shelf, self._blocks, self._lookup, self._intake)
            self._in_background(shelf, steps)
        self._sweep_if_worthwhile()
        return True

    def unshare_all(self, nick: str) -> "Deferred[int]":
        """Withdraw all files of an owner; fires with how many there were."""
        shelf = self._shelf(nick)
        return self._slices.run(self._unshare_all(shelf)) if shelf else succeed(0)

    def _unshare_all(self, shelf: Shelf) -> Steps[int]:
        yield from self._intake.settled_of(shelf)
        files = shelf.count
        self._clear(shelf)
        return files

    def search(self, query: SearchQuery, asker: Asker) -> "Deferred[Hits]":
        """Find files, at most `query.max_results`; rules as in `PlainCatalog`.

        Files that are just being taken in may be missing, if they are many and others search too.
        """
        self._tidy_if_worthwhile()
        return self._slices.answer(self._finder.search(query, asker, self._own(asker)))

    def _own(self, asker: Asker) -> int | None:
        """Return the number of an asker's shelf, if there is one with files."""
        shelf = self._shelf(asker.nick)
        return shelf.number if shelf and shelf.count else None

    def search_contents(
        self, query: SearchQuery, asker: Asker
    ) -> "Deferred[Sequence[FoundContent]]":
        """Find at most `query.max_results` contents; files without a content id stand alone."""
        self._tidy_if_worthwhile()
        return self._slices.answer(self._finder.contents(query, asker, self._own(asker)))

    def holders(self, content_id: bytes, asker: Asker) -> "Deferred[Sequence[Hit]]":
        """Find who shares a content: at most 1,000, those who can be connected to first."""
        return self._slices.answer(self._holders(content_id, asker))

    def _holders(self, content_id: bytes, asker: Asker) -> Steps[Sequence[Hit]]:
        yield from self._intake.settled()
        return self._offers.holders(content_id, asker, self._own(asker))

    def copies(self, contents: Sequence[bytes], nick: str) -> "Deferred[Sequence[int]]":
        """Tell how many owners besides one share each of some contents."""
        return self._slices.answer(self._copies(contents, Asker(nick)))

    def _copies(self, contents: Sequence[bytes], asker: Asker) -> Steps[Sequence[int]]:
        yield from self._intake.settled()
        return (yield from self._offers.copies(contents, self._own(asker)))

    def census(self) -> "Deferred[Census]":
        """Count all contents, and those that one owner alone has."""
        return self._slices.run(self._census())

    def _census(self) -> Steps[Census]:
        yield from self._intake.settled()
        return (yield from self._offers.census())

    def rare(self, after: int, most: int, asker: Asker) -> "Deferred[RareContents]":
        """List contents that one owner alone has: about `most`, from a place in an order on."""
        return self._slices.answer(self._rare(after, most, asker))

    def _rare(self, after: int, most: int, asker: Asker) -> Steps[RareContents]:
        yield from self._intake.settled()
        return (yield from self._offers.rare(after, most, asker, self._own(asker)))

    def browse(self, nick: str, limit: int | None = None) -> "Deferred[Sequence[Share]]":
        """List an owner's files in the order shared; nothing for an unknown owner."""
        shelf = self._shelf(nick)
        return self._slices.answer(self._lookup.listing(shelf, limit)) if shelf else succeed([])

    def find(self, nick: str, path: bytes) -> "Deferred[Share | None]":
        """Look one file up: exactly, else without case; fires with it as it was shared, or None."""
        return self._slices.answer(self._find(self._shelf(nick), path))

    def _find(self, shelf: Shelf | None, path: bytes) -> Steps[Share | None]:
        file_id = (yield from self._lookup.find(shelf, path)) if shelf else None
        return None if file_id is None else self._lookup.read(file_id)

    def sources(self, md5: bytes, size: int, asker: Asker) -> "Deferred[Sequence[Hit]]":
        """Find who shares a file of this historic MD5 and size; a hash of zeros is nobody's."""
        key = md5_key(md5)
        return self._slices.answer(self._sources(key, size, asker)) if key else succeed([])

    def _sources(self, key: bytes, size: int, asker: Asker) -> Steps[Sequence[Hit]]:
        hits = yield from self._lookup.of_content(key, size)
        return [hit for hit in hits if may_see(asker, hit.owner)]

    def frequency(self, word: bytes) -> int:
        """How many files have a folded word; 0 for an unknown one.

        Like a search, it may miss files that are just being taken in.
        """
        if self._intake.is_quick:
            self._intake.settle()
        return self._words.frequency(word)

    def nearest(self, word: bytes) -> "Deferred[bytes | None]":
        """Find the known word spelt most like an unknown one; fires with None if none is near."""
        return self._slices.answer(self._nearest(word))

    def _nearest(self, word: bytes) -> Steps[bytes | None]:
        yield from self._intake.asked()
        return (yield from nearest(word, self._words))

    def count(self, nick: str) -> int:
        """How many files an owner shares; 0 for an unknown one."""
        shelf = self._shelf(nick)
        return shelf.count if shelf else 0

    def totals(self) -> Totals:
        """Say what the catalog holds now; the size may lack files that have just come."""
        if self._intake.is_quick:
            self._intake.settle()
        else:
            self._settle_soon()
        return Totals(len(self._shelves), self._tally.files, self._tally.size)

    def tidy(self) -> None:
        """Settle what waits and bring it to its words, unless files came since the last time.

        Searches would do that bit by bit, each for the words it asks for; but while many files
        come, to do it often would take longer than anything else.
        """
        self._calm += 1
        if self._calm == _CALM:
            self._in_background("bring to words", self._bring_to_words())

    def _bring_to_words(self) -> Steps[None]:
        yield from self._intake.settled()
        yield from self._postings.hand_out()
        yield from self._postings.hand_over()

    def _tidy_if_worthwhile(self) -> None:
        if self._intake.is_due:
            self._settle_soon()
        if self._postings.recent.crowded:
            self._in_background("hand out", self._postings.hand_out())

    def _settle_soon(self) -> None:
        """Have files settled behind the work that waits, and with them what that takes in."""
        self._in_background("settle", self._intake.settle_soon(), self._slices.run_behind)

    def _sweep_if_worthwhile(self) -> None:
        if self._is_sweep_worthwhile():
            self._in_background("sweep", self._sweep())

    def _is_sweep_worthwhile(self, times: float = 1) -> bool:
        enough = max(_SWEPT_FROM, self._tally.files * _SWEPT_PART)
        return len(self._blocks.dead) > times * enough

    def _sweep(self) -> Steps[None]:
        while self._is_sweep_worthwhile():  # more may die meanwhile
            yield from self._sweeper.sweep()

    def _in_background(
        self,
        work: Hashable,
        steps: Steps[None],
        run: "Callable[[Steps[None]], Deferred[None]] | None" = None,
    ) -> None:
        """Tidy something up, unless that is to be done already; `work` is equal for the same."""
        if work in self._tidying:
            return
        self._tidying.add(work)
        done = (run or self._slices.run_later)(steps)

        def end(_: None) -> None:
            self._tidying.discard(work)

        def log_failure(failure: Failure) -> None:
            self.log.failure("tidying the catalog up failed", failure=failure)

        done.addErrback(log_failure).addBoth(end)
