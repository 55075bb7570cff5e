"""A word of a directory comes to all files in it, once each."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from napster.catalog.memory.pairs import sort
from napster.catalog.memory.spans import Spans

_WORDS = st.lists(st.integers(0, 5), max_size=4)
_PIECES = st.lists(st.tuples(_WORDS, st.lists(_WORDS, min_size=1, max_size=4)), min_size=1)


@given(_PIECES)
def test_each_file_has_the_words_of_its_name_and_of_its_prefix(
    pieces: list[tuple[list[int], list[list[int]]]],
) -> None:
    """No pair is missing, none is there twice, and words stay in order."""
    names = [name for _, names in pieces for name in names]
    texts = [*names, *(prefix for prefix, _ in pieces)]
    ranks = np.repeat(np.arange(len(texts)), list(map(len, texts)))
    numbers = np.array([word for text in texts for word in text], np.uint32)
    ids = np.arange(len(names), dtype=np.uint32)[::-1] + np.uint32(7)

    spans = Spans(ids, [len(names) for _, names in pieces])
    words, files = spans.spread(*sort(numbers, spans.numbers(ranks)))

    prefixes = [prefix for prefix, names in pieces for _ in names]
    each = zip(ids.tolist(), names, prefixes, strict=True)
    expected = {(word, file) for file, name, prefix in each for word in {*name, *prefix}}
    found = list(zip(words.tolist(), files.tolist(), strict=True))
    assert sorted(found) == sorted(expected)
    assert words.tolist() == sorted(words.tolist())
