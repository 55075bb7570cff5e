"""Standing searches: left, told, paused, withdrawn, limited."""

from pathlib import Path
from typing import Any

import pytest
import pytest_twisted

from napster.index.config import Settings
from napster.index.flusher import APART
from napster.index.levels import Level
from napster.index.standing_searches import MOST_A_MINUTE, Key, StandingSearches
from napster.wire.extension import (
    VERSION,
    ContentFile,
    Feature,
    Greeting,
    ShareContent,
    Unwatch,
    Watch,
    Watched,
    Watching,
    WatchState,
)
from napster.wire.messages import Message
from napster.wire.messages.login import Notice
from napster.wire.messages.people import ChangePort
from napster.wire.messages.searching import Search, SearchHit
from napster.wire.search import SearchQuery, query_body
from tests.index.client import running_index
from tests.index.harness import EXTENDED, MD5, Conn, World, file

SONG = rb"music\band - song.mp3"
STANDING = WatchState.STANDING


def leave(id_: int, *words: bytes, **filters: Any) -> Watch:
    """Make the message that leaves a search standing."""
    return Watch(id_, query_body(SearchQuery(contains=words, **filters)))


def watcher(world: World, *watches: Watch, nick: str = "berta", **login: Any) -> Conn:
    """Log in and leave searches standing."""
    conn = world.login(nick, client=EXTENDED, **login)
    assert conn.ask(*watches) == [Watching(each.id, STANDING) for each in watches]
    return conn


def told(world: World, conn: Conn) -> list[tuple[int, bytes]]:
    """Take what comes within a moment, all of it files told."""
    world.clock.pump([APART] * 2)
    answers = conn.messages()
    assert all(isinstance(each, Watched) for each in answers), answers
    return sorted((each.id, each.hit.path) for each in answers if isinstance(each, Watched))


def test_told_at_once(world: World) -> None:
    """A file that matches is told as a search would tell it; others are not."""
    berta = watcher(world, leave(7, b"SONG"))
    world.login("anna", "127.0.0.1").send(file(SONG), file(b"other.mp3"))
    hit = SearchHit(SONG, MD5, 1000, 128, 44100, 60, "anna", 16777343, 8)
    assert berta.messages() == [Watched(7, hit)]


def test_what_is_shared_already(world: World) -> None:
    """Only files shared later are told, however they are shared."""
    anna = world.login("anna")
    anna.send(file(SONG))
    berta = watcher(world, leave(1, b"song"))
    assert berta.messages() == []
    anna.frame(870, rb'"music\" "new song.mp3" %b 5 128 44100 60' % MD5)
    assert told(world, berta) == [(1, rb"music\new song.mp3")]


def test_only_what_was_taken(world: World) -> None:
    """A file that is refused is not told; one that stands twice in a batch is told once."""
    berta = watcher(world, leave(1, b"song"))
    anna = world.login("anna")
    anna.send(file(b"song 1.mp3"))
    assert told(world, berta) == [(1, b"song 1.mp3")]
    anna.send(file(b"song 1.mp3"), file(b"song 2.mp3"), file(b"song 2.mp3"))
    assert told(world, berta) == [(1, b"song 2.mp3")]


def test_filters_and_excluded_words(world: World) -> None:
    """All of a search counts."""
    watches = leave(1, b"song", type=b"video"), leave(2, b"song", excludes=(b"live",))
    berta = watcher(world, *watches)
    world.login("anna").send(file(b"song.avi"), file(b"live song.mp3"), file(b"live song.avi"))
    assert told(world, berta) == [(1, b"live song.avi"), (1, b"song.avi"), (2, b"song.avi")]


def test_own_and_firewalled_files(world: World) -> None:
    """Nobody is told of own files, nor somebody firewalled of the files of others who are."""
    walled = watcher(world, leave(1, b"song"), nick="walled", port=0)
    berta = watcher(world, leave(1, b"song"))
    berta.send(file(b"song b.mp3"))
    assert told(world, berta) == []
    assert told(world, walled) == [(1, b"song b.mp3")]
    world.login("other", port=0).send(file(b"song o.mp3"))
    assert told(world, berta) == [(1, b"song o.mp3")]
    assert told(world, walled) == []
    walled.send(ChangePort(6699))
    world.login("third", port=0).send(file(b"song t.mp3"))
    assert told(world, walled) == [(1, b"song t.mp3")]


@pytest.mark.parametrize("open_", [True, False])
def test_told_because_of_the_relay(world: World, *, open_: bool) -> None:
    """Two who are firewalled are told of each other's files as they find them: by the relay."""
    world.hub.relay.port = lambda: 8889 if open_ else 0
    features = Feature.CONTENT | Feature.SECURE | Feature.RELAY
    walled = world.login("walled", client=EXTENDED, port=0)
    assert walled.ask(Greeting(VERSION, features, b"w" * 32)) == []
    walled.ask(leave(1, b"song"))
    anna = world.login("anna", client=EXTENDED, port=0)
    assert anna.ask(Greeting(VERSION, features, b"a" * 32)) == []
    anna.send(ShareContent(7, b"music\\", [ContentFile.of(file(SONG), b"c" * 32)]))
    assert told(world, walled) == ([(1, SONG)] if open_ else [])
    answers = walled.ask(Search(SearchQuery(contains=(b"song",))))
    assert [each.path for each in answers if isinstance(each, SearchHit)] == [SONG] * open_


def test_withdrawn(world: World) -> None:
    """A search withdrawn is told nothing more; to withdraw it twice is answered."""
    berta = watcher(world, leave(1, b"song"))
    assert berta.ask(Unwatch(1), Unwatch(1)) == [
        Watching(1, WatchState.OVER),
        Watching(1, WatchState.OVER, "there is no standing search of this number"),
    ]
    world.login("anna").send(file(SONG))
    assert berta.messages() == []


def test_replaced(world: World) -> None:
    """The same number again is another search in the place of the first."""
    berta = watcher(world, leave(1, b"song"), leave(1, b"band"))
    assert len(world.hub.standing) == 1
    world.login("anna").send(file(b"song.mp3"), file(b"band.mp3"))
    assert told(world, berta) == [(1, b"band.mp3")]


def test_gone(world: World) -> None:
    """Searches end with the session; those of others stay."""
    berta = watcher(world, leave(1, b"song"))
    carl = watcher(world, leave(1, b"song"), nick="carl")
    berta.lose()
    assert len(world.hub.standing) == 1
    again = watcher(world, nick="berta")
    world.login("anna").send(file(SONG))
    assert told(world, carl) == [(1, SONG)]
    assert again.messages() == []


@pytest.mark.parametrize(
    ("query", "reason"),
    [
        (b"", "it needs at least one whole word"),
        (b'FILENAME CONTAINS "lov*"', "it needs at least one whole word"),
        (b"TYPE mp3", "it needs at least one whole word"),
        (b"NONSENSE", "there is no criterion"),
        (b'FILENAME CONTAINS "' + b"x " * 33, "more than 32 words"),
        (bytes(range(1, 256)), "invalid search request"),
    ],
)
def test_refused(world: World, query: bytes, reason: str) -> None:
    """What cannot stand is refused with a reason, under its number."""
    (answer,) = world.login("berta", client=EXTENDED).ask(Watch(9, query))
    assert isinstance(answer, Watching)
    assert (answer.id, answer.state) == (9, WatchState.OVER)
    assert reason in (answer.text or "")
    assert len(world.hub.standing) == 0


@pytest.mark.parametrize("body", [b"", b"\1", b"\1\3\0abc", b"garbage" * 99])
@pytest.mark.parametrize("number", [Watch.type, Unwatch.type])
def test_broken(world: World, number: int, body: bytes) -> None:
    """A body that cannot be read is answered by a sentence, and the session goes on."""
    conn = world.login("berta", client=EXTENDED)
    (answer,) = conn.tell(number, body)
    assert isinstance(answer, Notice)
    assert b"field" in answer.text
    assert conn.ask(leave(1, b"x")) == [Watching(1, STANDING)]


def test_only_for_those_who_speak_the_extension(world: World) -> None:
    """To an old program these numbers are unknown commands."""
    (answer,) = world.login("old").ask(leave(1, b"song"))
    assert answer == Notice(b"Unknown command code 20016")


def test_leech(world: World) -> None:
    """Who may not search leaves no search standing, and is told why; nor is a former user told."""
    world.register("leech", level=Level.LEECH)
    leech = world.login("leech", client=EXTENDED)
    denied = Notice(b"permission denied: this takes the level User")
    assert leech.ask(leave(1, b"song")) == [denied]
    berta = watcher(world, leave(1, b"song"))
    world.hub.network._members["berta"].change(level=Level.LEECH)
    world.login("anna").send(file(SONG))
    assert told(world, leech) == told(world, berta) == []


def test_limit_per_user() -> None:
    """A user has so many searches; one withdrawn makes room."""
    world = World(max_standing=2)
    berta = watcher(world, leave(1, b"a"), leave(2, b"b"))
    (answer,) = berta.ask(leave(3, b"c"))
    text = "you have 2 standing searches, which is the limit"
    assert answer == Watching(3, WatchState.OVER, text)
    assert berta.ask(leave(2, b"c")) == [Watching(2, STANDING)]
    assert berta.ask(Unwatch(1), leave(3, b"c"))[1] == Watching(3, STANDING)
    world.end()


def test_limit_of_the_index(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """All together have so many."""
    monkeypatch.setattr("napster.index.standing_searches.MOST", 1)
    watcher(world, leave(1, b"a"))
    (answer,) = world.login("carl", client=EXTENDED).ask(leave(1, b"a"))
    assert isinstance(answer, Watching)
    assert answer.text == "the index has too many standing searches; try again later"


def test_flood() -> None:
    """Leaving searches counts as searching."""
    world = World(search_rate=1, burst_seconds=3)
    berta = world.login("berta", client=EXTENDED)
    berta.raw(leave(1, b"a").frame() * 4)
    world.clock.pump([0.05] * 3)
    *kept, refused = berta.messages()
    assert kept == [Watching(1, STANDING)] * 3
    assert isinstance(refused, Notice)
    assert refused.text.startswith(b"Too many searches")
    world.end()


def test_gathered(world: World) -> None:
    """Files that are shared soon after each other are told in one piece, the first at once."""
    berta = watcher(world, leave(1, b"song"))
    anna = world.login("anna")
    for number in range(3):
        anna.send(file(b"song %d.mp3" % number))
    assert [each.hit.path for each in berta.messages()] == [b"song 0.mp3"]
    world.clock.advance(APART / 2)
    assert berta.messages() == []
    world.clock.advance(APART / 2)
    assert [each.hit.path for each in berta.messages()] == [b"song 1.mp3", b"song 2.mp3"]
    anna.send(file(b"song 3.mp3"))
    assert told(world, berta) == [(1, b"song 3.mp3")]
    anna.send(file(b"song 4.mp3"))
    assert [each.hit.path for each in berta.messages()] == [b"song 4.mp3"]


def test_nothing_after_the_end_of_a_search(world: World) -> None:
    """What waits to be told goes before the answer that the search is over."""
    berta = watcher(world, leave(1, b"song"))
    world.login("anna").send(file(b"song 0.mp3"), file(b"song 1.mp3"))
    *files, over = berta.ask(Unwatch(1))
    assert [each.hit.path for each in files] == [b"song 0.mp3", b"song 1.mp3"]
    assert over == Watching(1, WatchState.OVER)
    assert told(world, berta) == []


def share_songs(world: World, conn: Conn, count: int, name: str) -> None:
    """Share some files, and let the index get to its end with them."""
    conn.send(*(file(b"song %s %d.mp3" % (name.encode(), each)) for each in range(count)))
    world.clock.pump([0.01] * 5)


def test_paused(world: World) -> None:
    """More files than can be told are left out for a minute, and that is said once."""
    berta = watcher(world, leave(1, b"song"))
    anna = world.login("anna")
    share_songs(world, anna, MOST_A_MINUTE + 20, "x")
    *first, last = berta.messages()
    assert len(first) == MOST_A_MINUTE
    text = f"more than {MOST_A_MINUTE} files a minute match; search to see them all"
    assert last == Watching(1, WatchState.PAUSED, text)
    share_songs(world, anna, 5, "y")
    assert berta.messages() == []
    assert len(world.hub.standing) == 1
    world.clock.advance(61)
    share_songs(world, anna, 2, "z")
    assert told(world, berta) == [(1, b"song z 0.mp3"), (1, b"song z 1.mp3")]


def test_a_search_that_is_paused_can_go() -> None:
    """Whatever happens to it meanwhile, a paused search does not come back by itself."""
    world = World(search_rate=0)
    berta = watcher(world, leave(1, b"song"), leave(2, b"song"), leave(3, b"song"))
    carl = watcher(world, leave(1, b"song"), nick="carl")
    anna = world.login("anna")
    share_songs(world, anna, MOST_A_MINUTE, "x")
    berta.messages()
    berta.ask(Unwatch(1), leave(2, b"other"))
    carl.lose()
    world.clock.advance(61)
    share_songs(world, anna, 1, "y")
    assert told(world, berta) == [(3, b"song y 0.mp3")]
    world.end()


def test_a_replaced_search_keeps_its_count(world: World) -> None:
    """Who leaves the same number again is told no more files a minute by that."""
    berta = watcher(world, leave(1, b"song"))
    anna = world.login("anna")
    heard: list[Message] = []
    for name in "abc":
        share_songs(world, anna, MOST_A_MINUTE - 4, name)
        world.clock.advance(1)
        heard += berta.ask(leave(1, b"song"))
    assert sum(isinstance(each, Watched) for each in heard) == MOST_A_MINUTE
    states = [each.state for each in heard if isinstance(each, Watching)]
    assert states == [STANDING, WatchState.PAUSED, WatchState.PAUSED, WatchState.PAUSED]


def test_a_search_replaced_while_paused(world: World) -> None:
    """What replaces a paused search is paused until the minute is over, and then is told."""
    berta = watcher(world, leave(1, b"song"))
    anna = world.login("anna")
    share_songs(world, anna, MOST_A_MINUTE, "x")
    *_, paused = berta.messages()
    assert isinstance(paused, Watching)
    assert berta.ask(leave(1, b"other")) == [paused]
    anna.send(file(b"other 1.mp3"))
    world.clock.advance(30)
    anna.send(file(b"other 2.mp3"))
    assert told(world, berta) == []
    world.clock.advance(31)
    anna.send(file(b"other 3.mp3"), file(b"song.mp3"))
    assert told(world, berta) == [(1, b"other 3.mp3")]


def test_a_search_replaced_after_its_pause(world: World) -> None:
    """What replaces it after the minute stands, also if nothing was shared meanwhile."""
    berta = watcher(world, leave(1, b"song"))
    anna = world.login("anna")
    share_songs(world, anna, MOST_A_MINUTE, "x")
    berta.messages()
    world.clock.advance(60)
    assert berta.ask(leave(1, b"song")) == [Watching(1, STANDING)]
    share_songs(world, anna, 1, "y")
    assert told(world, berta) == [(1, b"song y 0.mp3")]


def test_a_search_that_cannot_replace_a_paused_one(world: World) -> None:
    """It leaves nothing behind, and the number is free."""
    berta = watcher(world, leave(1, b"song"))
    anna = world.login("anna")
    share_songs(world, anna, MOST_A_MINUTE, "x")
    berta.messages()
    (refused,) = berta.ask(leave(1, b"lov*"))
    assert isinstance(refused, Watching)
    assert refused.state is WatchState.OVER
    assert len(world.hub.standing) == 0
    world.clock.advance(61)
    share_songs(world, anna, 1, "y")
    assert berta.messages() == []


def test_slow_ones_are_not_limited(world: World) -> None:
    """Who is told little at a time is never paused."""
    berta = watcher(world, leave(1, b"song"))
    anna = world.login("anna")
    for minute in range(5):
        share_songs(world, anna, MOST_A_MINUTE - 1, str(minute))
        assert len(told(world, berta)) == MOST_A_MINUTE - 1
        world.clock.advance(60)


def test_who_goes_while_others_are_told(world: World) -> None:
    """A search that goes between the match and the telling is left out."""
    searches = StandingSearches(world.clock, world.catalog)
    searches.add("anna", 1, SearchQuery(contains=(b"a",)), 5)
    assert searches.count(Key("anna", 2)) is None
    assert searches.count(Key("berta", 1)) is None
    assert searches.count(Key("anna", 1)) == MOST_A_MINUTE - 1


def test_many_are_told_in_turns(monkeypatch: pytest.MonkeyPatch) -> None:
    """When thousands wait for one file, others have their turn meanwhile."""
    world = World(search_rate=0, max_standing=10_000, max_connections_per_address=0)
    berta = watcher(world, *(leave(number, b"song") for number in range(3000)))
    berta.messages()
    seconds, later, turns = world.clock.seconds, world.clock.callLater, []

    def ticking() -> float:
        world.clock.rightNow += 0.0001
        return seconds()

    def counting(delay: float, *call: Any, **keywords: Any) -> Any:
        turns.append(delay)
        return later(delay, *call, **keywords)

    monkeypatch.setattr(world.clock, "seconds", ticking)
    monkeypatch.setattr(world.clock, "callLater", counting)
    world.login("anna").send(file(SONG))
    while world.hub.meters.standing_hits < 3000:
        world.clock.advance(0)
    assert turns.count(0) > 30
    assert len(told(world, berta)) == 3000
    world.end()


def test_setting() -> None:
    """How many searches may stand is configured."""
    assert Settings().max_standing == 50


@pytest_twisted.ensureDeferred
async def test_over_sockets(tmp_path: Path) -> None:
    """A file shared by one program is told to another at once, over real sockets."""
    async with running_index(tmp_path) as index:
        berta = await index.client()
        await berta.log_in("berta", client=EXTENDED)
        berta.send(leave(5, b"linux iso"), leave(6, b"nothing"))
        assert await berta.get(Watching) == Watching(5, STANDING)
        assert await berta.get(Watching) == Watching(6, STANDING)
        anna = await index.client("anna")
        anna.send(file(b"music.mp3"), file(rb"isos\linux 1.iso"))
        told_of = await berta.get(Watched)
        assert (told_of.id, told_of.hit.path, told_of.hit.nick) == (5, rb"isos\linux 1.iso", "anna")
        berta.send(Unwatch(5))
        assert await berta.get(Watching) == Watching(5, WatchState.OVER)
        await anna.close()
        await berta.close()
