"""Settling files: writing what is known of them to where searches look for it.

Their texts go to their blocks and their properties to the columns; all pairs of word and file are
sorted by word, and each word gets its new files in one go.
"""

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import numpy.ma  # or `unique` imports it when first called, which takes 10 ms

from napster.catalog.memory import fields, pairs
from napster.catalog.memory.batch import WIDTHS
from napster.catalog.memory.blocks import SHIFT, Ids
from napster.catalog.memory.columns import WITH_NUMBER
from napster.catalog.memory.contents import Contents
from napster.catalog.memory.endings import SUFFIXES
from napster.catalog.memory.files import Reader
from napster.catalog.memory.postings import Postings
from napster.catalog.memory.prefixes import END
from napster.catalog.memory.slices import Steps
from napster.catalog.memory.spans import Spans
from napster.catalog.memory.texts import write
from napster.catalog.memory.token_table import TokenTable
from napster.catalog.memory.vocabulary import EVERY, Vocabulary
from napster.catalog.memory.waiting import Offer, Waiting
from napster.catalog.tokens import split
from napster.catalog.words import IGNORED, LOWERED
from napster.wire.messages.sharing import Share


class Settler:
    """Settles files in steps; they are found from the last step on."""

    def __init__(
        self,
        reader: Reader,
        vocabulary: Vocabulary,
        postings: Postings,
        contents: Contents,
    ) -> None:
        self._reader = reader
        self._blocks = reader.blocks
        self._columns = reader.columns
        self._vocabulary = vocabulary
        self._tokens = TokenTable(vocabulary, self._make_room)
        self._postings = postings
        self._contents = contents

    def settle(self, waiting: Waiting) -> Steps[None]:
        """Make files found."""
        ids = waiting.pieces.ids()
        names = b"".join(waiting.names)
        self._settle_texts(waiting, names, ids)
        yield
        self._settle_contents(waiting.offers, ids)
        yield
        for width in WIDTHS:
            offers = [offer for offer in waiting.offers if offer.width == width]
            if offers:
                self._settle_fields(offers, width, ids)
                yield
        yield from self._settle_words(waiting, names, ids)

    def _settle_texts(self, waiting: Waiting, names: bytes, ids: Ids) -> None:
        columns = self._columns
        endings = np.frombuffer(b"".join(waiting.endings), np.uint8)
        columns.write_texts(ids, endings, write(waiting.pieces, names, self._blocks))
        columns.path_hash[ids] = np.concatenate([o.path_hashes for o in waiting.offers])

    def _settle_contents(self, offers: Sequence[Offer], all_ids: Ids) -> None:
        having = []
        for offer in offers:
            ids = all_ids[offer.rank : offer.rank + offer.count]
            self._blocks.offered.keep(ids, offer.since)
            if offer.contents:
                having.append((ids, offer.contents))
        if having:
            all_having = np.concatenate([ids for ids, _ in having])
            self._contents.add(all_having, b"".join(contents for _, contents in having))

    def _settle_fields(self, offers: Sequence[Offer], width: int, all_ids: Ids) -> None:
        counts = [offer.count for offer in offers]
        ids = np.concatenate([all_ids[o.rank : o.rank + o.count] for o in offers])
        found = fields.read(b"".join([offer.lines for offer in offers]), width)
        self._columns.write(ids, found)
        np.maximum.at(self._blocks.largest, ids >> SHIFT, self._columns.size[ids])
        suffixed = self._columns.forms(ids) == WITH_NUMBER
        if suffixed.any():
            suffixes = found.numbers[suffixed, fields.SUFFIX]
            self._blocks.keep_suffixes(ids[suffixed], suffixes.tolist())
        sizes = np.add.reduceat(found.numbers[:, fields.SIZE], np.cumsum([0, *counts[:-1]]))
        for offer, size in zip(offers, sizes.tolist(), strict=True):
            offer.shelf.gain(0, size)
        self._settle_odd(found, ids, offers, all_ids)

    def _settle_odd(
        self, found: fields.Fields, ids: Ids, offers: Sequence[Offer], all_ids: Ids
    ) -> None:
        for row, line in found.unfit.items():
            path = self._reader.path(int(ids[row]))
            self._keep_odd(int(ids[row]), Share.from_body(b'"%b"%b' % (path, line)))
        for offer in offers:
            for row, file in offer.odd.items():
                self._keep_odd(int(all_ids[offer.rank + row]), file)

    def _keep_odd(self, file_id: int, file: Share) -> None:
        block = self._blocks[file_id >> SHIFT]
        block.odd[file_id] = file
        block.shelf.gain(0, file.size)
        self._columns.write_odd(file_id, file)
        largest, number = self._blocks.largest, file_id >> SHIFT
        largest[number] = max(largest[number], self._columns.size[file_id])

    def _settle_words(self, waiting: Waiting, names: bytes, ids: Ids) -> Steps[None]:
        postings = self._postings
        tokens = split(names + END.join((*waiting.pieces.prefixes, b"")))
        yield
        numbers = yield from self._tokens.numbers(tokens)
        spans = Spans(ids, waiting.pieces.lengths)
        expanded = pairs.expand(numbers, spans.numbers(tokens.ranks), self._vocabulary.parts)
        yield
        numbers, files = spans.spread(*pairs.sort(*expanded))
        yield
        endings = self._columns.ending[ids]
        words = {code: self._numbers(SUFFIXES[code]) for code in np.unique(endings).tolist()}
        self._make_room()
        postings.add(numbers, files)
        for first_id, length in _ranges(ids):
            postings.add_range(EVERY, first_id, length)
        for code, known in words.items():
            for number in known:
                postings.extend(number, ids[endings == code].tobytes())

    def _make_room(self) -> None:
        """Let all words be asked for."""
        self._postings.make_room(self._vocabulary.top, self._blocks.top)

    def forget(self, words: Iterable[int]) -> None:
        """Forget words that no file has; nothing may be half settled."""
        self._tokens.forget(self._vocabulary.forget(words))

    def _numbers(self, text: bytes) -> list[int]:
        """Return the numbers of the words of a text."""
        tokens = text.translate(LOWERED, IGNORED).split()
        found = np.array([self._vocabulary.number(token) for token in tokens], np.uint32)
        return sorted(set(pairs.expand(found, found, self._vocabulary.parts)[0].tolist()))


def _ranges(ids: Ids) -> Iterator[tuple[int, int]]:
    """Return the first of successive ids, and how many there are, of all some consist of."""
    starts = np.flatnonzero(np.diff(ids, prepend=ids[:1]) != 1)
    lengths = np.diff(starts, append=len(ids))
    return zip(ids[starts].tolist(), lengths.tolist(), strict=True)
