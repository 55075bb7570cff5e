"""Sharing and finding files by their content."""

from pathlib import Path
from typing import Any

import pytest
import pytest_twisted

from napster.index.name_filter import NameFilter
from napster.wire.extension import (
    MAX_EXTENSION_BODY,
    VERSION,
    ContentFile,
    ContentShared,
    ContentSource,
    Feature,
    Find,
    FindEnd,
    FindSources,
    Found,
    Greeting,
    Reason,
    RefusedFile,
    SearchNote,
    ShareContent,
    UploadState,
    Watch,
    Watched,
    Watching,
)
from napster.wire.framing import encode
from napster.wire.messages import Message
from napster.wire.messages.login import Notice, Stats, StatsRequest
from napster.wire.messages.people import ChangePort
from napster.wire.messages.searching import Search, SearchEnd, SearchHit
from napster.wire.messages.sharing import Unshare
from napster.wire.search import SearchQuery, query_body
from tests.index.client import running_index
from tests.index.harness import EXTENDED, MD5, NOW, Conn, World, file

DIRECTORY = b"music\\"
ONE, TWO = b"1" * 32, b"2" * 32
LOOPBACK = 16777343
SONG = Find(7, query_body(SearchQuery(contains=(b"song",))))


def content(name: bytes = b"song.mp3", content_id: bytes = ONE, **changes: Any) -> ContentFile:
    """Make a file to share."""
    made = ContentFile(name, 1000, content_id, bytes.fromhex(MD5.decode()), 128, 44100, 60)
    return made._replace(**changes)


def login(world: World, nick: str, *files: ContentFile, port: int = 6699, **options: Any) -> Conn:
    """Log in, agree on content ids and share files."""
    conn = world.login(nick, "127.0.0.1", port=port, client=EXTENDED)
    features = options.get("features", Feature.CONTENT)
    assert conn.ask(Greeting(VERSION, features, nick[0].encode() * 32)) == []
    if files:
        shared = ContentShared(3, len(files), ())
        assert conn.ask(ShareContent(3, DIRECTORY, files)) == [shared]
    return conn


def hit(nick: str, path: bytes = b"music\\song.mp3", speed: int = 8) -> SearchHit:
    """Make what is said of an offer."""
    return SearchHit(path, MD5, 1000, 128, 44100, 60, nick, LOOPBACK, speed)


def test_share_and_find(world: World) -> None:
    """What several share is found as one, with how many do and since when."""
    login(world, "anna", content())
    world.now += 50
    login(world, "carl", content(b"the same song.mp3"), port=0)
    berta = login(world, "berta")
    found = Found(7, hit("anna"), 1000, 2, 1, 0, ONE, NOW)
    assert berta.ask(SONG) == [found, FindEnd(7)]


def test_old_programs_find_it_too(world: World) -> None:
    """Files with content ids are files like others to everybody else."""
    login(world, "anna", content())
    answers = world.login("berta").ask(Search(SearchQuery(contains=(b"song",))))
    assert answers == [hit("anna"), SearchEnd()]


def test_files_without_content_ids(world: World) -> None:
    """What old programs share is found as well, each file by itself."""
    for nick in ("anna", "carl"):
        world.login(nick, "127.0.0.1").send(file(b"music\\song.mp3"))
    *found, end = login(world, "berta").ask(SONG)
    assert end == FindEnd(7)
    assert sorted(found, key=str) == [
        Found(7, hit(nick), 1000, 1, 1, 0, None, NOW) for nick in ("anna", "carl")
    ]


def test_sources(world: World) -> None:
    """Who has a content: those who can be connected to first, with how busy they are."""
    login(world, "anna", content(), port=0).send(UploadState(0, 4))
    login(world, "carl", content(b"else.mp3"), features=Feature.CONTENT | Feature.SECURE)
    login(world, "dora", content(content_id=TWO))
    berta = login(world, "berta", content())
    assert berta.ask(FindSources(9, ONE)) == [
        ContentSource(9, b"carl", b"music\\else.mp3", LOOPBACK, 6699, 8, fingerprint=b"c" * 32),
        ContentSource(9, b"anna", b"music\\song.mp3", LOOPBACK, 0, 8, 0, 4),
        FindEnd(9),
    ]


def test_hidden_sources(world: World) -> None:
    """Own offers, and those of the firewalled for somebody who is, are neither told nor counted."""
    anna = login(world, "anna", content(), port=0)
    walled = login(world, "walled", content(), port=0)
    assert walled.ask(FindSources(1, ONE)) == [FindEnd(1)]
    walled.send(ChangePort(6699))
    (source, _) = walled.ask(FindSources(1, ONE))
    assert isinstance(source, ContentSource)
    assert source.nick == b"anna"
    found, _ = anna.ask(SONG)
    assert isinstance(found, Found)
    assert (found.hit.nick, found.sources, found.reachable) == ("walled", 1, 1)


def test_most_sources() -> None:
    """No more are told than one search finds."""
    world = World(max_results=2)
    for number in range(3):
        login(world, f"user{number}", content())
    answers = login(world, "berta").ask(FindSources(1, ONE))
    assert [type(each) for each in answers] == [ContentSource, ContentSource, FindEnd]
    world.end()


def test_free_slots(world: World) -> None:
    """Whoever tells of a free upload slot is counted, and comes first, until that changes."""
    anna, _ = login(world, "anna", content()), login(world, "carl", content())
    berta = login(world, "berta")
    for state, free in ((UploadState(2, 0), 1), (UploadState(1, 0), 1), (UploadState(0, 9), 0)):
        assert anna.ask(state) == []
        found, _ = berta.ask(SONG)
        assert isinstance(found, Found)
        assert (found.sources, found.free) == (2, free)
        assert found.hit.nick == "anna" or not free
        (source,) = [each for each in berta.ask(FindSources(1, ONE))[:-1] if each.nick == b"anna"]
        assert (source.free, source.waiting) == (state.free, state.waiting)


def test_withdrawn(world: World) -> None:
    """A file is withdrawn as ever, and its content is not found any more."""
    anna, berta = login(world, "anna", content()), login(world, "berta")
    assert anna.ask(Unshare(b"music\\song.mp3")) == []
    assert berta.ask(FindSources(1, ONE)) == [FindEnd(1)]


def test_why_nothing_was_found(world: World) -> None:
    """A search for contents is explained as any other."""
    login(world, "anna", content())
    query = query_body(SearchQuery(contains=(b"sonk",)))
    note, *_, end = login(world, "berta").ask(Find(8, query))
    assert isinstance(note, SearchNote)
    assert (note.reason, note.suggestion, end) == (Reason.UNKNOWN_WORD, "song", FindEnd(8))


def test_refused_files(world: World) -> None:
    """Each file that is not taken is told with its reason; the others are taken."""
    world.hub.name_filter = NameFilter(["*.exe"])
    anna = login(world, "anna", content(b"there.mp3"))
    names = [b"a.mp3", b"", b"b.mp3", b"there.mp3", b'"', b"a.mp3", b"x.exe", b"c.mp3", b"\0"]
    files = [content(name) for name in names]
    files[7] = content(b"c.mp3", bytes(32))
    files.append(content(b"d" * 2000))
    character = "the name holds a character that no message can carry"
    assert anna.ask(ShareContent(5, b"music\\", files[:1] + files[2:])) == [
        ContentShared(
            5,
            2,
            (
                RefusedFile(2, "duplicate file"),
                RefusedFile(3, character),
                RefusedFile(4, "duplicate file"),
                RefusedFile(5, "not taken here, as *.exe"),
                RefusedFile(6, "the content id is all zeros"),
                RefusedFile(7, character),
                RefusedFile(8, "filename too long: a search result would exceed 2048 bytes"),
            ),
        )
    ]
    nameless = RefusedFile(0, "the file has no name")
    assert anna.ask(ShareContent(6, b"", files[1:2])) == [ContentShared(6, 0, (nameless,))]


def test_quota() -> None:
    """Files beyond what one user may share are refused one by one."""
    world = World(max_shared=3)
    anna = login(world, "anna", content(b"1"), content(b"2"))
    reason = "one user may share 3 files here"
    files = [content(b"3"), content(b"4"), content(b"5")]
    assert anna.ask(ShareContent(5, b"", files)) == [
        ContentShared(5, 1, (RefusedFile(1, reason), RefusedFile(2, reason)))
    ]
    world.end()


def test_everything_refused() -> None:
    """The reasons for as many files as a message can hold fit into one as well."""
    world = World(unshareable=[f"re:{'.' * 200}|."])
    anna = login(world, "anna")
    offer = ShareContent(1, DIRECTORY, [content(b"")] * 240)
    assert MAX_EXTENSION_BODY - 68 < len(offer.body()) <= MAX_EXTENSION_BODY
    (answer,) = anna.ask(offer)
    assert isinstance(answer, ContentShared)
    reason = "not taken here, as re:" + "." * 38
    assert answer.refused == tuple(RefusedFile(place, reason) for place in range(240))
    world.end()


def test_standing_searches(world: World) -> None:
    """Those who wait for such a file are told of it."""
    berta = login(world, "berta")
    (standing,) = berta.ask(Watch(4, SONG.query))
    assert isinstance(standing, Watching)
    login(world, "anna", content(), content(b"other.mp3"))
    assert berta.messages() == [Watched(4, hit("anna"))]


@pytest.mark.parametrize(
    "message",
    [ShareContent(1, b"", ()), UploadState(1, 0), SONG, FindSources(7, ONE)],
    ids=lambda each: type(each).__name__,
)
def test_what_was_not_agreed_on(world: World, message: Message) -> None:
    """Whoever has not agreed on content ids is told so."""
    text = Notice(b"this takes the feature CONTENT, which was not agreed on (20001)")
    anna = login(world, "anna", features=Feature.SECURE)
    assert anna.ask(message)[0] == text
    assert world.login("berta", client=EXTENDED).ask(message)[0] == text
    unknown = Notice(b"Unknown command code %d" % message.type)
    assert world.login("old").ask(message) == [unknown]


@pytest.mark.parametrize("number", [ShareContent.type, UploadState.type, Find.type, 20013])
@pytest.mark.parametrize(
    "body",
    [b"", b"\1", b"\1\4\0\7\0\0\0", b"\1\4\0\7\0\0\0\2\1\0x\3\1\0x", bytes(16384), b"\xff" * 99],
)
def test_broken(world: World, number: int, body: bytes) -> None:
    """What is wrong is said, a question is ended nevertheless, and the session goes on."""
    anna = login(world, "anna", content())
    answers = anna.tell(number, body)
    assert isinstance(answers[0], Notice)
    req = 7 if body.startswith(b"\1\4\0\7") else 0
    ends = [FindEnd(req)] if number in (Find.type, FindSources.type) else []
    assert answers[1:] == ends
    assert anna.ask(ShareContent(1, b"", (content(b"new"),))) == [ContentShared(1, 1, ())]


def test_too_many_searches() -> None:
    """Searches for contents count as searches do; each is ended all the same."""
    world = World(search_rate=1, burst_seconds=1)
    berta = login(world, "berta")
    assert berta.ask(FindSources(1, ONE)) == [FindEnd(1)]
    notice, end = berta.ask(SONG)
    assert isinstance(notice, Notice)
    assert notice.text.startswith(b"Too many searches")
    assert end == FindEnd(7)
    world.end()


@pytest_twisted.ensureDeferred
async def test_through_sockets(tmp_path: Path) -> None:
    """The catalog of a real index answers the same, to clients that write in crumbs."""
    async with running_index(tmp_path) as index:
        anna, carl, berta = [
            await index.client(nick, client=EXTENDED, port=port)
            for nick, port in (("anna", 6699), ("carl", 0), ("berta", 6699))
        ]
        for client in (anna, carl, berta):
            client.send(Greeting(VERSION, Feature.CONTENT))
        files = [content(), *(content(b"%d.mp3" % number, TWO) for number in range(150))]
        frame = encode(ShareContent.type, ShareContent(1, DIRECTORY, files).body())
        assert len(frame) > 8192
        for start in range(0, len(frame), 1000):
            anna.raw(frame[start : start + 1000])
        assert await anna.get(ContentShared) == ContentShared(1, 151, ())
        anna.send(UploadState(1, 0), StatsRequest())
        await anna.get(Stats)
        carl.send(ShareContent(2, DIRECTORY, (content(), content())))
        refused = (RefusedFile(1, "duplicate file"),)
        assert await carl.get(ContentShared) == ContentShared(2, 1, refused)
        berta.send(SONG, FindSources(8, ONE), Find(9, query_body(SearchQuery(contains=(b"mp3",)))))
        found = await berta.get(Found)
        assert (found.hit, found.content_id) == (hit("anna"), ONE)
        assert (found.sources, found.reachable, found.free) == (2, 1, 1)
        assert (await berta.until(FindEnd))[-1] == FindEnd(7)
        sources = [await berta.get(ContentSource) for _ in range(2)]
        assert [(each.nick, each.free) for each in sources] == [(b"anna", 1), (b"carl", None)]
        assert await berta.get(FindEnd) == FindEnd(8)
        both = [await berta.get(Found) for _ in range(2)]
        assert {each.content_id: each.sources for each in both} == {ONE: 2, TWO: 1}
        for client in (anna, carl, berta):
            await client.close()
