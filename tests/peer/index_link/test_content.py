"""With an index that knows content ids: what is agreed on, offered, asked, and answered."""

from collections.abc import Callable

import pytest

from napster.peer.arrange import ArrangeError, Holder, IndexAwayError, NoAnswerError, SearchAnswer
from napster.peer.index_link.busyness import INTERVAL
from napster.peer.index_link.refusals import MOST_KEPT
from napster.wire.extension import (
    ContentFile,
    ContentShared,
    ContentSource,
    CopiesCounted,
    CountCopies,
    Family,
    Feature,
    Find,
    FindEnd,
    FindRare,
    FindSources,
    Found,
    Greeting,
    Hello,
    RareTold,
    Reason,
    RefusedFile,
    SearchNote,
    ShareContent,
    UploadState,
)
from napster.wire.messages import Message
from napster.wire.messages.login import LoginAccepted, Notice, Stats
from napster.wire.messages.searching import Search, SearchEnd
from napster.wire.messages.sharing import ShareDirectory, Unshare
from napster.wire.search import SearchQuery, query_body
from tests.peer.index_link.fakes import HELLO, MD5, FakeLibrary, Scene, shared_file
from tests.peer.index_link.test_questions import error, hit, result, started

ID = bytes(range(32))
FILES = [shared_file(b"Music\\%05d.mp3" % number, 2**33) for number in range(1000)]
QUERY = SearchQuery(contains=(b"song",))


def offers(messages: list[Message]) -> list[ShareContent]:
    return [each for each in messages if isinstance(each, ShareContent)]


def found(req: int, path: bytes = b"x") -> Found:
    return Found(req, hit(path), 2**33, 3, 2, 1, ID, 1_700_000_000)


# Agreeing.


def test_what_both_can_do_is_used(scene: Scene) -> None:
    """A greeting answers the hello during the login; features not known here are left out."""
    scene.index.accept()
    scene.index.heard()
    features = Feature(Feature.CONTENT | 1 << 20)
    scene.index.say(LoginAccepted("a@b"), Hello(1, features, 16_384, "192.0.2.1"))
    assert scene.index.heard() == [Greeting(1, Feature.CONTENT, families=Family.IPV4)]
    assert not scene.link.online
    scene.index.say(Stats(1, 1, 1))
    assert scene.link.online


def test_an_index_without_features_is_an_old_one(build: Callable[..., Scene]) -> None:
    """It may have a hello and nothing else."""
    scene = build(library=FakeLibrary(FILES[:1]))
    scene.index.let_in(Hello(1, Feature(0), 16_384, "192.0.2.1"))
    scene.pump()
    (heard,) = scene.index.heard()
    assert isinstance(heard, ShareDirectory)
    started(scene.link.search(QUERY)).addErrback(lambda _: None)
    assert scene.index.heard() == [Search(QUERY)]


@pytest.mark.parametrize("again", [HELLO, Hello(1, Feature(0), 0, "")])
def test_features_are_fixed_once(modern: Scene, again: Hello) -> None:
    """A second hello makes no sense."""
    modern.index.say(again)
    assert "out of turn" in modern.link.status.reason


def test_a_hello_without_totals_is_a_login_as_well(scene: Scene) -> None:
    """An index that never sends 214 has accepted the login nevertheless."""
    scene.index.accept()
    scene.index.say(LoginAccepted("a@b"), HELLO)
    scene.clock.advance(60)
    assert scene.link.online


# Sharing.


def test_files_are_offered_with_their_content(build: Callable[..., Scene]) -> None:
    """All in order, in bodies as long as the index takes them."""
    scene = build(library=FakeLibrary(FILES))
    scene.index.let_in(HELLO)
    scene.pump()
    told = offers(scene.index.heard())
    assert [file.name for each in told for file in each.files] == [
        file.path.partition(b"\\")[2] for file in FILES
    ]
    md5 = bytes.fromhex(MD5.decode())
    assert told[0].files[0] == ContentFile(b"00000.mp3", 2**33, bytes(32), md5, 192, 44100, 60)
    assert 16_384 - 100 < len(told[0].body()) <= 16_384
    assert len({each.batch for each in told}) == len(told)


def test_no_body_is_longer_than_the_index_takes(build: Callable[..., Scene]) -> None:
    """Whatever it says, and never longer than this program takes itself."""
    for longest in (200, 3000, 2**32 - 1):
        scene = build(library=FakeLibrary(FILES))
        scene.index.let_in(Hello(1, Feature.CONTENT, longest, ""))
        scene.pump()
        told = offers(scene.index.heard())
        assert sum(len(each.files) for each in told) == len(FILES)
        assert max(len(each.body()) for each in told) <= min(longest, 16_384)


def test_the_index_says_what_it_takes(build: Callable[..., Scene]) -> None:
    """Files it refuses do not count as registered; each has a reason, made harmless."""
    scene = build(library=FakeLibrary(FILES[:3]))
    scene.index.let_in(HELLO)
    scene.pump()
    (told,) = offers(scene.index.heard())
    assert scene.link.registered == 0
    answer = ContentShared(told.batch, 2, (RefusedFile(1, "no\x1b[2J"), RefusedFile(77, "what?")))
    scene.index.say(answer, answer)
    assert scene.link.registered == 2
    assert list(scene.link.refused) == [(FILES[1].path, r"no\x1b[2J")]
    assert scene.link.refused.count == 1


def test_withdrawing_what_was_refused_changes_no_count(build: Callable[..., Scene]) -> None:
    """The index never had it."""
    scene = build(library=FakeLibrary(FILES[:2]))
    scene.index.let_in(HELLO)
    scene.pump()
    (told,) = offers(scene.index.heard())
    scene.index.say(ContentShared(told.batch, 1, (RefusedFile(0, "no"),)))
    scene.link.files_removed(FILES[:2])
    scene.pump()
    assert scene.index.heard() == [Unshare(file.path) for file in FILES[:2]]
    assert (scene.link.registered, scene.link.refused.count) == (0, 0)


def test_a_million_refusals_do_not_fill_the_memory(build: Callable[..., Scene]) -> None:
    """They are counted; the reasons of the first are kept."""
    many = [shared_file(b"M\\%d" % number) for number in range(MOST_KEPT + 500)]
    scene = build(library=FakeLibrary(many))
    scene.index.let_in(HELLO)
    scene.pump()
    for told in offers(scene.index.heard()):
        refused = tuple(RefusedFile(place, "full") for place in range(len(told.files)))
        scene.index.say(ContentShared(told.batch, 0, refused))
    assert scene.link.refused.count == len(many)
    assert len(list(scene.link.refused)) == MOST_KEPT


# Telling how busy uploads are.


def test_busyness_is_told_when_it_changes(scene: Scene) -> None:
    """At login, and then at most every five seconds."""
    assert UploadState(4, 0) in scene.index.let_in(HELLO)
    scene.pump(20)
    assert scene.index.heard() == []
    scene.uploads.state = UploadState(0, 3)
    scene.pump(INTERVAL, step=0.5)
    assert scene.index.heard() == [UploadState(0, 3)]
    scene.index.hang_up()
    scene.clock.advance(1)
    assert UploadState(0, 3) in scene.index.let_in(HELLO)


def test_an_old_index_is_not_told(online: Scene) -> None:
    """It would not know what to do with it."""
    online.uploads.state = UploadState(1, 1)
    online.pump(20)
    assert online.index.heard() == []


# Searching.


def test_a_search_by_content(modern: Scene) -> None:
    """20010 with the body of a 200; hits and notes up to 20012."""
    search = started(modern.link.search(QUERY))
    assert modern.index.heard() == [Find(1, query_body(QUERY))]
    modern.index.say(found(1, b"a"), found(1, b"b"), SearchNote(Reason.HIDDEN, "some"), FindEnd(1))
    assert result(search) == SearchAnswer([found(1, b"a"), found(1, b"b")], ["some"])


def test_searches_need_not_wait_for_each_other(modern: Scene) -> None:
    """Answers are numbered; a note belongs to the one that is being answered."""
    first, second = (started(modern.link.search(QUERY)) for _ in range(2))
    assert [each.req for each in modern.index.heard() if isinstance(each, Find)] == [1, 2]
    modern.index.say(SearchNote(Reason.HIDDEN, "one"), FindEnd(1))
    modern.index.say(found(2), SearchNote(Reason.HIDDEN, "two"), FindEnd(2))
    assert result(first) == SearchAnswer([], ["one"])
    assert result(second) == SearchAnswer([found(2)], ["two"])


def test_late_answers_answer_nothing_else(modern: Scene) -> None:
    """After a search without an end, its number means nothing any more."""
    search = started(modern.link.search(QUERY))
    modern.clock.advance(60)
    assert isinstance(error(search), NoAnswerError)
    search = started(modern.link.search(QUERY))
    modern.index.say(found(1), FindEnd(1), found(2), FindEnd(2), FindEnd(2), found(3), SearchEnd())
    assert result(search).hits == [found(2)]


def test_a_complaint_instead_of_an_answer_is_an_error(modern: Scene) -> None:
    """Each for the search it was about."""
    first, second = (started(modern.link.search(QUERY)) for _ in range(2))
    modern.index.say(Notice(b"you search too much"), FindEnd(1), FindEnd(2))
    assert isinstance(error(first), ArrangeError)
    assert result(second).hits == []


def test_who_has_a_content(modern: Scene) -> None:
    """20013 asks; 20014 name users, their paths and how busy they are."""
    asking = started(modern.link.sources_of(ID))
    assert modern.index.heard() == [FindSources(1, ID)]
    modern.index.say(
        ContentSource(1, b"b\xf6b", b"a\\x", 1, 6699, 7, 2, 0),
        ContentSource(1, b"eve", b"y", 0, 0, 0),
    )
    modern.index.say(FindEnd(1))
    assert result(asking) == [Holder("b\xf6b", b"a\\x", 7, 2), Holder("eve", b"y")]


def test_how_many_share_contents(modern: Scene) -> None:
    """20024 asks about many at once, 20025 answers for each."""
    asking = started(modern.link.copies([ID, ID[::-1]]))
    assert modern.index.heard() == [CountCopies(1, ID + ID[::-1])]
    modern.index.say(CopiesCounted(1, bytes.fromhex("02000000 00000000")))
    assert result(asking) == [2, 0]


@pytest.mark.parametrize("counts", [b"", bytes(4), bytes(12)])
def test_too_few_counts_are_no_answer(modern: Scene, counts: bytes) -> None:
    """Nothing is made of an answer that does not fit the question."""
    asking = started(modern.link.copies([ID, ID[::-1]]))
    modern.index.say(CopiesCounted(1, counts))
    assert "did not say of every content" in str(error(asking))


def test_which_contents_are_rare(modern: Scene) -> None:
    """20026 asks, from a place on; 20011 name them and a 20027 ends it."""
    asking = started(modern.link.rare(5))
    assert modern.index.heard() == [FindRare(1, 5)]
    told = RareTold(1, 3, 2, 1000, 7)
    modern.index.say(found(1, b"a"), told)
    assert result(asking) == ([found(1, b"a")], told)


def test_an_old_index_cannot_count(online: Scene) -> None:
    """That is said, and nothing is asked."""
    for asking in (online.link.copies([ID]), online.link.rare(None)):
        assert "knows no content ids" in str(error(started(asking)))
    assert online.index.heard() == []


def test_an_old_index_knows_no_contents(online: Scene) -> None:
    """Nobody is known to have it, and nothing is asked."""
    assert result(started(online.link.sources_of(ID))) == []
    assert online.index.heard() == []


def test_a_lost_link_ends_all_waiting(modern: Scene) -> None:
    """Each question fails with the reason."""
    waiting = started(modern.link.search(QUERY)), started(modern.link.sources_of(ID))
    modern.index.hang_up()
    assert all(isinstance(error(each), IndexAwayError) for each in waiting)
