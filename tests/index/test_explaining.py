"""What a search without result is said to those who can show it."""

from pathlib import Path
from typing import Any

import pytest
import pytest_twisted

from napster.catalog.explanation import Explanation
from napster.index.explaining import note
from napster.wire.extension import Reason, SearchNote
from napster.wire.framing import MAX_BODY
from napster.wire.messages import Message
from napster.wire.messages.searching import Search, SearchEnd, SearchHit
from napster.wire.search import Range, SearchQuery
from tests.index.client import running_index
from tests.index.harness import EXTENDED, Conn, World, file

YOUTH = 60.0


def search(*words: bytes, **filters: Any) -> Search:
    """Make a search."""
    return Search(SearchQuery(contains=words, **filters))


@pytest.fixture
def berta(world: World) -> Conn:
    """Log in to an index that is not young any more, and has some files."""
    world.login("anna").send(file(b"metallica one.mp3"), file(b"metallica two live.mp3"))
    world.clock.advance(YOUTH)
    return world.login("berta", client=EXTENDED)


def test_why(berta: Conn) -> None:
    """The reason comes before the end of the search, with a word that is known."""
    assert berta.ask(search(b"metalica one")) == [
        SearchNote(
            Reason.UNKNOWN_WORD,
            'nobody here shares a file with the word "metalica"',
            "metallica one",
        ),
        SearchEnd(),
    ]


def test_words_joined_by_punctuation(berta: Conn) -> None:
    """What is written without a space, but is several words, is mended word by word."""
    note, end = berta.ask(search(b"metalica-one"))
    assert isinstance(note, SearchNote)
    assert note.suggestion == "metallica one"
    assert end == SearchEnd()


def test_nothing_to_explain(berta: Conn) -> None:
    """A search that finds something has no note."""
    hit, end = berta.ask(search(b"one"))
    assert isinstance(hit, SearchHit)
    assert end == SearchEnd()


def test_old_programs(world: World, berta: Conn) -> None:
    """Programs that do not know the note are not sent one."""
    assert world.login("old").ask(search(b"metalica")) == [SearchEnd()]
    assert berta.ask(search(b"xyzzy"))[-1] == SearchEnd()


def test_explanations_count_as_searches() -> None:
    """An explanation is left out when the limit is reached; the search is answered."""
    world = World(search_rate=1, burst_seconds=3)
    world.clock.advance(YOUTH)
    conn = world.login("berta", client=EXTENDED)
    answers = conn.ask(search(b"x"), search(b"y"))
    assert [type(each) for each in answers] == [SearchNote, SearchEnd, SearchEnd]
    assert world.hub.meters.explained_searches == 1
    world.end()


def test_young_index(world: World) -> None:
    """An index that has just started says so with every search that finds nothing."""
    world.login("anna").send(file(b"one.mp3"))
    conn = world.login("berta", client=EXTENDED)
    world.clock.advance(7)
    text = "this index started 7 s ago, and its peers may still be coming back"
    first, second, end = conn.ask(search(b"xyz"))
    assert isinstance(first, SearchNote)
    assert first.reason is Reason.UNKNOWN_WORD
    assert second == SearchNote(Reason.REGISTERING, text)
    assert end == SearchEnd()
    assert isinstance(conn.ask(search(b"one"))[0], SearchHit)


def test_busy_index(world: World, berta: Conn) -> None:
    """While many files come in, every search is told, also one that finds something."""
    world.login("carl").send(*(file(b"new %d.mp3" % number) for number in range(200)))
    text = (
        "peers are registering their files (200 came in the last seconds, 202 are shared now): the "
        "same search may find more soon"
    )
    hit, note, end = berta.ask(search(b"one"))
    assert note == SearchNote(Reason.REGISTERING, text)
    world.clock.advance(15)
    assert berta.ask(search(b"one")) == [hit, note, end]
    world.clock.advance(6)
    assert berta.ask(search(b"one")) == [hit, end]


def test_files_that_come_and_go(world: World, berta: Conn) -> None:
    """Files that came lately are not said to be a part of those that are still shared."""
    for nick in ("carl", "dora"):
        conn = world.login(nick)
        conn.send(*(file(b"new %d.mp3" % number) for number in range(200)))
        conn.lose()
    _, note, _ = berta.ask(search(b"one"))
    assert isinstance(note, SearchNote)
    assert "(400 came in the last seconds, 2 are shared now)" in note.text


def sentence(reason: Reason, query: SearchQuery | None = None, **known: Any) -> str:
    """Say why."""
    return note(Explanation(reason, **known), query or SearchQuery()).text


@pytest.mark.parametrize(
    ("words", "named"),
    [
        ([b"a"], 'the word "a"'),
        ([b"a", b"b"], 'the words "a" or "b"'),
        ([b"a", b"b", b"c"], 'the words "a", "b" or "c"'),
        ([b"%d" % n for n in range(9)], 'the words "0", "1", "2", "3", "4" or 4 more'),
        ([b"x" * 50], f'the word "{"x" * 40}"'),
        ([b"{}"], 'the word "{}"'),
        ([b"a*"], 'a word beginning with "a"'),
        ([b"a*", b"b*"], 'a word beginning with "a" or a word beginning with "b"'),
        ([b"a*", b"b"], 'the word "b" or a word beginning with "a"'),
        ([b"a", b"b*", b"c"], 'the words "a", "c" or a word beginning with "b"'),
        ([b"x" * 50 + b"*"], f'a word beginning with "{"x" * 40}"'),
    ],
)
def test_words_are_named(words: list[bytes], named: str) -> None:
    """Words are named one by one, as far as a sentence can hold them."""
    assert sentence(Reason.UNKNOWN_WORD, words=words) == f"nobody here shares a file with {named}"


@pytest.mark.parametrize(
    ("filters", "named"),
    [
        ({"bitrate": Range(lowest=320)}, "a bit rate of at least 320 kbit/s"),
        ({"frequency": Range(highest=44100)}, "a sampling frequency of at most 44100 Hz"),
        ({"size": Range(1 << 20, 3 << 19)}, "a size from 1.00 MiB to 1.50 MiB"),
        ({"duration": Range(60, 60)}, "a duration of 1:00"),
        ({"speed": Range(lowest=9)}, "a link speed of at least t1"),
        ({"type": b"video"}, "the type video"),
        ({"extension": b"flac"}, "the extension flac"),
        (
            {"bitrate": Range(lowest=320), "type": b"video"},
            "a bit rate of at least 320 kbit/s and the type video",
        ),
    ],
)
def test_filters_are_named(filters: dict[str, Any], named: str) -> None:
    """Each filter is named in the units in which a person thinks."""
    text = sentence(Reason.FILTERED, SearchQuery(**filters), filters=list(filters))
    assert text == f"files with these words are here, but none with {named}"


def test_other_reasons() -> None:
    """The other reasons are said plainly."""
    assert sentence(Reason.NEVER_TOGETHER).startswith("each of the words is known here")
    assert '"live", which is excluded' in sentence(Reason.EXCLUDED, words=[b"live"])
    assert sentence(Reason.HIDDEN) == "only files of your own match"
    assert "behind a firewall" in sentence(Reason.HIDDEN, firewall=True)
    assert "no word" in sentence(Reason.NO_WORD)


def test_notes_stay_short(world: World, berta: Conn) -> None:
    """However long the words are, the note is one that fits a message."""
    words = [b"%d" % n + b"x" * 300 for n in range(6)]
    first, end = berta.ask(search(b" ".join(words)))
    assert isinstance(first, SearchNote)
    assert len(first.body()) < MAX_BODY
    assert end == SearchEnd()
    long = Explanation(Reason.UNKNOWN_WORD, words=[b"a"], suggestion=b"word " * 100)
    assert note(long, SearchQuery()).suggestion is None


@pytest_twisted.ensureDeferred
async def test_over_sockets(tmp_path: Path) -> None:
    """The reason comes over a real socket, from the daemon's own catalog."""
    async with running_index(tmp_path) as index:
        anna = await index.client("anna")
        anna.send(file(b"beethoven fuer elise.mp3"), search(b"end"))
        await anna.get(SearchEnd)
        berta = await index.client()
        await berta.log_in("berta", client=EXTENDED)
        berta.send(search(b"bethoven"))
        notes: list[Message] = (await berta.until(SearchEnd))[:-1]
        assert (
            SearchNote(
                Reason.UNKNOWN_WORD,
                'nobody here shares a file with the word "bethoven"',
                "beethoven",
            )
            in notes
        )
        await anna.close()
        await berta.close()
