"""The slowest searches and the words most searched for."""

from twisted.internet.task import Clock

from napster.index.influx import Influx
from napster.index.search_log import HALF, SearchLog
from napster.wire.search import SearchQuery


def query(words: bytes) -> SearchQuery:
    """Make a query of one phrase."""
    return SearchQuery(contains=(words,))


def test_slowest() -> None:
    """The ten slowest searches are kept, the slowest first, and what they looked for."""
    clock = Clock()
    log = SearchLog(clock)
    for number in range(100):
        clock.advance(1)
        log.add(query(b"song %d" % number), (number * 37 % 100) / 1000, number)
    slowest = log.slowest()
    assert [each.seconds for each in slowest] == [n / 1000 for n in range(99, 89, -1)]
    worst = slowest[0]
    assert (worst.phrases, worst.results, worst.at) == (b"song 27", 27, 28)


def test_equally_slow() -> None:
    """Searches that took equally long are no problem."""
    log = SearchLog(Clock())
    for _ in range(30):
        log.add(SearchQuery(), 0.5, 0)
    assert len(log.slowest()) == 10


def test_top_words() -> None:
    """Words are counted once a search, folded as in the catalog; excluded ones are not."""
    log = SearchLog(Clock())
    log.add(SearchQuery(contains=(b"Song song",), excludes=(b"live",)), 0, 1)
    log.add(query("SONG Björk".encode()), 0, 1)
    assert log.top_words(5) == [(b"song", 2), (b"bjork", 1)]
    assert log.top_words(1) == [(b"song", 2)]


def test_old_ones_go() -> None:
    """What is older than an hour is forgotten, and what is younger than half an hour is not."""
    clock = Clock()
    log = SearchLog(clock)
    log.add(query(b"first"), 1, 0)
    clock.advance(HALF)
    log.add(query(b"second"), 2, 0)
    clock.advance(HALF - 1)
    assert dict(log.top_words(9)) == {b"first": 1, b"second": 1}
    assert [each.phrases for each in log.slowest()] == [b"second", b"first"]
    clock.advance(1)
    log.add(query(b"third"), 3, 0)
    assert dict(log.top_words(9)) == {b"second": 1, b"third": 1}
    clock.advance(2 * HALF)
    assert log.top_words(9) == []
    assert log.slowest() == []


def test_bounded() -> None:
    """A flood of different words costs a bounded space, and frequent words stay."""
    log = SearchLog(Clock())
    for number in range(5000):
        log.add(query(b"frequent " + b" ".join(b"%d" % (number * 9 + n) for n in range(9))), 0, 0)
    assert log.top_words(1) == [(b"frequent", 5000)]
    assert len(log._periods[-1].counts) <= 8192
    log.add(query(b"x" * 2000), 9, 0)
    assert len(log.slowest()[0].phrases) == 120
    assert all(len(word) <= 40 for word, _ in log.top_words(9999))


def test_influx() -> None:
    """Files count as just come for ten to twenty seconds."""
    clock = Clock()
    clock.advance(50)
    influx = Influx(clock)
    influx.add(99)
    assert influx.sentence(99) is None
    influx.add(1)
    assert influx.sentence(100) is not None
    assert influx.sentence(5000) is not None
    assert influx.sentence(5001) is None
    clock.advance(19)
    assert influx.sentence(100) is not None
    clock.advance(1)
    assert influx.sentence(100) is None


def test_a_long_silence_ends_an_influx() -> None:
    """Files that came before a long silence have not just come."""
    clock = Clock()
    influx = Influx(clock)
    influx.add(1000)
    clock.advance(25)
    assert influx.sentence(1000) is None


def test_youth() -> None:
    """An index is young for a minute."""
    clock = Clock()
    influx = Influx(clock)
    clock.advance(59.6)
    assert "started 60 s ago" in (influx.youth() or "")
    clock.advance(1)
    assert influx.youth() is None
