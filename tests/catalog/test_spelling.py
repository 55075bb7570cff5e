"""Finding the known word that is spelt most like an unknown one."""

from collections.abc import Iterable

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napster.catalog.interface import ICatalog
from napster.catalog.spelling import nearest
from tests.catalog.helpers import fired, owner, share

KNOWN = {b"metallica": 5, b"beethoven": 3, b"bethoven": 1, b"bach": 9, b"back": 2, b"1999": 4}
words = st.text("abcd", max_size=7).map(str.encode)


class Words:
    """A lexicon of given words."""

    def __init__(self, known: dict[bytes, int]) -> None:
        self.known = known

    def frequency(self, word: bytes) -> int:
        return self.known.get(word, 0)

    def starting(self, prefix: bytes) -> Iterable[bytes]:
        assert len(prefix.decode()) >= 3
        return [word for word in self.known if word.startswith(prefix)]


def near(word: bytes, known: dict[bytes, int] = KNOWN) -> bytes | None:
    """Search to the end."""
    steps = nearest(word, Words(known))
    while True:
        try:
            next(steps)
        except StopIteration as end:
            found: bytes | None = end.value
            return found


@pytest.mark.parametrize(
    ("word", "found"),
    [
        (b"metalica", b"metallica"),
        (b"metallicca", b"metallica"),
        (b"mettalica", b"metallica"),
        (b"emtallica", b"metallica"),
        (b"xetallica", b"metallica"),
        (b"metalikca", b"metallica"),
        (b"metlalcia", b"metallica"),
        (b"beethofen", b"beethoven"),
        (b"bacj", b"bach"),
        (b"bac", b"bach"),
        (b"wagner", None),
        (b"ba", None),
        (b"", None),
        (b"1998", None),
        (b"\xff\xfe\xfd", None),
    ],
)
def test_nearest(word: bytes, found: bytes | None) -> None:
    """One or two slips are mended; short words, numbers and strangers are left alone."""
    assert near(word) == found


def test_the_more_frequent_wins() -> None:
    """Of words equally near the one in more files is meant."""
    assert near(b"beethhoven") == b"beethoven"
    assert near(b"kitten", {b"mitten": 2, b"bitten": 7}) == b"bitten"


def test_other_scripts() -> None:
    """Letters are compared, not bytes."""
    assert near("чайковскй".encode(), {"чайковский".encode(): 1}) == "чайковский".encode()


def edits(one: bytes, two: bytes) -> int:
    """Count the edits as the definition says."""
    if not one or not two:
        return len(one) + len(two)
    ways = [
        edits(one[1:], two) + 1,
        edits(one, two[1:]) + 1,
        edits(one[1:], two[1:]) + (one[0] != two[0]),
    ]
    if one[:2] == two[1::-1] and len(one) > 1:
        ways.append(edits(one[2:], two[2:]) + 1)
    return min(ways)


@given(words.filter(lambda word: len(word) >= 3), st.sets(words, min_size=1, max_size=8))
def test_like_the_definition(word: bytes, known: set[bytes]) -> None:
    """What is found is as near as can be; a word one edit away is never missed."""
    distances = {each: edits(word, each) for each in known - {word, b""}}
    found = near(word, dict.fromkeys(distances, 1))
    one_away = {each for each, distance in distances.items() if distance == 1}
    if one_away:
        assert found in one_away
    elif found is not None:
        assert distances[found] == 2
    if len(word) >= 5 and any(d == 2 and w[:3] == word[:3] for w, d in distances.items()):
        assert found is not None


def test_a_large_vocabulary_is_searched_in_steps() -> None:
    """The work can be interrupted, and has an end."""
    known = {b"abc%06d" % number: 1 for number in range(60_000)}
    assert 100 < sum(1 for _ in nearest(b"abcxxxxxxx", Words(known))) < 300


def test_a_catalog_knows_its_words(catalog: ICatalog) -> None:
    """A catalog tells how many files have a word, and mends one that none has."""
    catalog.add_owner(owner("anna"))
    share(catalog, "anna", b"metallica one.mp3", b"metallica two.mp3", "Björk joga.mp3".encode())
    assert catalog.frequency(b"metallica") == 2
    assert catalog.frequency(b"bjork") == 1
    assert catalog.frequency(b"metalica") == 0
    assert fired(catalog.nearest(b"metalica")) == b"metallica"
    assert fired(catalog.nearest(b"bjoerk")) == b"bjork"
    assert fired(catalog.nearest(b"metalllicca")) == b"metallica"
    assert fired(catalog.nearest(b"stravinsky")) is None
