"""Searching, browsing, and finding further sources."""

import pytest

from napster.wire.framing import encode
from napster.wire.messages.login import Notice
from napster.wire.messages.people import SignedOff
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
from napster.wire.search import SearchQuery
from tests.index.harness import MD5, Conn, World, file


def found(conn: Conn, *words: bytes, most: int = 100) -> list[bytes]:
    """Search, check that the search ends, and return the paths found."""
    *hits, end = conn.ask(Search(SearchQuery(contains=words, max_results=most)))
    assert end == SearchEnd()
    assert all(isinstance(each, SearchHit) for each in hits)
    return sorted(each.path for each in hits if isinstance(each, SearchHit))


def test_hit(world: World) -> None:
    """A hit tells everything about the file and who has it, at the observed address."""
    world.login("anna", "127.0.0.1").send(file())
    berta = world.login("berta")
    hit = SearchHit(rb"music\band - song.mp3", MD5, 1000, 128, 44100, 60, "anna", 16777343, 8)
    assert berta.ask(Search(SearchQuery(contains=(b"song", b"BAND")))) == [hit, SearchEnd()]


def test_own_files(world: World) -> None:
    """Nobody finds their own files."""
    anna = world.login("anna")
    anna.send(file())
    assert found(anna, b"song") == []


def test_firewalled(world: World) -> None:
    """Somebody firewalled finds only files of those who are not."""
    world.login("anna", port=0).send(file(b"a song.mp3"))
    world.login("berta").send(file(b"b song.mp3"))
    assert found(world.login("carl", port=0), b"song") == [b"b song.mp3"]
    assert found(world.login("dora"), b"song") == [b"a song.mp3", b"b song.mp3"]


def test_maximum() -> None:
    """A search gets as many results as it asks for, but no more than the server gives."""
    world = World(max_results=5)
    world.login("anna").send(*(file(b"song %d.mp3" % n) for n in range(20)))
    berta = world.login("berta")
    assert len(found(berta, b"song", most=3)) == 3
    assert len(found(berta, b"song", most=1000)) == 5
    *hits, _ = berta.tell(200, b'FILENAME CONTAINS "song" MAX_RESULTS 0')
    assert len(hits) == 5
    world.end()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"garbage",
        b'FILENAME CONTAINS "x" SIZE "AT LEAST"',
        b"\0\0\0",
        b"\xff" * 2048,
        b'"' * 99,
    ],
)
def test_search_always_ends(world: World, body: bytes) -> None:
    """Whatever the request, 202 ends the search, after a sentence at most."""
    conn = world.login("anna")
    answers = conn.tell(200, body)
    assert answers[-1] == SearchEnd()
    assert all(isinstance(each, Notice) for each in answers[:-1])
    assert not conn.closed


def test_answers_keep_their_order(world: World) -> None:
    """Requests sent in one piece are answered one after the other, in one piece."""
    world.login("anna").send(file(b"one.mp3"), file(b"two.mp3"))
    berta = world.login("berta")
    queries = [SearchQuery(contains=(word,)) for word in (b"two", b"none", b"one")]
    written: list[bytes] = []
    write = berta.transport.write
    berta.transport.write = lambda data: (written.append(data), write(data))[1]
    answers = berta.ask(*map(Search, queries))
    kinds = [SearchHit, SearchEnd, SearchEnd, SearchHit, SearchEnd]
    assert [type(each) for each in answers] == kinds
    assert len(written) == 1


def test_browse(world: World) -> None:
    """Browsing lists all files, then ends with the nick."""
    world.login("Anna").send(file(b"one.mp3"), file(b"two.mp3"))
    one, two, end = world.login("berta").ask(Browse("anna"))
    assert one == BrowseFile("Anna", b"one.mp3", MD5, 1000, 128, 44100, 60)
    assert isinstance(two, BrowseFile)
    assert end == BrowseEnd("anna")


def test_browse_limit(world: World) -> None:
    """A browse can say how many files it wants; 0 means all."""
    world.login("anna").send(*(file(b"%d.mp3" % n) for n in range(5)))
    berta = world.login("berta")
    assert len(berta.ask(Browse("anna", 2))) == 3
    assert len(berta.ask(Browse("anna", 0))) == 6


def test_browse_offline(world: World) -> None:
    """Somebody who is not online is told by 210, and the browse ends all the same."""
    conn = world.login("berta")
    assert conn.ask(Browse("nobody")) == [SignedOff("nobody"), BrowseEnd("nobody")]


@pytest.mark.parametrize("body", [b"", b" ", b'"', b"\0", b'"open'])
def test_browse_always_ends(world: World, body: bytes) -> None:
    """An unreadable browse ends as well."""
    conn = world.login("anna")
    *_, end = conn.tell(211, body)
    assert isinstance(end, BrowseEnd)


def test_browse_in_pieces(world: World) -> None:
    """A long list waits while the client does not read, and goes on when it does."""
    world.login("anna").send(*(file(b"%04d.mp3" % n) for n in range(2000)))
    berta = world.login("berta")
    berta.protocol._session.outbox.pauseProducing()
    assert berta.ask(Browse("anna")) == []
    assert berta.transport.producerState == "paused"
    berta.protocol._session.outbox.resumeProducing()
    assert len(berta.messages()) == 2001
    assert berta.transport.producerState == "producing"


def test_long_lists_count_as_many_searches() -> None:
    """Whoever asks for long lists again and again gets them more slowly, and all of each."""
    world = World(search_rate=1, burst_seconds=3)
    world.login("anna").send(*(file(b"%04d.mp3" % n) for n in range(250)))
    berta = world.login("berta")
    assert len(berta.ask(Browse("anna", 50))) == 51
    assert berta.ask(Browse("anna")) == []
    world.clock.advance(1.9)
    assert berta.messages() == []
    world.clock.advance(0.2)
    assert len(berta.messages()) == 251


def test_longest_list_counts_as_one() -> None:
    """However many files there are, the first list is there at once."""
    world = World(max_shared=10_000)
    world.login("anna").send(*(file(b"%04d.mp3" % n) for n in range(6000)))
    assert len(world.login("berta").ask(Browse("anna"))) == 6001


def test_sources(world: World) -> None:
    """All who share a file of that hash and size are listed, with their ports."""
    world.login("anna").send(file(b"a\\x.mp3"), file(b"other.mp3", size=5))
    world.login("berta", "127.0.0.1").send(file(b"b\\y.mp3"))
    carl = world.login("carl")
    first, second, end = carl.ask(SourcesRequest(MD5, 1000))
    assert isinstance(first, Source)
    assert first.path == b"a\\x.mp3"
    assert second == Source("berta", 16777343, 6699, b"b\\y.mp3", MD5, 1000, 8)
    assert end == SourcesEnd()


@pytest.mark.parametrize("body", [b"", b"md5", b"md5 -1", b"md5 99999999999999999999999", b"\0"])
def test_sources_always_end(world: World, body: bytes) -> None:
    """An unreadable request for sources ends as well."""
    conn = world.login("anna")
    assert conn.tell(215, body)[-1] == SourcesEnd()


def test_search_flood() -> None:
    """Too many searches are refused in words, each ended, and read slowly; later ones work."""
    world = World(search_rate=2, burst_seconds=2)
    conn = world.login("anna")
    query = encode(200, b'FILENAME CONTAINS "x"')
    conn.raw(query * 10)
    assert conn.transport.producerState == "paused"
    world.clock.pump([0.05] * 6)
    assert conn.transport.producerState == "producing"
    answers = conn.messages()
    assert answers.count(SearchEnd()) == 10
    notices = {each.text for each in answers if isinstance(each, Notice)}
    assert notices == {b"Too many searches; this one was not done. Wait 1 s"}
    assert len(answers) == 16
    world.clock.advance(1)
    assert conn.tell(200, b'FILENAME CONTAINS "x"') == [SearchEnd()]
    world.end()
