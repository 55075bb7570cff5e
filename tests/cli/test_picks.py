"""Numbers of rows mean what they say, and what is no number is named."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from napster.cli.picks import Span, are_numbers, choose, parse_spans
from napster.peer.api import BadRequestError, FoundFile, SearchPage, Source


def page(rows: int, sources: int = 3) -> SearchPage:
    offers = [Source(f"user{n}", b"x", "", 0, 0, reachable=True) for n in range(1, sources + 1)]
    files = [FoundFile(n, f"{n}.mp3", n, 0, 0, 0, "", offers) for n in range(1, rows + 1)]
    return SearchPage("love", files, rows * sources, sources)


def numbers(words: list[str], rows: int = 12) -> list[int]:
    return [row.number for row in choose(parse_spans(words), page(rows))]


@pytest.mark.parametrize(
    ("words", "rows"),
    [
        (["3"], [3]),
        (["1-4"], [1, 2, 3, 4]),
        (["1,3,6-8"], [1, 3, 6, 7, 8]),
        (["3", "1"], [3, 1]),
        (["1-3,2", "3"], [1, 2, 3]),
        (["5-5"], [5]),
        (["007"], [7]),
    ],
)
def test_numbers(words: list[str], rows: list[int]) -> None:
    """Rows come in the order they were written, each once."""
    assert numbers(words) == rows


@given(st.lists(st.tuples(st.integers(1, 50), st.integers(0, 20)), min_size=1, max_size=8))
def test_any_ranges(spans: list[tuple[int, int]]) -> None:
    """Any list of ranges picks exactly the rows in them."""
    text = ",".join(f"{first}-{first + more}" if more else str(first) for first, more in spans)
    expected = {row for first, more in spans for row in range(first, first + more + 1)}
    picked = numbers([text], rows=70)
    assert set(picked) == expected
    assert len(picked) == len(expected)


@given(st.text(alphabet="0123456789.,- x", max_size=12))
def test_any_text(text: str) -> None:
    """Any text is spans or a sentence that names the part that is none."""
    try:
        spans = parse_spans([text])
    except BadRequestError as error:
        assert any(repr(part) in str(error) for part in text.split(","))  # noqa: PT017
    else:
        assert all(span.word and span.first <= span.last for span in spans)


def test_source() -> None:
    """`7.3` is row 7 from its third source alone."""
    (row,) = choose(parse_spans(["7.3"]), page(12))
    assert (row.number, [each.nick for each in row.sources]) == (7, ["user3"])


def test_all_sources() -> None:
    """`7` is row 7 from whoever has it."""
    (row,) = choose([Span("7", 7, 7)], page(12))
    assert len(row.sources) == 3


@pytest.mark.parametrize(
    ("word", "sentence"),
    [
        ("x", "'x' is no number"),
        ("", "'' is no number"),
        ("1,,2", "'' is no number"),
        ("1-", "'1-' is no number"),
        ("-1", "'-1' is no number"),
        ("1.2.3", "is no number"),
        ("1-2.3", "is no number"),
        ("٣", "is no number"),
        ("9" * 30, "is no number"),
        ("9-3", "'9-3' runs backwards: write 3-9."),
        ("0", "There is no row 0"),
        ("13", r"There is no row 13: the last search \(love\) found 1 to 12."),
        ("1-999999999", "There is no row 1-999999999"),
        ("7.4", "Row 7 has sources 1 to 3 only"),
        ("7.0", "Row 7 has sources 1 to 3 only"),
    ],
)
def test_wrong(word: str, sentence: str) -> None:
    """A wrong number is answered with one sentence, at once even for a huge range."""
    with pytest.raises(BadRequestError, match=sentence):
        numbers([word])


def test_nothing_found() -> None:
    """There is nothing to pick from a search that found nothing."""
    with pytest.raises(BadRequestError, match="found nothing"):
        numbers(["1"], rows=0)


@pytest.mark.parametrize(
    ("words", "meant"),
    [(["3"], True), (["1,2", "5-6"], True), (["alice", "x"], False), (["33", "a/b"], False)],
)
def test_are_numbers(words: list[str], meant: bool) -> None:  # noqa: FBT001  # made by pytest
    """A nick and a path are told from rows, even if the nick is a number."""
    assert are_numbers(words) is meant
