"""Numbers of words."""

from hypothesis import given
from hypothesis import strategies as st

from napster.catalog.memory.vocabulary import COMPOUND, EVERY, NO_WORD, Vocabulary


def test_a_word_keeps_its_number() -> None:
    """Each word has one number, and a number its word."""
    words = Vocabulary()
    first = words.number(b"night")
    assert words.number(b"day") != first == words.number(b"night") == words.known(b"night")
    assert words.word(first) == b"night"
    assert words.known(b"dusk") is None
    assert words.top == 4


def test_spellings_have_the_number_of_their_word() -> None:
    """Case and accents of letters beyond ASCII, in any encoding, lead to the same word."""
    words = Vocabulary()
    spellings = ["Björk".encode(), "BJÖRK".encode(), b"Bj\xf6rk", b"bjork"]
    assert {words.number(spelling) for spelling in spellings} == {words.known(b"bjork")}


def test_tokens_that_are_no_word_or_several() -> None:
    """What folds to nothing is one number for all; what folds to more has its parts."""
    words = Vocabulary()
    assert words.number("…".encode()) == words.number("–".encode()) == NO_WORD
    half = words.number("½".encode())
    assert half >= COMPOUND
    assert words.parts(half) == (words.number(b"1"), words.number(b"2"))
    assert words.word(EVERY) == b""


def test_beginnings() -> None:
    """Words are found by short and long beginnings, wherever they are kept."""
    words = Vocabulary()
    known = [b"a", b"be", b"bee", b"beer", b"beet", b"bear", "東京".encode(), "東北".encode()]
    numbers = {words.number(word): word for word in known}
    for prefix in (b"a", b"b", b"be", b"bee", b"beer", "東".encode(), b"x", b"beers"):
        found = {numbers[number] for number in words.starting(prefix)}
        assert found == {word for word in known if word.startswith(prefix)}
    assert all(words.known(word) == number for number, word in numbers.items())


def test_words_that_start_alike_come_and_go() -> None:
    """A beginning that was asked for is looked up anew when its words have changed."""
    words = Vocabulary()
    rose, rosy, ross = (words.number(word) for word in (b"rose", b"rosy", b"ross"))
    assert words.starting(b"rose") == [rose]
    rosebud = words.number(b"rosebud")
    assert set(words.starting(b"rose")) == {rose, rosebud}
    words.forget([rose, ross])
    assert set(words.starting(b"rose")) == {rosebud}
    assert set(words.starting(b"ros")) == {rosebud, rosy}


def test_forgotten_words_leave_nothing_behind() -> None:
    """All spellings go with a word, and its number is given to another."""
    words = Vocabulary()
    tokens = [b"rose", "Róse".encode(), "½".encode(), "1½".encode(), b"other"]
    before = [words.number(token) for token in tokens]
    words.forget(
        {words.number(b"rose"), words.number(b"1"), words.number(b"2"), words.number(b"11")}
    )
    assert words.known(b"rose") is None
    assert list(words.starting(b"ros")) == []
    assert words.number(b"other") == before[-1]
    again = [words.number(token) for token in tokens]
    assert again[0] == again[1] < words.top
    assert words.parts(again[2]) == (words.number(b"1"), words.number(b"2"))
    assert words.top <= 8


@given(st.lists(st.tuples(st.booleans(), st.sampled_from("aábc½⅓ßł1"), st.integers(1, 3))))
def test_numbers_and_words_stay_one_to_one(steps: list[tuple[bool, str, int]]) -> None:
    """However words come and go, every number in use has one word, and the other way round."""
    words = Vocabulary()
    for learn, letter, count in steps:
        token = (letter * count).encode()
        number = words.number(token)
        numbers = words.parts(number) if number >= COMPOUND else (number,)
        if not learn:
            words.forget(set(numbers) - {NO_WORD})
        else:
            assert all(words.known(words.word(each)) == each for each in numbers)


@given(st.lists(st.tuples(st.booleans(), st.text("ab", min_size=1, max_size=6)), max_size=40))
def test_beginnings_stay_true(steps: list[tuple[bool, str]]) -> None:
    """However words that start alike come and go, those that are there are found, each once."""
    words = Vocabulary()
    known: set[bytes] = set()
    for learn, text in steps:
        word = text.encode()
        if learn:
            words.number(word)
            known.add(word)
        elif word in known:
            words.forget([words.number(word)])
            known.remove(word)
        for prefix in (word, word[:3]):
            found = sorted(map(words.word, words.starting(prefix)))
            assert found == sorted(each for each in known if each.startswith(prefix))
