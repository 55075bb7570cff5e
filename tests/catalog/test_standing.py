"""Standing searches: who is told of which file."""

from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from napster.catalog import pair_filter
from napster.catalog.pair_filter import PairFilter
from napster.catalog.plain import PlainCatalog
from napster.catalog.standing import Match, NoWordError, StandingQueries
from napster.wire.search import Range, SearchQuery
from tests.catalog.helpers import found, owner, query, record

ANNA = owner("anna")


def standing(**queries: SearchQuery) -> StandingQueries[str]:
    """Let queries wait; no word is known to be rarer than another."""
    made: StandingQueries[str] = StandingQueries(lambda _: 0)
    for key, each in queries.items():
        made.add(key, each)
    return made


def matches(queries: StandingQueries[str], *records: bytes) -> list[Match[str]]:
    """Share files, without an interruption."""
    return [match for match in queries.match(ANNA, records) if match]


def told(queries: StandingQueries[str], *records: bytes) -> dict[bytes, set[str]]:
    """Share files; return the keys told of each path."""
    return {match.path: set(match.keys) for match in matches(queries, *records)}


def test_match() -> None:
    """A file goes to every query all of whose words its path has, and to no other."""
    queries = standing(
        one=query(b"song"), two=query(b"Song BAND"), part=query(b"son"), more=query(b"band song x")
    )
    assert told(queries, record(b"band\\the song.mp3"), record(b"other.mp3")) == {
        b"band\\the song.mp3": {"one", "two"}
    }


@pytest.mark.parametrize(
    ("given", "canonical"),
    [
        (b'"a song.mp3" 12 7 0 44100 18446744073709551615', None),
        (b'"a song.mp3"  12  07 0 44100 60 more', b'"a song.mp3" 12 7 0 44100 60'),
        (b"song 12 7 0 44100 60", b'"song" 12 7 0 44100 60'),
    ],
)
@pytest.mark.parametrize("filters", [{}, {"size": Range(lowest=7)}])
def test_the_file_comes_with_the_match(
    given: bytes, canonical: bytes | None, filters: dict[str, Range]
) -> None:
    """A match carries the file as it would be told, however it was written."""
    (match,) = matches(standing(one=query(b"song", **filters)), given)
    assert (match.body, match.keys) == (canonical or given, ["one"])


@pytest.mark.parametrize("wanted", [query(), query(b""), query(b"lov*"), query(b"-"), query(b"!")])
def test_a_whole_word_is_needed(wanted: SearchQuery) -> None:
    """A query that every file would have to be compared with is refused."""
    queries = standing()
    with pytest.raises(NoWordError, match="at least one whole word"):
        queries.add("one", wanted)
    assert len(queries) == 0


def test_remove() -> None:
    """A query that is removed is told no more, and leaves nothing behind."""
    queries = standing(one=query(b"a b"), two=query(b"a b c"), three=query(b"a"))
    file = record(b"a b c")
    assert told(queries, file) == {b"a b c": {"one", "two", "three"}}
    queries.remove("two")
    queries.remove("two")
    assert told(queries, file) == {b"a b c": {"one", "three"}}
    queries.remove("one")
    queries.remove("three")
    assert told(queries, file) == {}
    assert len(queries) == 0
    assert queries._by_pair == {}
    assert not queries._filter._words.bits.any()


@pytest.mark.parametrize("words", ["abc", "abcdefgh"])
@pytest.mark.parametrize("form", ["%s\\%s", "x\\%s %s", "a b c\\%s %s"])
def test_files_of_one_directory(words: str, form: str) -> None:
    """However many queries the words of several files match together, each file is told its own."""
    wanted = {"".join(pair): set(pair) for pair in combinations(words, 2)}
    queries = standing(**{key: query(" ".join(key).encode()) for key in wanted})
    paths = [form % pair for pair in combinations(words, 2)]
    found = told(queries, *(record(path.encode()) for path in paths))
    assert found == {
        path.encode(): {key for key, pair in wanted.items() if pair <= set(path)} for path in paths
    }


def test_the_rarest_words_are_looked_for() -> None:
    """A frequent word does not cause a second look, whatever the order in the query."""
    frequency = {b"mp3": 9, b"rare": 1, b"song": 5}
    queries: StandingQueries[str] = StandingQueries(frequency.__getitem__)
    queries.add("one", query(b"mp3 song rare"))
    assert [*queries._by_pair] == [PairFilter.number(b"rare", b"song")]


@pytest.mark.parametrize(
    "bad",
    [
        *(b"", b'"', b'"song', b'"song.mp3"', b"song", b'"song" x y z', b"\0song", b'song "song'),
        *(b'"so\0ng" x 1 2 3 4', b'"song" "x y" 1 2 3 4'),
    ],
)
def test_what_cannot_be_read_is_passed_over(bad: bytes) -> None:
    """A broken body among sound ones does no harm."""
    good = record(b"a song.mp3")
    assert told(standing(one=query(b"song")), bad, good) == {b"a song.mp3": {"one"}}


def test_a_name_without_quotes() -> None:
    """A name of one word needs no quotes."""
    bare = record(b"song.mp3").replace(b'"', b"")
    assert told(standing(one=query(b"song")), bare) == {b"song.mp3": {"one"}}


@pytest.mark.parametrize("form", [b' "%b" 12 1 2 3 4', b'   "%b"  12 1 2 3 4', b"  %b 12 1 2 3 4"])
def test_spaces_before_a_name(form: bytes) -> None:
    """A body that begins with spaces is one like any other, as it is for whoever searches."""
    catalog = PlainCatalog()
    catalog.add_owner(ANNA)
    files = [form % b"song.mp3", form % b"old\\song.mp3"]
    catalog.share("anna", files)
    of_both = {b"song.mp3": {"one"}, b"old\\song.mp3": {"one"}}
    assert told(standing(one=query(b"song")), *files) == of_both
    assert found(catalog, query(b"song")) == set(of_both)


vocabulary = st.sampled_from(["a", "b", "ab", "mp3", "Björk", "ß", "½x", "don't"])
paths = st.lists(vocabulary, min_size=1, max_size=4).map(lambda words: " ".join(words).encode())
phrases = st.lists(
    st.tuples(vocabulary, st.sampled_from(["", "", "", "*"])).map("".join), max_size=3
).map(lambda words: tuple(word.encode() for word in words))
queries_of_all_kinds = st.builds(
    SearchQuery,
    contains=phrases,
    excludes=phrases.map(lambda words: words[:1]),
    size=st.sampled_from([Range(), Range(lowest=5), Range(highest=4)]),
    type=st.sampled_from([None, b"audio"]),
)


def test_others_have_their_turn_between_many_pairs(monkeypatch: pytest.MonkeyPatch) -> None:
    """What may take long can be interrupted, whether or not anything is found."""
    monkeypatch.setattr(pair_filter, "_AT_ONCE", 1)
    queries = standing(one=query(b"a b", excludes=[b"c"]), two=query(b"a c", excludes=[b"d"]))
    files = [record(b"a b c d"), record(b"b c d a")]
    assert [*queries.match(ANNA, files)].count(None) > len(files)


@given(
    st.lists(queries_of_all_kinds, max_size=6),
    st.lists(st.tuples(paths, st.integers(0, 9)), max_size=4, unique_by=lambda file: file[0]),
)
def test_like_a_search(wanted: list[SearchQuery], files: list[tuple[bytes, int]]) -> None:
    """A query is told of exactly those files that a search with it would find."""
    check_like_a_search(wanted, files)


def test_words_with_the_same_hash(monkeypatch: pytest.MonkeyPatch) -> None:
    """Even if the hashes of all words were the same, nothing would be told wrongly."""
    monkeypatch.setattr(pair_filter, "_hashes", lambda both: np.zeros(len(both[0]), np.int64))
    wanted = [query(b"a b"), query(b"b c"), query(b"a d"), query(b"b mp3"), query(b"a")]
    check_like_a_search(wanted, [(b"a b", 1), (b"c\\d b", 2), (b"d", 3), (b"b\\a\\d", 4)])


def check_like_a_search(wanted: list[SearchQuery], files: list[tuple[bytes, int]]) -> None:
    """Leave queries, share files, and search for these."""
    queries = standing()
    records = [record(path, size=size) for path, size in files]
    catalog = PlainCatalog()
    catalog.add_owner(ANNA)
    catalog.share("anna", records)
    told_of: dict[str, set[bytes]] = {}
    for number, each in enumerate(wanted):
        try:
            queries.add(str(number), each)
        except NoWordError:
            continue
        told_of[str(number)] = set()
    for match in matches(queries, *records):
        for key in match.keys:
            told_of[key].add(match.path)
    for key, told_paths in told_of.items():
        assert told_paths == found(catalog, wanted[int(key)])
