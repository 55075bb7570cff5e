"""Questions without numbers: every answer finds the question it belongs to, or none."""

from collections.abc import Coroutine
from typing import Any, TypeVar

import pytest
from twisted.internet.defer import Deferred

from napster.peer.arrange import (
    ArrangeError,
    FirewalledError,
    IndexAwayError,
    NoAnswerError,
    NotSharedError,
    OfflineError,
    QueuedError,
    RefusedError,
    SearchAnswer,
)
from napster.wire.extension import Reason, SearchNote
from napster.wire.messages import Message
from napster.wire.messages.login import Notice, Stats
from napster.wire.messages.people import Ping, Pong, SignedOff
from napster.wire.messages.searching import (
    Browse,
    BrowseEnd,
    BrowseFile,
    Search,
    SearchEnd,
    SearchHit,
    Source,
    SourcesEnd,
    SourcesRequest,
)
from napster.wire.messages.transfers import (
    DataPortError,
    DownloadError,
    DownloadReady,
    DownloadRequest,
    PushRequest,
    Queued,
    UploadRefused,
)
from napster.wire.search import Range, SearchQuery
from tests.peer.index_link.fakes import MD5, Scene

T = TypeVar("T")
PATH = b"Music\\song.mp3"
LOCALHOST = 0x0100007F


def started(work: Coroutine[Any, Any, T]) -> Deferred[T]:
    return Deferred.fromCoroutine(work)


def result(work: Deferred[T]) -> T:
    found: list[T] = []
    work.addCallback(found.append)
    assert found, "there is no answer yet"
    return found[0]


def error(work: Deferred[Any]) -> Exception:
    failures: list[Any] = []
    work.addErrback(failures.append)
    assert failures, "there is no error yet"
    value: Exception = failures[0].value
    return value


def hit(path: bytes = PATH) -> SearchHit:
    return SearchHit(path, MD5, 1000, 192, 44100, 60, "bob", LOCALHOST, 7)


def listed(path: bytes = PATH, nick: str = "bob") -> BrowseFile:
    return BrowseFile(nick, path, MD5, 1000, 192, 44100, 60)


# Searching.


def test_notes_come_with_the_hits(online: Scene) -> None:
    """What the index says about a search is a part of its answer; unknown extensions are not."""
    search = started(online.link.search(SearchQuery(contains=(b"one",))))
    note = SearchNote(Reason.REGISTERING, "wait " * 600)
    online.index.say(hit(), note)
    online.index.say_raw(20040, b"x" * 9000)
    online.index.say(SearchEnd())
    assert result(search) == SearchAnswer([hit()], ["wait " * 600])


def test_a_note_without_a_search(online: Scene) -> None:
    """A note that nobody has asked for, or that cannot be read, is dropped."""
    online.index.say(SearchNote(Reason.REGISTERING, "wait"))
    online.index.say_raw(20015, b"garbage")
    search = started(online.link.search(SearchQuery(contains=(b"one",))))
    online.index.say(SearchEnd())
    assert result(search).hits == []


def test_a_search_collects_its_hits(online: Scene) -> None:
    """All 201 up to 202, in order."""
    query = SearchQuery(contains=(b"song",))
    search = started(online.link.search(query))
    assert online.index.heard() == [Search(query)]
    online.index.say(hit(b"a"), hit(b"b"), SearchEnd())
    assert result(search).hits == [hit(b"a"), hit(b"b")]


def test_what_an_old_index_does_not_filter_is_asked_without(online: Scene) -> None:
    """One that refuses SIZE is asked again; any other complaint is an error."""
    query = SearchQuery(contains=(b"x",), size=Range(5))
    search = started(online.link.search(query))
    online.index.say(Notice(b"invalid search request"), SearchEnd())
    assert online.index.heard() == [Search(query), Search(query.for_old_server())]
    online.index.say(hit(), SearchEnd())
    assert result(search).hits == [hit()]
    search = started(online.link.search(query))
    online.index.say(Notice(b"you search too much"), SearchEnd())
    assert "too much" in str(error(search))


def test_a_full_list_is_said_to_be_cut(online: Scene) -> None:
    """A search that reached the limit says that there may be more."""
    search = started(online.link.search(SearchQuery(contains=(b"x",), max_results=2)))
    online.index.say(hit(b"a"), hit(b"b"), SearchEnd())
    assert result(search).notes == ["the index stopped at 2 files: add words to see others"]


def test_notes_are_made_harmless(online: Scene) -> None:
    """What the index says reaches a terminal, and may name other words."""
    search = started(online.link.search(SearchQuery(contains=(b"x",))))
    online.index.say(SearchNote(Reason.UNKNOWN_WORD, "no x\x1b[2J", "y"), SearchEnd())
    assert result(search).notes == [r"no x\x1b[2J; try: y"]


def test_searches_are_asked_one_after_the_other(online: Scene) -> None:
    """Hits name no search: the second is asked when the first has ended."""
    first = started(online.link.search(SearchQuery(contains=(b"one",))))
    second = started(online.link.search(SearchQuery(contains=(b"two",))))
    assert len(online.index.heard()) == 1
    online.index.say(hit(b"one"), SearchEnd())
    assert result(first).hits == [hit(b"one")]
    assert online.index.heard() == [Search(SearchQuery(contains=(b"two",)))]
    online.index.say(SearchEnd())
    assert result(second).hits == []


def test_a_complaint_instead_of_hits_is_an_error(online: Scene) -> None:
    """An invalid search must not look like one that found nothing."""
    search = started(online.link.search(SearchQuery(contains=(b"x",))))
    online.index.say(Notice(b"invalid search request"))
    online.index.say(SearchEnd())
    assert str(error(search)) == "the index says: invalid search request"


def test_a_complaint_among_hits_does_not_lose_them(online: Scene) -> None:
    """A notice may have nothing to do with the search."""
    search = started(online.link.search(SearchQuery(contains=(b"x",))))
    online.index.say(hit(), Notice(b"the index goes down in an hour"), SearchEnd())
    assert result(search).hits == [hit()]


def test_a_notice_about_another_user_is_not_taken_for_the_searchs(online: Scene) -> None:
    """What is known to concern a user cannot make an empty search an error."""
    search = started(online.link.search(SearchQuery(contains=(b"x",))))
    online.index.say(Notice(b"ping failed, bob is not online"), SearchEnd())
    assert result(search).hits == []


def test_late_hits_do_not_answer_the_next_search(online: Scene) -> None:
    """After a search without an end, the next waits until the index has caught up."""
    first = started(online.link.search(SearchQuery(contains=(b"one",))))
    second = started(online.link.search(SearchQuery(contains=(b"two",))))
    online.index.heard()
    online.clock.advance(60)
    assert isinstance(error(first), NoAnswerError)
    assert Ping("alice", b"1") in online.index.heard()
    online.index.say(hit(b"late"), SearchEnd(), Pong("alice", b"1"))
    assert online.index.heard() == [Search(SearchQuery(contains=(b"two",)))]
    online.index.say(hit(b"two"), SearchEnd())
    assert result(second).hits == [hit(b"two")]


def test_the_next_search_does_not_wait_for_ever(online: Scene) -> None:
    """An index that answers no ping either still gets the next search."""
    first = started(online.link.search(SearchQuery(contains=(b"one",))))
    second = started(online.link.search(SearchQuery(contains=(b"two",))))
    online.index.heard()
    for _ in range(16):
        online.index.say(Stats(1, 2, 3))
        online.clock.advance(5)
    error(first)
    assert Search(SearchQuery(contains=(b"two",))) in online.index.heard()
    online.index.say(SearchEnd())
    result(second)


def test_a_trickle_of_hits_has_an_end(online: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hits that never end neither fill the memory nor hold the search for ever."""
    monkeypatch.setattr("napster.peer.index_link.replies.MOST_ITEMS", 10)
    search = started(online.link.search(SearchQuery(contains=(b"x",))))
    for _ in range(25):
        online.index.say(hit())
        online.clock.advance(5)
    assert isinstance(error(search), NoAnswerError)


def test_a_search_that_cannot_be_sent_is_an_error(online: Scene) -> None:
    """What an old index would close the connection for is not sent."""
    search = started(online.link.search(SearchQuery(contains=(b"x" * 3000,))))
    assert isinstance(error(search), ArrangeError)
    assert online.index.heard() == []


# Browsing and sources.


def test_a_browse_collects_the_users_files(online: Scene) -> None:
    """212 of that user up to 213, which some servers end with an address."""
    browse = started(online.link.browse("Bob"))
    assert online.index.heard() == [Browse("Bob")]
    online.index.say(listed(b"a"), listed(b"x", nick="eve"), listed(b"b"))
    online.index.say_raw(213, b"bob 127.0.0.1")
    assert result(browse) == [listed(b"a"), listed(b"b")]


def test_browsing_somebody_who_is_offline(online: Scene) -> None:
    """210 says so; the 213 behind it must not end the next browse."""
    first = started(online.link.browse("bob"))
    second = started(online.link.browse("bob"))
    online.index.say(SignedOff("bob"), BrowseEnd("bob"))
    assert isinstance(error(first), OfflineError)
    online.index.say(listed(), BrowseEnd("bob"))
    assert result(second) == [listed()]


def test_sources_by_hash(online: Scene) -> None:
    """216 up to 217."""
    source = Source("bob", LOCALHOST, 6699, PATH, MD5, 1000, 7)
    sources = started(online.link.sources(MD5, 1000))
    assert online.index.heard() == [SourcesRequest(MD5, 1000)]
    online.index.say(source, SourcesEnd())
    assert result(sources) == [source]


# Asking for files.


def test_a_download_is_arranged(online: Scene) -> None:
    """204 tells where to connect; nick and path are compared without case."""
    arranged = started(online.link.arrange_download("Bob", PATH))
    assert online.index.heard() == [DownloadRequest("Bob", PATH)]
    online.index.say(DownloadReady("bob", 0x04030201, 6699, PATH.upper(), MD5, 8))
    found = result(arranged)
    assert (found.address, found.port, found.speed) == ("1.2.3.4", 6699, 8)


REFUSALS = [
    (DownloadError("bob", PATH), NotSharedError),
    (UploadRefused("bob", PATH), RefusedError),
    (Queued("bob", PATH, 1000, 3), QueuedError),
    (DownloadReady("bob", LOCALHOST, 0, PATH, b"firewallerror", 7), FirewalledError),
    (Notice(b"bob is ignoring you"), RefusedError),
    (Notice(b"User bob is not currently online."), OfflineError),
]


@pytest.mark.parametrize(("answer", "expected"), REFUSALS)
def test_a_download_that_cannot_be(
    online: Scene, answer: Message, expected: type[ArrangeError]
) -> None:
    """Each way to say no has its own error, and ends the waiting at once."""
    arranged = started(online.link.arrange_download("bob", PATH))
    online.index.say(answer)
    found = error(arranged)
    assert type(found) is expected
    if isinstance(found, QueuedError):
        assert found.place == 3


@pytest.mark.parametrize(("answer", "expected"), REFUSALS)
def test_a_push_that_cannot_be(
    online: Scene, answer: Message, expected: type[ArrangeError]
) -> None:
    """The same for 500."""
    pushed = started(online.link.arrange_push("bob", PATH))
    assert online.index.heard() == [PushRequest("bob", PATH)]
    online.index.say(answer)
    assert type(error(pushed)) is expected


def test_a_push_counts_as_agreed_when_nobody_objects(online: Scene) -> None:
    """Nothing confirms a push: the connection itself does."""
    pushed = started(online.link.arrange_push("bob", PATH))
    online.clock.advance(10)
    assert result(pushed) is None


def test_a_push_of_somebody_who_can_be_connected_to(online: Scene) -> None:
    """The index says so in a 404."""
    pushed = started(online.link.arrange_push("bob", PATH))
    online.index.say(Notice(b"bob is not firewalled"))
    assert "need not push" in str(error(pushed))


def test_answers_about_other_files_and_users_change_nothing(online: Scene) -> None:
    """Only nick and path together name a request."""
    arranged = started(online.link.arrange_download("bob", PATH))
    online.index.say(
        DownloadError("bob", b"other"),
        DownloadError("eve", PATH),
        Notice(b"User eve is not currently online."),
    )
    online.clock.advance(30)
    assert isinstance(error(arranged), NoAnswerError)


def test_two_requests_for_one_file_share_the_answer(online: Scene) -> None:
    """The index cannot tell them apart either."""
    both = [started(online.link.arrange_download("bob", PATH)) for _ in range(2)]
    online.index.say(DownloadReady("bob", LOCALHOST, 6699, PATH, MD5, 8))
    assert result(both[0]) == result(both[1])


def test_paths_that_differ_in_case_are_two_files(online: Scene) -> None:
    """The answer about one is not taken for the answer about the other."""
    lower, upper = (
        started(online.link.arrange_download("bob", path)) for path in (PATH, PATH.upper())
    )
    online.index.say(UploadRefused("bob", PATH.upper()))
    online.index.say(DownloadReady("bob", LOCALHOST, 6699, PATH, MD5, 8))
    assert result(lower).path == PATH
    assert isinstance(error(upper), RefusedError)


# Pings, and the rest.


@pytest.mark.parametrize("text", [b"1", b""])
def test_a_ping_measures_the_way(online: Scene, text: bytes) -> None:
    """Programs that leave the text out are understood as well."""
    ping = started(online.link.ping("bob"))
    assert online.index.heard() == [Ping("bob", b"1")]
    online.clock.advance(0.25)
    online.index.say(Pong("Bob", text))
    assert result(ping) == pytest.approx(0.25)


def test_a_pong_to_an_earlier_ping_is_no_answer(online: Scene) -> None:
    """A pong that came too late would make the next ping look fast."""
    error(_timed_out_ping(online))
    ping = started(online.link.ping("bob"))
    online.index.say(Pong("bob", b"1"))
    online.clock.advance(1)
    online.index.say(Pong("bob", b"2"))
    assert result(ping) == pytest.approx(1)


def _timed_out_ping(online: Scene) -> Deferred[float]:
    ping = started(online.link.ping("bob"))
    online.clock.advance(15)
    return ping


def test_pinging_somebody_who_is_offline(online: Scene) -> None:
    """The index says so in a 404."""
    ping = started(online.link.ping("bob"))
    online.index.say(Notice(b"ping failed, bob is not online"))
    assert isinstance(error(ping), OfflineError)


def test_an_unreachable_data_port_is_reported(online: Scene) -> None:
    """626 tells the other side that something is wrong with its port."""
    online.link.data_port_failed("bob")
    assert online.index.heard() == [DataPortError("bob")]


def test_everything_fails_when_the_link_is_lost(online: Scene) -> None:
    """No question outlives its session, also not one that waits for its turn."""
    link = online.link
    waiting = [
        started(link.search(SearchQuery(contains=(b"one",)))),
        started(link.search(SearchQuery(contains=(b"two",)))),
        started(link.browse("bob")),
        started(link.sources(MD5, 1)),
        started(link.arrange_download("bob", PATH)),
        started(link.arrange_push("bob", PATH)),
        started(link.ping("bob")),
    ]
    online.index.hang_up()
    assert [type(error(each)) for each in waiting] == [IndexAwayError] * len(waiting)


def test_nothing_can_be_asked_while_the_index_is_away(scene: Scene) -> None:
    """The error says why there is no link."""
    found = error(started(scene.link.search(SearchQuery(contains=(b"x",)))))
    assert isinstance(found, IndexAwayError)
    scene.link.data_port_failed("bob")
