"""The words of the catalog as a `Lexicon`, in which the nearest spelling of a word is looked up."""

from collections.abc import Iterator

from napster.catalog.memory.postings import Postings
from napster.catalog.memory.vocabulary import COMPOUND, Vocabulary


class Words:
    """All words that some file has, files swept later included."""

    def __init__(self, vocabulary: Vocabulary, postings: Postings) -> None:
        self._vocabulary = vocabulary
        self._postings = postings

    def frequency(self, word: bytes) -> int:
        """How many files have a word; 0 for an unknown one."""
        number = self._vocabulary.known(word)
        return self._postings.count(number) if number and number < COMPOUND else 0

    def starting(self, prefix: bytes) -> Iterator[bytes]:
        """List the words with a beginning."""
        return map(self._vocabulary.word, self._vocabulary.starting(prefix))
