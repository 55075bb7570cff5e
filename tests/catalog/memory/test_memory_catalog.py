"""What is special about the large catalog."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from napster.catalog.interface import ShareResult, Totals
from napster.catalog.memory import catalog as module
from napster.catalog.memory import contents, lookup, plan, postings, repack, seen, sources, sweep
from napster.catalog.memory.catalog import MemoryCatalog
from napster.catalog.memory.slices import Shared
from napster.wire.search import Range
from tests.catalog.helpers import (
    MD5,
    SOMEBODY,
    BusyClock,
    fired,
    found,
    owner,
    query,
    record,
    share,
)


@pytest.fixture
def clock() -> BusyClock:
    """Return a clock by which every step is a turn."""
    return BusyClock()


@pytest.fixture
def catalog(clock: BusyClock) -> MemoryCatalog:
    """Return an empty catalog."""
    return MemoryCatalog(clock, capacity=1 << 18)


def _finish(clock: BusyClock) -> None:
    while clock.getDelayedCalls():
        clock.turn()


def _fill(catalog: MemoryCatalog, clock: BusyClock, nick: str, count: int, word: bytes) -> None:
    catalog.add_owner(owner(nick))
    done = catalog.share(nick, [record(b"%b\\w%d %d" % (word, n, n)) for n in range(count)])
    _finish(clock)
    assert fired(done).accepted == count


def _blocks_in_use(catalog: MemoryCatalog) -> int:
    return (1 << 18) // 256 - catalog._blocks.left


@pytest.mark.parametrize("portion", [256, 1 << 16])
def test_everything_is_given_back(
    monkeypatch: pytest.MonkeyPatch, catalog: MemoryCatalog, clock: BusyClock, portion: int
) -> None:
    """When all have left, no block, no word and no file is left of them, in however many steps."""
    monkeypatch.setattr(sweep, "_IDS", portion)
    monkeypatch.setattr(postings, "_SWEPT", portion)
    for nick in ("anna", "bert"):
        _fill(catalog, clock, nick, 9000, nick.encode())
    assert _blocks_in_use(catalog) == 72
    assert len(catalog._sweeper._settler._vocabulary) > 9000
    for nick in ("anna", "bert"):
        catalog.remove_owner(nick)
    _finish(clock)
    assert catalog.totals() == Totals(0, 0, 0)
    assert _blocks_in_use(catalog) == 0
    assert len(catalog._sweeper._settler._vocabulary) == 0
    assert not catalog._blocks.dead


def test_blocks_are_used_again(catalog: MemoryCatalog, clock: BusyClock) -> None:
    """A swept owner's ids become another's, and nothing of the old is found."""
    _fill(catalog, clock, "anna", 9000, b"old")
    catalog.remove_owner("anna")
    _finish(clock)
    _fill(catalog, clock, "bert", 9000, b"new")
    assert catalog._blocks.top == 9216
    hits = catalog.search(query(b"old", max_results=10**6), SOMEBODY)
    _finish(clock)
    assert len(fired(hits)) == 0


def test_a_search_that_outlives_a_sweep_shows_no_strangers(
    catalog: MemoryCatalog, clock: BusyClock
) -> None:
    """Ids that became another's meanwhile are not mistaken for what was asked for."""
    _fill(catalog, clock, "anna", 9000, b"song")
    _fill(catalog, clock, "bert", 500, b"song")
    wanted = query(b"song", max_results=10**6, size=Range(1, None))
    hits = catalog.search(wanted, SOMEBODY)
    assert not hits.called
    catalog.remove_owner("anna")
    for _ in range(1000):
        clock.turn()
        if catalog._blocks.releases:
            break
    _fill(catalog, clock, "cleo", 9000, b"other")
    _finish(clock)
    assert {hit.owner.nick for hit in fired(hits)} == {"bert"}


@pytest.fixture
def _many_steps(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a search look at a few files in each step."""
    for name, value in (("_LISTED", 5), ("_FIRST_PART", 16), ("_LAST_WINDOW", 16)):
        monkeypatch.setattr(plan, name, value)


def _searches(catalog: MemoryCatalog) -> "list[Deferred[Any]]":
    """Begin searches that have to read every file, by a word and by a beginning, for all files."""
    wanted = [
        query(word, max_results=10**6, extension=b"mp3", size=Range(1, None))
        for word in (b"song", b"so*", b"w*")
    ]
    ask = (catalog.search, catalog.search_contents)
    return [each(one, SOMEBODY) for one in wanted for each in ask]


@pytest.mark.usefixtures("_many_steps")
@pytest.mark.parametrize("turns", [6, 30, 60])
def test_searches_that_outlive_a_sweep_find_what_is_left(
    monkeypatch: pytest.MonkeyPatch, catalog: MemoryCatalog, clock: BusyClock, turns: int
) -> None:
    """Blocks that are released meanwhile are not looked into, wherever a search is."""
    monkeypatch.setattr(module, "_SWEPT_FROM", 500)
    monkeypatch.setattr(postings, "_SWEPT", 1 << 16)
    for nick in ("anna", "bert"):
        catalog.add_owner(owner(nick))
        catalog.share(nick, [record(b"song w%d.mp3" % number) for number in range(600)])
        _finish(clock)
    answers = _searches(catalog)
    for _ in range(turns):
        clock.turn()
    catalog.remove_owner("anna")
    while not catalog._blocks.releases:
        clock.turn()
    assert not all(answer.called for answer in answers)
    _finish(clock)
    for answer in answers:
        owners = [getattr(found, "hit", found).owner.nick for found in fired(answer)]
        assert owners == ["bert"] * 600


@pytest.fixture
def _one_more_to_move(
    monkeypatch: pytest.MonkeyPatch, catalog: MemoryCatalog, clock: BusyClock
) -> None:
    """Let files move as soon as anna withdraws `song w1.mp3`, and 599 be left of hers."""
    monkeypatch.setattr(repack, "_SPARE", 0)
    catalog.add_owner(owner("anna"))
    catalog.share("anna", [record(b"song w%d.mp3" % number) for number in range(1200)])
    _finish(clock)
    for number in range(600):
        catalog.unshare("anna", b"song w%d.mp3" % (2 * number))
    _finish(clock)
    assert not catalog._blocks.moves


def _paths_after_moves(
    catalog: MemoryCatalog, clock: BusyClock, answers: "list[Deferred[Any]]"
) -> list[list[bytes]]:
    """Let files move, and tell the paths of what is found then; all answers must be to come yet."""
    catalog.unshare("anna", b"song w1.mp3")
    while not catalog._blocks.moves:
        clock.turn()
    assert not any(answer.called for answer in answers)
    _finish(clock)
    return [
        sorted(getattr(found, "hit", found).file.path for found in fired(answer))
        for answer in answers
    ]


_STAYING = sorted(b"song w%d.mp3" % number for number in range(3, 1200, 2))


@pytest.mark.usefixtures("_many_steps", "_one_more_to_move")
@pytest.mark.parametrize("turns", [6, 30, 60])
def test_searches_find_files_that_move_meanwhile(
    catalog: MemoryCatalog, clock: BusyClock, turns: int
) -> None:
    """Each file that stays shared is found once, though others of its owner are withdrawn."""
    answers = _searches(catalog)
    for _ in range(turns):
        clock.turn()
    assert _paths_after_moves(catalog, clock, answers) == [_STAYING] * len(answers)


@pytest.mark.usefixtures("_one_more_to_move")
def test_sources_are_found_that_move_meanwhile(
    monkeypatch: pytest.MonkeyPatch, catalog: MemoryCatalog, clock: BusyClock
) -> None:
    """All who share a file are found by its hash, though files move to other ids meanwhile."""
    monkeypatch.setattr(lookup, "_WINDOW", 16)
    answer = catalog.sources(MD5, 1000, SOMEBODY)
    assert _paths_after_moves(catalog, clock, [answer]) == [_STAYING]


def test_a_search_does_not_mistake_new_words_for_forgotten_ones(
    monkeypatch: pytest.MonkeyPatch, catalog: MemoryCatalog, clock: BusyClock
) -> None:
    """Numbers of words that nobody has any more become those of others meanwhile."""
    monkeypatch.setattr(module, "_SWEPT_FROM", 500)
    monkeypatch.setattr(sweep, "_FORGOTTEN", 50)
    for name in ("_FIRST_GROUP", "_LAST_GROUP"):
        monkeypatch.setattr(plan, name, 2)
    for nick, word in (("anna", b"w%d"), ("bert", b"wolf %d")):
        catalog.add_owner(owner(nick))
        catalog.share(nick, [record(word % number) for number in range(600)])
        _finish(clock)
    catalog.remove_owner("anna")
    while not catalog._blocks.releases:
        clock.turn()
    hits = catalog.search(query(b"w*", max_results=10**6), SOMEBODY)
    while catalog._slices._tidying:
        clock.turn()
    catalog.add_owner(owner("cleo"))
    catalog.share("cleo", [record(b"v%d" % number) for number in range(600)])
    _finish(clock)
    assert [hit.owner.nick for hit in fired(hits)] == ["bert"] * 600


def test_what_comes_during_a_search_is_not_shown_if_excluded(
    monkeypatch: pytest.MonkeyPatch, catalog: MemoryCatalog, clock: BusyClock
) -> None:
    """It was not there when it was seen which files have a word that is not wanted."""
    for name in ("_FIRST_GROUP", "_LAST_GROUP"):
        monkeypatch.setattr(plan, name, 2)
    catalog.add_owner(owner("anna"))
    catalog.share("anna", [record(b"w%d" % number) for number in range(600)])
    _finish(clock)
    wanted = query(b"w*", excludes=[b"bad"], max_results=10**6)
    answers = [ask(wanted, SOMEBODY) for ask in (catalog.search, catalog.search_contents)]
    for _ in range(60):  # until the first words have been looked up
        clock.turn()
    catalog.add_owner(owner("bert"))
    catalog.share("bert", [record(b"bad w%d" % number) for number in range(600)])
    _finish(clock)
    for answer in answers:
        owners = [getattr(found, "hit", found).owner.nick for found in fired(answer)]
        assert owners == ["anna"] * 600


@pytest.mark.parametrize(
    ("few", "listed"), [(1 << 15, 1 << 11), (1 << 15, 5), (10, 5)], ids=["list", "parts", "windows"]
)
@pytest.mark.parametrize("words", [[b"song"], [b"so*"], [b"song", b"mp3"], []])
def test_files_of_all_come_first_equally_often(
    monkeypatch: pytest.MonkeyPatch,
    catalog: MemoryCatalog,
    clock: BusyClock,
    few: int,
    listed: int,
    words: list[bytes],
) -> None:
    """It makes no difference that many ids between them are dead or unused."""
    monkeypatch.setattr(plan, "_FEW", few)
    monkeypatch.setattr(plan, "_LISTED", listed)
    for nick, song, count in (
        ("anna", b"song", 250), ("gone", b"song", 1000), ("bert", b"song", 250),
    ):  # fmt: skip
        catalog.add_owner(owner(nick))
        catalog.share(nick, [record(b"%b w%d.mp3" % (song, number)) for number in range(count)])
        _finish(clock)
    catalog.remove_owner("gone")
    first: Counter[str] = Counter()
    for _ in range(200):
        hits = catalog.search(query(*words, max_results=1, size=Range(1, None)), SOMEBODY)
        _finish(clock)
        first.update(hit.owner.nick for hit in fired(hits))
    assert sum(first.values()) == 200
    assert 80 <= first["anna"] <= 120


def test_an_owner_who_leaves_meanwhile_is_not_shown(
    catalog: MemoryCatalog, clock: BusyClock
) -> None:
    """A search under way forgets those who leave."""
    _fill(catalog, clock, "anna", 600, b"song")
    hits = catalog.search(query(b"song", max_results=10**6, size=Range(1, None)), SOMEBODY)
    catalog.remove_owner("anna")
    _finish(clock)
    assert len(fired(hits)) == 0


def test_sharing_stops_when_the_owner_leaves(catalog: MemoryCatalog, clock: BusyClock) -> None:
    """A long batch of somebody who left fails, and leaves nothing behind."""
    catalog.add_owner(owner("anna"))
    done = catalog.share("anna", [record(b"song %d" % n) for n in range(5000)])
    catalog.remove_owner("anna")
    _finish(clock)
    with pytest.raises(KeyError):
        fired(done)
    assert catalog.totals() == Totals(0, 0, 0)


def test_a_folder_that_changes_all_day_does_not_pile_up(
    catalog: MemoryCatalog, clock: BusyClock
) -> None:
    """Files move together when most of their block is gone; all stay findable."""
    _fill(catalog, clock, "anna", 2000, b"song")
    for n in range(2000):
        if n % 10:
            gone = catalog.unshare("anna", b"song\\w%d %d" % (n, n))
            _finish(clock)
            assert fired(gone)
    _finish(clock)
    assert len(catalog._shelf("anna").blocks) <= 2
    hits = catalog.search(query(b"song", max_results=10**6), SOMEBODY)
    _finish(clock)
    expected = {b"song\\w%d %d" % (n, n) for n in range(0, 2000, 10)}
    assert {hit.file.path for hit in fired(hits)} == expected
    assert catalog.totals() == Totals(1, 200, 200_000)


def test_a_full_catalog_says_so() -> None:
    """What there is no room for is refused, and nothing else suffers."""
    catalog = MemoryCatalog(Clock(), capacity=512)
    catalog.add_owner(owner("anna"))
    taken = 0
    for n in range(600):
        result = fired(catalog.share("anna", [record(b"song %d" % n)]))
        taken += result.accepted
        assert result.accepted or result.refusals[0].reason == "the catalog is full"
    assert taken == 512
    assert len(found(catalog, query(b"song", max_results=1000))) == taken


def test_duplicates_are_known_after_an_owner_was_idle(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is kept at hand of few owners can be made again for the others."""
    monkeypatch.setattr(seen, "_MOST", 1)
    catalog = MemoryCatalog(Clock(), capacity=1 << 16)
    for nick in ("anna", "bert"):
        catalog.add_owner(owner(nick))
        share(catalog, nick, b"one", b"two")
    for nick in ("anna", "bert", "anna"):
        again = [record(b"two"), record(b"three " + nick.encode()), record(b"one")]
        refusals = fired(catalog.share(nick, again)).refusals
        assert [refusal.path for refusal in refusals][:1] == [b"two"]
    assert catalog.count("anna") == catalog.count("bert") == 3


def _offer_again(catalog: MemoryCatalog, clock: BusyClock) -> "Deferred[ShareResult]":
    """Offer a path twice while many other files wait to be settled."""
    _fill(catalog, clock, "anna", 1, b"song")
    _fill(catalog, clock, "bert", 3000, b"other")
    return catalog.share("anna", [record(b"song\\w0 0"), record(b"new")])


def test_comparing_with_what_waits_takes_turns(catalog: MemoryCatalog, clock: BusyClock) -> None:
    """To look a duplicate up files have to be settled; that is not done in one go."""
    done = _offer_again(catalog, clock)
    turns = 0
    while not done.called:
        clock.turn()
        turns += 1
    assert turns > 3
    assert [refusal.path for refusal in fired(done).refusals] == [b"song\\w0 0"]
    assert catalog.count("anna") == 2


def test_what_others_offer_meanwhile_takes_turns_as_well(
    monkeypatch: pytest.MonkeyPatch, catalog: MemoryCatalog, clock: BusyClock
) -> None:
    """Whose duplicates are looked up need not wait for it, and nobody has to do it in one go."""
    steps = []
    go_on = Shared.go_on
    monkeypatch.setattr(Shared, "go_on", lambda shared: steps.append(1) or go_on(shared))
    done = _offer_again(catalog, clock)
    catalog.add_owner(owner("carl"))
    for number in range(30):
        catalog.share("carl", [record(b"more\\%d %d" % (number, each)) for each in range(20)])
    while not done.called:
        steps.clear()
        clock.turn()
        assert len(steps) <= 2
    _finish(clock)
    assert catalog.count("anna") == 2
    assert catalog.count("carl") == 600


def test_leaving_while_duplicates_are_looked_up(catalog: MemoryCatalog, clock: BusyClock) -> None:
    """Nothing is taken in for an owner who left while the catalog was comparing."""
    done = _offer_again(catalog, clock)
    catalog.remove_owner("anna")
    _finish(clock)
    with pytest.raises(KeyError):
        fired(done)
    assert catalog.totals().files == 3000


def test_tidying_does_not_stand_in_its_own_way(catalog: MemoryCatalog, clock: BusyClock) -> None:
    """However often people search, what is to be tidied up is to be done once."""
    _fill(catalog, clock, "anna", 9000, b"song")
    catalog.remove_owner("anna")
    for number in range(10):
        nick = f"user{number}"
        catalog.add_owner(owner(nick))
        catalog.share(nick, [record(b"%d new%d" % (number, each)) for each in range(500)])
        for _ in range(20):
            catalog.search(query(b"new%d" % number), SOMEBODY)
            catalog.totals()
    assert len(catalog._slices._tidying) <= 3
    _finish(clock)
    assert not catalog._blocks.dead
    assert not catalog._tidying


def test_long_names_close_blocks_early() -> None:
    """A block's text is limited; long names take more blocks, and come back whole."""
    catalog = MemoryCatalog(Clock(), capacity=1 << 16)
    catalog.add_owner(owner("anna"))
    paths = [b"%04d " % n + b"x" * 1500 for n in range(100)]
    share(catalog, "anna", *paths)
    assert [file.path for file in fired(catalog.browse("anna"))] == paths
    assert len(catalog._shelf("anna").blocks) >= 3


def test_tidying_that_fails_is_logged(
    catalog: MemoryCatalog,
    clock: BusyClock,
    monkeypatch: pytest.MonkeyPatch,
    logged_failures: list[dict[str, Any]],
) -> None:
    """A defect in the sweep does not pass in silence, and the next sweep is tried."""

    def broken() -> Iterator[None]:
        yield
        raise RuntimeError("broken")

    monkeypatch.setattr(module, "_SWEPT_FROM", 500)
    monkeypatch.setattr(catalog._sweeper, "sweep", broken)
    for nick in ("anna", "bert"):
        _fill(catalog, clock, nick, 600, b"song")
        catalog.remove_owner(nick)
        _finish(clock)
    assert [event["log_format"] for event in logged_failures] == [
        "tidying the catalog up failed"
    ] * 2
    logged_failures.clear()


def test_what_dies_during_a_sweep_is_swept_as_well(
    monkeypatch: pytest.MonkeyPatch, catalog: MemoryCatalog, clock: BusyClock
) -> None:
    """However fast owners come and go, with other work always waiting, little stays behind."""
    monkeypatch.setattr(module, "_SWEPT_FROM", 600)
    for number in range(30):
        nick = f"user{number}"
        catalog.add_owner(owner(nick))
        catalog.share(nick, [record(b"%d w%d" % (number, each)) for each in range(300)])
        for _ in range(150):
            if clock.getDelayedCalls():
                clock.turn()
        catalog.remove_owner(nick)
    _finish(clock)
    assert len(catalog._blocks.dead) <= 600 + 512
    assert _blocks_in_use(catalog) < 20


def test_who_shares_helps_to_sweep(
    monkeypatch: pytest.MonkeyPatch, catalog: MemoryCatalog, clock: BusyClock
) -> None:
    """If the reactor gets round to nothing but taking files in, not too much stays behind."""
    monkeypatch.setattr(module, "_SWEPT_FROM", 600)
    most = 0
    for number in range(30):
        nick = f"user{number}"
        catalog.add_owner(owner(nick))
        done = catalog.share(nick, [record(b"%d w%d" % (number, each)) for each in range(300)])
        while not done.called:
            clock.turn()
        catalog.remove_owner(nick)
        most = max(most, len(catalog._blocks.dead))
    assert most <= 2.5 * 600 + 512
    assert _blocks_in_use(catalog) * 256 <= 2.5 * 600 + 512
    _finish(clock)
    assert len(catalog._blocks.dead) <= 600


def test_what_comes_is_settled_soon_while_people_search(
    catalog: MemoryCatalog, clock: BusyClock
) -> None:
    """Nobody who searches has to do it; if nobody does, files wait until they are many."""
    _fill(catalog, clock, "anna", 1500, b"song")
    assert catalog._intake._waiting.count == 1500
    hits = catalog.search(query(b"song"), SOMEBODY)
    _finish(clock)
    assert len(fired(hits)) == 100
    _fill(catalog, clock, "bert", 1500, b"song")
    assert catalog._intake._waiting.count <= 64


def test_however_many_share_at_once_not_more_waits(
    catalog: MemoryCatalog, clock: BusyClock
) -> None:
    """Each helps to settle what waits before more is taken in of its own."""
    done = []
    for number in range(30):
        catalog.add_owner(owner(f"user{number}"))
        files = [record(b"song\\%d %d" % (number, each)) for each in range(500)]
        done.append(catalog.share(f"user{number}", files))
    most = 0
    while clock.getDelayedCalls():
        clock.turn()
        most = max(most, catalog._intake._waiting.count)
    assert sum(fired(each).accepted for each in done) == 15_000
    assert 4096 < most <= 4096 + 500


def _search_while_more_comes(
    catalog: MemoryCatalog, clock: BusyClock, *words: bytes
) -> Iterator[list[int]]:
    """Tell again and again how many files have each word, until 300 new files are settled."""
    catalog.add_owner(owner("bert"))
    catalog.share("bert", [record(b"song\\new%d" % number) for number in range(300)])
    while catalog._intake.is_due:
        asked = [catalog.search(query(word, max_results=1000), SOMEBODY) for word in words]
        while not all(hits.called for hits in asked):
            clock.turn()
        yield [len(fired(hits)) for hits in asked]


def test_a_search_does_not_wait_for_what_is_coming_in(
    catalog: MemoryCatalog, clock: BusyClock
) -> None:
    """Many files that somebody shares while people search are found soon, by a word all at once.

    A search for beginnings that is under way meanwhile may find those of the words it knew.
    """
    _fill(catalog, clock, "anna", 100, b"song")
    first = catalog.search(query(b"song"), SOMEBODY)
    _finish(clock)
    assert len(fired(first)) == 100
    counts = list(_search_while_more_comes(catalog, clock, b"song", b"new299", b"new*"))
    assert 1 < len(counts) < 20
    assert {(songs, last) for songs, last, _ in counts} <= {(100, 0), (400, 1)}
    beginning = [found for *_, found in counts]
    assert beginning == sorted(beginning)
    assert beginning[-1] <= 300
    assert counts[0] == [100, 0, 0]
    last = catalog.search(query(b"song", max_results=1000), SOMEBODY)
    _finish(clock)
    assert len(fired(last)) == 400


def test_a_search_waits_for_what_was_there_before(catalog: MemoryCatalog, clock: BusyClock) -> None:
    """The first to search after many were shared finds them all, and so does the second."""
    _fill(catalog, clock, "anna", 1500, b"song")
    searches = [catalog.search(query(b"song", max_results=9999), SOMEBODY) for _ in range(2)]
    _finish(clock)
    assert [len(fired(hits)) for hits in searches] == [1500, 1500]


@pytest.mark.parametrize(
    ("most", "nicks"), [(9, {"slow", "good"}), (10, {"good"}), (512, {"good"})]
)
def test_so_many_offers_are_compared(
    catalog: MemoryCatalog,
    clock: BusyClock,
    monkeypatch: pytest.MonkeyPatch,
    most: int,
    nicks: set[str],
) -> None:
    """Whatever offers there are of a content, one that matches is shown, in limited time."""
    monkeypatch.setattr(sources, "_COMPARED", most)
    offers = [("slow", 1, b"song.flac"), *((f"fan {n}", 9, b"song.bin") for n in range(9))]
    for each, speed, name in (*offers, ("good", 5, b"song.flac")):
        catalog.add_owner(owner(each, speed=speed))
        catalog.share(each, [record(name)], [b"1" * 32])
        _finish(clock)
    shown = set()
    for _ in range(20):
        done = catalog.search_contents(query(b"song", extension=b"flac", max_results=1), SOMEBODY)
        _finish(clock)
        (content,) = fired(done)
        assert content.sources == 11
        shown.add(content.hit.owner.nick)
    assert shown == nicks


def test_popular_contents_are_counted_in_steps(
    catalog: MemoryCatalog, clock: BusyClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A few at a time, and one that very many share alone, so that nobody else waits for long."""
    monkeypatch.setattr(contents, "_LOOKED_THROUGH", 10)
    every = [bytes([number]) * 32 for number in range(1, 7)]
    sharing = {"anna": every, "bert": every[:5], "carl": every[:4], "dora": every[:4]}
    sharing |= {f"fan {number}": every[3:4] for number in range(20)}
    for nick, shared in sharing.items():
        catalog.add_owner(owner(nick))
        catalog.share(nick, [record(b"%d" % number) for number in range(len(shared))], shared)
        _finish(clock)
    done = catalog.copies(every, "anna")
    _finish(clock)
    assert fired(done) == [3, 3, 3, 23, 1, 0]
    portions = catalog._offers._contents.portions(every)
    assert [len(every[some]) for some in portions] == [2, 1, 1, 2]
    assert len(list(catalog._offers.copies(every, None))) == 4


def test_all_files_of_the_few_who_are_fast_enough(catalog: MemoryCatalog, clock: BusyClock) -> None:
    """Where few owners have the link speed asked for, each of their files is found, no other."""
    for number in range(20):
        _fill(catalog, clock, f"slow{number}", 1, b"song")
    catalog.add_owner(owner("fast", speed=9))
    catalog.share("fast", [record(b"song\\%d.mp3" % n) for n in range(512)])
    _finish(clock)
    wanted = query(b"song", max_results=10**6, speed=Range(9, 9))
    hits = catalog.search(wanted, SOMEBODY)
    _finish(clock)
    assert [hit.owner.nick for hit in fired(hits)] == ["fast"] * 512
    nobody = catalog.search(query(b"song", speed=Range(10, None)), SOMEBODY)
    _finish(clock)
    assert len(fired(nobody)) == 0


def test_files_that_come_during_a_search_do_no_harm(
    catalog: MemoryCatalog, clock: BusyClock
) -> None:
    """A search that takes several turns knows nothing of blocks that are taken meanwhile."""
    _fill(catalog, clock, "somebody", 1, b"own")
    _fill(catalog, clock, "anna", 6000, b"song")
    hits = catalog.search(query(b"w*", max_results=10**6), SOMEBODY)
    for _ in range(60):  # until it has been seen who is shown
        clock.turn()
    catalog.add_owner(owner("bert"))
    done = catalog.share("bert", [record(b"late\\w%d %d" % (20 * n, n)) for n in range(300)])
    _finish(clock)
    assert fired(done).accepted == 300
    assert [hit.owner.nick for hit in fired(hits)] == ["anna"] * 6000


def test_files_are_taken_in_a_few_at_a_time_for_those_who_ask(
    catalog: MemoryCatalog, clock: BusyClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Many files that somebody offers are no long step while others search."""
    sizes: list[int] = []
    take = catalog._registrar.take

    def counted(shelf: Any, records: Any, contents: Any) -> Any:
        """Write down how many files are taken in at once."""
        sizes.append(len(records))
        return take(shelf, records, contents)

    monkeypatch.setattr(catalog._registrar, "take", counted)
    clock.step = 0.0
    _fill(catalog, clock, "anna", 300, b"song")
    assert fired(catalog.search(query(b"other"), SOMEBODY)) is not None
    _fill(catalog, clock, "bert", 300, b"song")
    assert sizes == [300, 128, 128, 44]
    assert catalog.totals().files == 600


def test_it_is_tidied_up_once_no_more_files_come(catalog: MemoryCatalog, clock: BusyClock) -> None:
    """All that waits goes to its words when it was to be tidied up twice since files came."""
    postings = catalog._postings
    _fill(catalog, clock, "anna", 3000, b"song")
    catalog.tidy()
    done = catalog.share("anna", [record(b"one\\more")])
    _finish(clock)
    assert fired(done).accepted == 1
    catalog.tidy()
    assert not clock.getDelayedCalls()
    catalog.tidy()
    _finish(clock)
    assert not catalog._intake._waiting.count
    assert not len(postings.recent)
    assert not any(common.gathered for common in postings.common.values())
    for word, count in ((b"song", 3000), (b"more", 1)):
        hits = catalog.search(query(word, max_results=5000), SOMEBODY)
        _finish(clock)
        assert len(fired(hits)) == count
    catalog.tidy()
    assert not clock.getDelayedCalls()
