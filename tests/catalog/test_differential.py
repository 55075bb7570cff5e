"""The large catalog gives the same answers as the plain one, whatever happens."""

import os
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from functools import partial
from random import Random
from typing import TypeVar

import attrs
import pytest
from twisted.internet.defer import Deferred

from napster.catalog.interface import (
    Asker,
    FoundContent,
    Hit,
    Hits,
    ICatalog,
    RareContents,
)
from napster.catalog.memory import (
    catalog,
    contents,
    intake,
    plan,
    postings,
    recent,
    repack,
    seen,
    sieve,
    token_table,
)
from napster.catalog.memory.catalog import MemoryCatalog
from napster.catalog.plain import PlainCatalog
from napster.catalog.words import words
from napster.wire.extension import Family
from napster.wire.framing import FrameReader
from napster.wire.messages.sharing import Share
from napster.wire.search import ANY, SearchQuery
from tests.catalog.helpers import BusyClock, fired
from tests.catalog.traffic import CONTENTS, NICKS, Traffic

T = TypeVar("T")
SEEDS = int(os.environ.get("NAPSTER_SEEDS", "4"))
STEPS = 300


@pytest.fixture
def _small_world(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make few files what millions are to a large catalog."""
    for module, name, value in (
        (intake, "_ENOUGH", 50),
        (intake, "_FEW", 10),
        (intake, "_EAGER", 80),
        (token_table, "_SIZE", 64),
        (postings, "_COMMON", 12),
        (postings, "_GATHERED", 10),
        (token_table, "_AT_ONCE", 8),
        (recent, "_MANY", 500),
        (recent, "_SMALL", 40),
        (recent, "_RUNS", 4),
        (recent, "_LOOKS", 50),
        (recent, "_WINDOW", 128),
        (recent, "_STRIDE", 4),
        (postings, "_AT_ONCE", 10),
        (postings, "_MARKED", 63),
        (plan, "_FEW", 20),
        (plan, "_LISTED", 6),
        (plan, "_FIRST_PART", 3),
        (plan, "_FIRST_WINDOW", 64),
        (plan, "_LAST_WINDOW", 512),
        (plan, "_FIRST_GROUP", 2),
        (plan, "_LAST_GROUP", 5),
        (sieve, "_EDGES", 8),
        (sieve, "_AT_ONCE", 16),
        (seen, "_MOST", 100),
        (seen, "_LATEST", 20),
        (repack, "_SPARE", 20),
        (catalog, "_AT_ONCE", 16),
        (contents, "_WINDOW", 8),
        (contents, "_LOOKED_THROUGH", 5),
        (catalog, "_SWEPT_FROM", 300),
    ):
        monkeypatch.setattr(module, name, value)


class Pair:
    """Both catalogs, asked the same."""

    def __init__(self, now: Callable[[], float]) -> None:
        self.clock = BusyClock()
        self.plain: ICatalog = PlainCatalog(now)
        self.memory = MemoryCatalog(self.clock, 1 << 16, now)

    def tell(self, act: Callable[[ICatalog], None]) -> None:
        """Let both do something."""
        act(self.plain)
        act(self.memory)

    def ask(self, act: "Callable[[ICatalog], Deferred[T]]") -> tuple[T, T]:
        """Ask both something, turning until the answer is there."""
        answer = act(self.memory)
        while not answer.called:
            self.clock.turn()
        return fired(act(self.plain)), fired(answer)

    def settle(self) -> None:
        """Turn until nothing is coming in that a question would not wait for."""
        while self.memory._intake.is_due:
            self.clock.turn()


def _frames(hits: Hits) -> list[bytes]:
    return sorted(body for _, body in FrameReader().feed(hits.frames()))


class Index:
    """An index that does one thing after another with both catalogs."""

    def __init__(self, seed: int) -> None:
        self.now = [10**9]
        self.pair = Pair(lambda: self.now[0])
        self.traffic = Traffic(Random(seed))
        self.random = self.traffic.random
        self.online: set[str] = set()

    def step(self) -> None:
        """Do something, and see that both catalogs count the same."""
        nick = self.random.choice(NICKS)
        if nick in self.online:
            actions = {
                self.share: 6,
                self.withdraw: 2,
                self.search: 6,
                self.search_meanwhile: 2,
                self.look_up: 3,
                self.count_copies: 2,
                self.rarely: 1,
                self.tidy: 1,
            }
            self.random.choices(list(actions), list(actions.values()))[0](nick)
        else:
            owner = self.traffic.owner(nick)
            self.pair.tell(lambda each: each.add_owner(owner))
            self.online.add(nick)
        plain, memory = self.pair.plain.totals(), self.pair.memory.totals()
        assert (memory.owners, memory.files) == (plain.owners, plain.files)
        if self.pair.memory._intake.is_quick:
            assert memory.size == plain.size
        assert self.pair.memory.count(nick) == self.pair.plain.count(nick)

    def tidy(self, _nick: str) -> None:
        """Let some time go by."""
        for _ in range(2):
            self.pair.tell(lambda each: each.tidy())

    def share(self, nick: str) -> None:
        """Offer files."""
        records = self.traffic.offer()
        ids = self.traffic.contents(len(records))
        plain, memory = self.pair.ask(lambda each: each.share(nick, records, ids))
        assert memory == plain
        self.now[0] += 1

    def _path(self, nick: str) -> bytes:
        files = fired(self.pair.plain.browse(nick))
        path = self.random.choice(files).path if files else self.traffic.path()
        return self.random.choice([path, path, path.upper(), self.traffic.path()])

    def withdraw(self, nick: str) -> None:
        """Withdraw a file."""
        path = self._path(nick)
        plain, memory = self.pair.ask(lambda each: each.unshare(nick, path))
        assert memory is plain

    def search(self, nick: str) -> None:
        """Search, with all results wanted and with a few; at once, and when all is settled."""
        query, asker = self.traffic.query(), self.traffic.asker()
        plain, memory = self.pair.ask(lambda each: each.search(query, asker))
        assert not Counter(memory) - Counter(plain), query
        self.pair.settle()
        plain, memory = self.pair.ask(lambda each: each.search(query, asker))
        assert Counter(memory) == Counter(plain), query
        assert _frames(memory) == _frames(plain)
        plain_contents, memory_contents = self.pair.ask(
            lambda each: each.search_contents(query, asker)
        )
        assert _keys(asker, memory_contents) == Counter(
            map(partial(_key, asker), plain_contents)
        ), query
        for found in (plain_contents, memory_contents):
            assert {each.hit for each in found} <= set(plain), query
        few = attrs.evolve(query, max_results=self.random.choice([0, 1, 7]))
        _, some = self.pair.ask(lambda each: each.search(few, asker))
        assert len(some) == min(few.max_results, len(plain))
        assert not Counter(some) - Counter(plain)
        _, some_contents = self.pair.ask(lambda each: each.search_contents(few, asker))
        assert len(some_contents) == min(few.max_results, len(plain_contents))
        assert not _keys(asker, some_contents) - Counter(map(partial(_key, asker), plain_contents))
        assert {each.hit for each in some_contents} <= set(plain), query

    def search_meanwhile(self, nick: str) -> None:
        """Search while files come, go and move: what stays is found once, and nothing else."""
        self.pair.settle()
        begun = [Begun(self.pair, self._visible_to_all()) for _ in range(3)]
        if self.random.random() < 0.7:
            self.random.choice([self._withdraw_many, self._leave])(nick, begun)
        for _ in range(self.random.randrange(8)):
            other = self.random.choice(NICKS)
            if other in self.online:
                self.random.choice([self.share, self.withdraw, self.rarely])(other)
                for each in begun:
                    each.look()
            for _ in range(self.random.randrange(20)):
                if self.pair.clock.calls:
                    self.pair.clock.turn()
        for each in begun:
            each.end()

    def _visible_to_all(self) -> SearchQuery:
        return attrs.evolve(self.traffic.query(), speed=ANY)

    def _leave(self, nick: str, begun: "Iterable[Begun]") -> None:
        """Leave, maybe with so many files that there is a sweep."""
        self.pair.tell(lambda each: each.remove_owner(nick))
        self.online.remove(nick)
        for each in begun:
            each.look()

    def _withdraw_many(self, nick: str, begun: "Iterable[Begun]") -> None:
        """Withdraw most files of somebody, one by one, so that the rest of them move."""
        paths = [file.path for file in fired(self.pair.plain.browse(nick))]
        for path in self.random.sample(paths, len(paths) * 2 // 3):
            plain, memory = self.pair.ask(partial(_unshare, nick=nick, path=path))
            assert memory is plain
        for each in begun:
            each.look()

    def count_copies(self, nick: str) -> None:
        """Ask how rare contents are."""
        asker = self.traffic.asker()
        plain, memory = self.pair.ask(lambda each: each.copies(CONTENTS, nick))
        assert list(memory) == list(plain)
        plain_census, memory_census = self.pair.ask(lambda each: each.census())
        assert (memory_census.contents, memory_census.rare) == (
            plain_census.contents,
            plain_census.rare,
        )
        most = self.random.choice([1, 3, 100])
        plain_rare, memory_rare = (self._all_rare(place, most, asker) for place in range(2))
        assert _keys(asker, memory_rare) == Counter(map(partial(_key, asker), plain_rare))

    def _all_rare(self, place: int, most: int, asker: Asker) -> list[FoundContent]:
        """Go through all pages of one of the catalogs."""
        found: list[FoundContent] = []
        after: int | None = 0
        while after is not None:
            page = self.pair.ask(partial(_rare, after=after, most=most, asker=asker))[place]
            found += page.found
            after = page.next
        return found

    def look_up(self, nick: str) -> None:
        """Look a file up, list all files, find sources."""
        path, asker = self._path(nick), self.traffic.asker()
        plain, memory = self.pair.ask(lambda each: each.find(nick, path))
        assert memory == plain
        plain_list, memory_list = self.pair.ask(lambda each: each.browse(nick))
        assert Counter(memory_list) == Counter(plain_list)
        for file in self.random.sample(list(plain_list), min(2, len(plain_list))):
            sources = self.pair.ask(partial(_sources, file=file, asker=asker))
            assert Counter(sources[0]) == Counter(sources[1])
        self._spell(words(path))
        content = self.random.choice(CONTENTS)
        plain_holders, holders = self.pair.ask(lambda each: each.holders(content, asker))
        assert Counter(holders) == Counter(plain_holders)
        assert list(map(partial(_likely, asker), holders)) == list(
            map(partial(_likely, asker), plain_holders)
        )

    def _spell(self, words: Sequence[bytes]) -> None:
        """Ask how frequent words are, and for what is spelt like them."""
        self.pair.settle()
        for word in words:
            plain, memory = self.pair.ask(lambda each, word=word: each.nearest(word + b"x"))
            assert memory == plain, word
            assert self.pair.memory.frequency(word) == self.pair.plain.frequency(word), word

    def rarely(self, nick: str) -> None:
        """Leave, change, or withdraw everything."""
        owner = self.traffic.owner(nick)
        action = self.random.randrange(3)
        if action == 0:
            self.pair.tell(lambda each: each.remove_owner(nick))
            self.online.remove(nick)
        elif action == 1:
            self.pair.tell(lambda each: each.update_owner(owner))
        else:
            plain, memory = self.pair.ask(lambda each: each.unshare_all(nick))
            assert memory == plain


class Begun:
    """A search for files and one for contents that go on while other things happen."""

    def __init__(self, pair: Pair, query: SearchQuery) -> None:
        self._pair = pair
        self._query = query
        self._hits = pair.memory.search(query, _EVERYWHERE)
        self._contents = pair.memory.search_contents(query, _EVERYWHERE)
        self._staying, self._ever = self._now(), self._now()

    def _now(self) -> set[tuple[str, Share]]:
        return set(map(_file, fired(self._pair.plain.search(self._query, _EVERYWHERE))))

    def look(self) -> None:
        """Take into account what is shared now."""
        now = self._now()
        self._staying &= now
        self._ever |= now

    def end(self) -> None:
        """Turn until there are answers, and see that they are right."""
        while not (self._hits.called and self._contents.called):
            self._pair.clock.turn()
        files = list(map(_file, fired(self._hits)))
        assert len(set(files)) == len(files), self._query
        assert self._staying <= set(files) <= self._ever, self._query
        alone = [_file(each.hit) for each in fired(self._contents) if each.content_id is None]
        assert len(set(alone)) == len(alone), self._query
        assert set(alone) <= self._ever, self._query


_EVERYWHERE = Asker("nobody", Family.IPV4 | Family.IPV6, Family.IPV4 | Family.IPV6, relayed=True)


def _file(hit: Hit) -> tuple[str, Share]:
    return hit.owner.nick, hit.file


def _unshare(catalog: ICatalog, nick: str, path: bytes) -> "Deferred[bool]":
    return catalog.unshare(nick, path)


def _likely(asker: Asker, hit: Hit) -> tuple[bool, bool, int]:
    return asker.connects_to(hit.owner), hit.owner.free, hit.owner.speed


def _keys(asker: Asker, found: Iterable[FoundContent]) -> Counter[tuple[object, ...]]:
    return Counter(_key(asker, each) for each in found)


def _key(asker: Asker, found: FoundContent) -> tuple[object, ...]:
    """Return what is the same whichever of equally good offers is shown."""
    shown = found.hit if found.content_id is None else _likely(asker, found.hit)
    return shown, *attrs.astuple(found, recurse=False)[1:]


def _rare(catalog: ICatalog, after: int, most: int, asker: Asker) -> "Deferred[RareContents]":
    return catalog.rare(after, most, asker)


def _sources(catalog: ICatalog, file: Share, asker: Asker) -> "Deferred[Sequence[Hit]]":
    return catalog.sources(file.md5, file.size, asker)


@pytest.mark.usefixtures("_small_world")
@pytest.mark.parametrize("seed", range(SEEDS))
def test_both_catalogs_answer_the_same(seed: int) -> None:
    """Random traffic, with sweeps and moves under way all the time, makes no difference."""
    index = Index(seed)
    for _ in range(STEPS):
        index.step()
