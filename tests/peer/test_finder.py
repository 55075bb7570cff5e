"""Searches and browses become pages, and every way they can fail one sentence."""

from collections.abc import Sequence
from typing import Any

import attrs
import pytest
import pytest_twisted
from twisted.internet.task import Clock

from napster.peer.api import ApiError, BadRequestError, NotFoundError, UnreachableError
from napster.peer.arrange import IndexAwayError, NoAnswerError, OfflineError, SearchAnswer
from napster.peer.finder import Finder
from napster.wire.extension import Found
from napster.wire.messages.searching import BrowseFile, SearchHit
from napster.wire.messages.searching import Source as WireSource
from napster.wire.search import SearchQuery

MD5 = b"0123456789abcdef0123456789abcdef"
ID = bytes(range(32))


class FakeIndex:
    """Answers as told; remembers what it was asked."""

    nick = "me"
    online = True
    firewalled = False

    def __init__(self, hits: Sequence[SearchHit | Found] = (), **answers: Any) -> None:
        self.hits = hits
        self.answers = answers

    async def search(self, _query: SearchQuery) -> SearchAnswer:
        return SearchAnswer(self.hits, self.answers.get("notes", ()))

    async def browse(self, nick: str) -> Sequence[BrowseFile]:
        if isinstance(self.answers["browse"], Exception):
            raise self.answers["browse"]
        return self.answers["browse"]

    async def sources(self, md5: bytes, size: int) -> Sequence[WireSource]:
        if "sources" not in self.answers:
            raise NoAnswerError("the index did not answer")
        if isinstance(self.answers["sources"], AssertionError):
            raise self.answers["sources"]
        return self.answers["sources"]

    async def ping(self, nick: str) -> float:
        if nick == "bob":
            raise OfflineError("bob is not online")
        return 0.025


def hit(nick: str, path: bytes, size: int = 1000, md5: bytes = MD5) -> SearchHit:
    return SearchHit(path, md5, size, 192, 44100, 60, nick, 0x0100007F, 7)


def found(size: int) -> Found:
    return Found(1, hit("bob", b"m\\%d.mp3" % size, 7), size, 5, 2, 1, ID, 1_700_000_000)


def finder(index: FakeIndex) -> Finder:
    return Finder(Clock(), index)  # type: ignore[arg-type]


@pytest_twisted.ensureDeferred
async def test_a_page_has_addresses_and_ports() -> None:
    """The address comes from the result, the data port from the question for sources."""
    source = WireSource("Alice", 0x0100007F, 6699, b"m\\song.mp3", MD5, 1000, 7)
    index = FakeIndex([hit("alice", b"m\\song.mp3")], sources=[source])
    shown = await finder(index).search("song", ping=False)
    found = shown.rows[0].sources[0]
    assert (found.address, found.port, found.folder) == ("127.0.0.1", 6699, "m")


@pytest_twisted.ensureDeferred
async def test_ports_may_stay_unknown() -> None:
    """An index that cannot name sources does not spoil the page."""
    shown = await finder(FakeIndex([hit("alice", b"song.mp3")])).search("song", ping=False)
    assert shown.rows[0].sources[0].port is None


@pytest_twisted.ensureDeferred
async def test_what_the_index_does_not_filter_is_filtered_here() -> None:
    """Only right sizes are shown, whatever the index found."""
    index = FakeIndex([hit("a", b"x.mp3", 10), hit("a", b"y.mp3", 99), found(60), found(40)])
    shown = await finder(index).search("x size>50", ping=False)
    assert sorted(row.size for row in shown.rows) == [60, 99]


@pytest_twisted.ensureDeferred
async def test_notes_of_the_index_are_shown() -> None:
    """What the index says about a search is on the page, and not without end."""
    shown = await finder(FakeIndex(notes=["wait"] * 9)).search("metalica", ping=False)
    assert (shown.rows, shown.notes) == ([], ["wait"] * 5)


@pytest_twisted.ensureDeferred
async def test_a_content_is_a_row_with_its_figures() -> None:
    """Sizes beyond 32 bits, how many have it and since when; its port need not be asked for."""
    index = FakeIndex([found(2**33)], sources=AssertionError("nobody asks"))
    (row,) = (await finder(index).search("x", ping=False)).rows
    assert (row.content, row.size, row.shared_by, row.free) == (ID.hex(), 2**33, 5, 1)
    assert (row.reachable, row.since) == (5, 1_700_000_000)
    (source,) = row.sources
    assert (source.nick, source.port, source.reachable) == ("bob", None, True)


@pytest_twisted.ensureDeferred
async def test_slots_that_nobody_has_told_of() -> None:
    """Old programs tell no content id and nothing of their slots: that is no 0."""
    index = FakeIndex([attrs.evolve(found(5), content_id=None, free=0)])
    (row,) = (await finder(index).search("x", ping=False)).rows
    assert row.free is None


@pytest.mark.parametrize(("reachable", "row"), [(2, (5, False, None)), (0, (5, True, 0))])
@pytest_twisted.ensureDeferred
async def test_what_a_firewalled_peer_can_reach(
    reachable: int, row: tuple[int, bool, int | None]
) -> None:
    """An index leaves out whom nothing leads to: if nobody can be connected to, a relay does."""
    index = FakeIndex([attrs.evolve(found(5), reachable=reachable)])
    index.firewalled = True
    (shown,) = (await finder(index).search("x", ping=False)).rows
    (source,) = shown.sources
    assert source.reachable
    assert (shown.reachable, source.relayed, source.port) == row


@pytest_twisted.ensureDeferred
async def test_pings_of_those_who_answer() -> None:
    """A latency is shown for who answers, and none for who does not."""
    index = FakeIndex([hit("alice", b"a.mp3"), hit("bob", b"b.mp3")])
    shown = await finder(index).search("mp3", ping=True)
    assert [row.sources[0].ping_ms for row in shown.rows] == [25.0, None]


@pytest_twisted.ensureDeferred
async def test_a_browse_is_a_page() -> None:
    """All files of a user become rows."""
    files = [BrowseFile("alice", b"m\\a.mp3", MD5, 5, 0, 0, 0)]
    shown = await finder(FakeIndex(browse=files)).browse("alice")
    assert [row.name for row in shown.rows] == ["a.mp3"]


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (OfflineError("bob is not online"), NotFoundError),
        (IndexAwayError("not logged in"), UnreachableError),
        (NoAnswerError("no answer"), ApiError),
    ],
)
@pytest_twisted.ensureDeferred
async def test_failures_are_api_errors(error: Exception, kind: type[Exception]) -> None:
    """Each failure keeps its sentence and gets the kind the command line goes by."""
    with pytest.raises(kind, match=str(error)):
        await finder(FakeIndex(browse=error)).browse("bob")


@pytest_twisted.ensureDeferred
async def test_a_wrong_word_is_named() -> None:
    """A filter that makes no sense is a bad request that names it."""
    with pytest.raises(BadRequestError, match="bitrate>=loud"):
        await finder(FakeIndex()).search("x bitrate>=loud", ping=False)
