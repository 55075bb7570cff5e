"""The words of the catalog as a `Lexicon`, in which the nearest spelling of a word is looked up."""

from collections.abc import Iterator

from napster.catalog.memory.blocks import Blocks
from napster.catalog.memory.postings import Postings
from napster.catalog.memory.vocabulary import COMPOUND, Vocabulary


class Words:
    """All words that some file has, and those of dead files that are to be swept."""

    def __init__(self, vocabulary: Vocabulary, postings: Postings, blocks: Blocks) -> None:
        self._vocabulary = vocabulary
        self._postings = postings
        self._blocks = blocks

    def frequency(self, word: bytes) -> int:
        """How many files have a word, the dead ones left out; 0 for an unknown one."""
        number = self._vocabulary.known(word)
        if not number or number >= COMPOUND:
            return 0
        ids = self._postings.ids(number)
        return len(ids) - ids.intersection_cardinality(self._blocks.dead)

    def starting(self, prefix: bytes) -> Iterator[bytes]:
        """List the words with a beginning, also those that only dead files have."""
        return map(self._vocabulary.word, self._vocabulary.starting(prefix))
