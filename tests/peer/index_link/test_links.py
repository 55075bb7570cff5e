"""Several indexes: searched together, users asked where they are, one away is no misfortune."""

from collections.abc import Callable

import attrs
import pytest
from twisted.internet.task import Clock

from napster.peer.api import IndexState
from napster.peer.arrange import ArrangeError, Holder, IndexAwayError, NotSharedError, OfflineError
from napster.peer.index_link import links
from napster.peer.index_link.counters import TransferCounters
from napster.peer.index_link.links import Links
from napster.wire.extension import ContentSource, FindEnd, Found
from napster.wire.messages import Message
from napster.wire.messages.login import Notice
from napster.wire.messages.searching import (
    Browse,
    BrowseEnd,
    SearchEnd,
    SearchHit,
    Source,
    SourcesEnd,
)
from napster.wire.messages.transfers import (
    DataPortError,
    DownloadError,
    DownloadFinished,
    DownloadReady,
    DownloadRequest,
    DownloadStarted,
)
from napster.wire.search import SearchQuery
from tests.peer.index_link.fakes import HELLO, MD5, Scene, shared_file
from tests.peer.index_link.test_questions import LOCALHOST, PATH, error, listed, result, started

QUERY = SearchQuery(contains=(b"song",))
ID = bytes(range(32))
READY = DownloadReady("bob", LOCALHOST, 6699, PATH, MD5, 7)


def hit(nick: str) -> SearchHit:
    return SearchHit(PATH, MD5, 1000, 192, 44100, 60, nick, LOCALHOST, 7)


@attrs.define
class Two:
    """A peer at an old index and at one that knows content ids, both online."""

    old: Scene
    new: Scene
    links: Links

    def heard(self) -> tuple[list[Message], list[Message]]:
        return self.old.index.heard(), self.new.index.heard()


@pytest.fixture
def two(build: Callable[..., Scene]) -> Two:
    clock, counters = Clock(), TransferCounters()
    old, new = (build(clock=clock, counters=counters) for _ in range(2))
    old.index.let_in()
    new.index.let_in(HELLO)
    old.pump()
    made = Two(old, new, Links([old.link, new.link]))
    made.heard()
    return made


# Searching.


def test_a_search_asks_all(two: Two) -> None:
    """The answer is that of both."""
    search = started(two.links.search(QUERY))
    two.new.index.say(Found(1, hit("eve"), 5, 1, 1, 1, ID), FindEnd(1))
    two.old.index.say(hit("bob"), SearchEnd())
    answer = result(search)
    assert answer.hits == [hit("bob"), Found(1, hit("eve"), 5, 1, 1, 1, ID)]
    assert answer.notes == []


def test_an_index_that_is_away_is_a_note(two: Two) -> None:
    """What the other finds is shown."""
    two.new.index.hang_up()
    search = started(two.links.search(QUERY))
    two.old.index.say(hit("bob"), SearchEnd())
    answer = result(search)
    assert answer.hits == [hit("bob")]
    (note,) = answer.notes
    assert note.startswith("index index.example:8888: not logged in")
    assert two.links.online
    states = [status.state for status in two.links.statuses]
    assert states == [IndexState.ONLINE, IndexState.OFFLINE]


def test_no_index_is_an_error(two: Two) -> None:
    """Why the first cannot be asked is said; a complaint says more than that one is away."""
    two.new.index.hang_up()
    search = started(two.links.search(QUERY))
    two.old.index.say(Notice(b"you search too much"), SearchEnd())
    assert str(error(search)) == "the index says: you search too much"
    two.old.index.hang_up()
    assert isinstance(error(started(two.links.search(QUERY))), IndexAwayError)
    assert not two.links.online


def test_sources_are_those_of_all(two: Two) -> None:
    """One that both tell of is one."""
    asking = started(two.links.sources(MD5, 5))
    bob = Source("bob", 1, 6699, PATH, MD5, 5, 7)
    two.old.index.say(bob, SourcesEnd())
    two.new.index.say(bob.evolve(nick="Bob"), bob.evolve(nick="eve"), SourcesEnd())
    assert [each.nick for each in result(asking)] == ["bob", "eve"]
    holding = started(two.links.sources_of(ID))
    two.new.index.say(ContentSource(1, b"eve", PATH, 0, 0, 0), FindEnd(1))
    assert result(holding) == [Holder("eve", PATH)]


# Users.


def test_a_user_is_asked_where_they_were_seen(two: Two) -> None:
    """A hit tells at which index its owner is."""
    search = started(two.links.search(QUERY))
    two.old.index.say(SearchEnd())
    two.new.index.say(Found(1, hit("Bob"), 5, 1, 1, 1, ID), FindEnd(1))
    result(search)
    two.heard()
    asking = started(two.links.arrange_download("bob", PATH))
    assert two.heard() == ([], [DownloadRequest("bob", PATH)])
    two.new.index.say(READY)
    assert result(asking).port == 6699
    two.links.data_port_failed("bob")
    assert two.heard() == ([], [DataPortError("bob")])


def test_a_user_nobody_has_seen_is_asked_everywhere(two: Two) -> None:
    """One after the other, and where they were found first from then on."""
    asking = started(two.links.arrange_download("bob", PATH))
    assert two.heard() == ([DownloadRequest("bob", PATH)], [])
    two.old.index.say(DownloadError("bob", PATH))
    assert two.heard() == ([], [DownloadRequest("bob", PATH)])
    two.new.index.say(READY)
    result(asking)
    started(two.links.browse("bob")).addErrback(lambda _: None)
    assert two.heard() == ([], [Browse("bob")])
    two.new.index.say(listed(), BrowseEnd("bob"))


def test_a_user_who_is_nowhere(two: Two) -> None:
    """The user who is online and does not share is the better reason."""
    asking = started(two.links.arrange_download("bob", PATH))
    two.old.index.say(Notice(b"user bob is not online"))
    two.new.index.say(DownloadError("bob", PATH))
    assert isinstance(error(asking), NotSharedError)


def test_who_may_be_at_an_index_that_is_away_is_not_given_up(two: Two) -> None:
    """Somebody else of that nick says nothing about them."""
    two.new.index.hang_up()
    asking = started(two.links.arrange_download("bob", PATH))
    two.old.index.say(DownloadError("bob", PATH))
    why = error(asking)
    assert isinstance(why, OfflineError)
    assert "bob cannot be asked now: not logged in" in str(why)


def test_any_other_refusal_is_final(two: Two) -> None:
    """Who does not want to send is not asked again by another way."""
    asking = started(two.links.ping("bob"))
    two.old.index.say(Notice(b"bob is ignoring you"))
    assert isinstance(error(asking), ArrangeError)
    assert two.heard()[1] == []


def test_a_million_users_do_not_fill_the_memory(two: Two, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where those seen long ago are is forgotten."""
    monkeypatch.setattr(links, "MOST_USERS", 3)
    search = started(two.links.search(QUERY))
    two.old.index.say(*(hit(f"user{number}") for number in range(10)), SearchEnd())
    two.new.index.say(FindEnd(1))
    result(search)
    assert len(two.links._seen) == 3


# Telling.


def test_transfers_are_counted_by_both(two: Two) -> None:
    """Each index shows its users how busy this peer is."""
    two.links.download_started()
    assert two.heard() == ([DownloadStarted()], [DownloadStarted()])
    two.new.index.hang_up()
    two.links.download_finished()
    assert two.old.index.heard() == [DownloadFinished()]


def test_registered_is_what_all_know(two: Two) -> None:
    """An index that is away does not count."""
    two.old.link.files_added([shared_file(b"M\\1"), shared_file(b"M\\2")])
    two.old.pump(0.1)
    assert (two.old.link.registered, two.links.registered) == (2, 0)
    two.new.index.hang_up()
    assert two.links.registered == 2
    two.old.index.hang_up()
    assert two.links.registered == 0
