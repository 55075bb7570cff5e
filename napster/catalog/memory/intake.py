"""Files taken in but not yet settled.

To give each file to each of its words at once would touch postings all over memory for one id each.
So files wait here, as lists of what is known of them, until enough have come together or somebody
asks for something. Settling writes their texts to their blocks and their properties to the columns,
sorts all pairs of word and file by word, and hands each word its new files in one go.

Files wait in the order of arrival; a file's place in it is its rank. Pieces tell which ids files
have: a piece is a run of files with ids in a row, in one block, with the same prefix.
"""

from array import array
from collections.abc import Sequence
from itertools import chain

import attrs
import numpy as np

from napster.catalog.memory import fields, pairs
from napster.catalog.memory.batch import WIDTHS, Batch
from napster.catalog.memory.blocks import SHIFT, Ids
from napster.catalog.memory.columns import WITH_NUMBER
from napster.catalog.memory.endings import SUFFIXES, strip
from napster.catalog.memory.files import Reader
from napster.catalog.memory.postings import Postings
from napster.catalog.memory.prefixes import Run, split
from napster.catalog.memory.shelf import Shelf
from napster.catalog.memory.texts import Piece, write
from napster.catalog.memory.vocabulary import EVERY, Vocabulary
from napster.catalog.words import IGNORED, LOWERED
from napster.wire.messages.sharing import Share

_LOWERED = b"\0" + LOWERED[1:]
"""As `words` does it, but NUL stays: the mark behind each name."""
_ENOUGH = 32_768
"""So many words are settled at once; that takes a few milliseconds."""


@attrs.frozen(eq=False)
class _Offer:
    """A batch that waits."""

    rank: int
    """Of its first file."""
    shelf: Shelf
    batch: Batch


@attrs.define(eq=False)
class _Waiting:
    """What is known of the waiting files, in the order of their ranks."""

    count: int = 0
    offers: list[_Offer] = attrs.field(factory=list)
    pieces: list[Piece] = attrs.field(factory=list)
    names: list[bytes] = attrs.field(factory=list)
    """Each name ended by NUL."""
    endings: list[bytes] = attrs.field(factory=list)
    stream: "list[array[int]]" = attrs.field(factory=list)
    """The words of the names."""
    word_count: int = 0


class Intake:
    """Takes batches in and settles them."""

    def __init__(self, reader: Reader, vocabulary: Vocabulary, postings: Postings) -> None:
        self._reader = reader
        self._blocks = reader.blocks
        self._columns = reader.columns
        self._vocabulary = vocabulary
        self._postings = postings
        self._waiting = _Waiting()

    def add(self, shelf: Shelf, batch: Batch) -> None:
        """Take files in: they get their ids, and are settled if enough are waiting."""
        waiting = self._waiting
        count = len(batch.paths)
        waiting.offers.append(_Offer(waiting.count, shelf, batch))
        names, runs = split(batch.paths, batch.text)
        width = max(map(len, batch.paths)) + 2
        for run in runs:
            self._place(shelf, run, width)
        self._read_names(names, count)
        shelf.gain(count, 0)
        if waiting.word_count >= _ENOUGH:
            self.settle()

    def _place(self, shelf: Shelf, run: Run, width: int) -> None:
        """Give the files of a run their ids; `width` bytes of text are enough for each."""
        waiting = self._waiting
        left = run.count
        while left:
            first_id, count = self._blocks.take(shelf, left, width)
            waiting.pieces.append(Piece(waiting.count, first_id, count, run.prefix))
            waiting.count += count
            left -= count

    def _read_names(self, names: bytes, count: int) -> None:
        waiting = self._waiting
        text, endings = strip(names, count)
        tokens = text.translate(_LOWERED, IGNORED).replace(b"\0", b" \0 ").split()
        waiting.names.append(text)
        waiting.endings.append(endings)
        waiting.stream.append(array("I", list(map(self._vocabulary.__getitem__, tokens))))
        waiting.word_count += len(tokens)

    def settle(self) -> None:
        """Make all waiting files found."""
        waiting = self._waiting
        if not waiting.count:
            return
        self._waiting = _Waiting()
        ids = _ids(waiting.pieces)
        self._settle_texts(waiting, ids)
        for width in WIDTHS:
            offers = [offer for offer in waiting.offers if offer.batch.width == width]
            if offers:
                self._settle_fields(offers, width, ids)
        self._settle_words(waiting, ids)

    def _settle_texts(self, waiting: _Waiting, ids: Ids) -> None:
        columns = self._columns
        columns.ending[ids] = np.frombuffer(b"".join(waiting.endings), np.uint8)
        hashes = chain.from_iterable(offer.batch.path_hashes for offer in waiting.offers)
        columns.path_hash[ids] = np.fromiter(hashes, np.int64, len(ids))
        places = write(waiting.pieces, b"".join(waiting.names), self._blocks)
        columns.name_at[ids], columns.prefix_at[ids] = places

    def _settle_fields(self, offers: Sequence[_Offer], width: int, all_ids: Ids) -> None:
        counts = [len(offer.batch.paths) for offer in offers]
        spans = [slice(o.rank, o.rank + count) for o, count in zip(offers, counts, strict=True)]
        ids = np.concatenate([all_ids[span] for span in spans])
        found = fields.read(b"".join(offer.batch.fields for offer in offers), width)
        self._columns.write(ids, found)
        suffixed = self._columns.form[ids] == WITH_NUMBER
        if suffixed.any():
            suffixes = found.numbers[suffixed, fields.SUFFIX]
            self._blocks.keep_suffixes(ids[suffixed], suffixes.tolist())
        sizes = np.add.reduceat(found.numbers[:, fields.SIZE], np.cumsum([0, *counts[:-1]]))
        for offer, size in zip(offers, sizes.tolist(), strict=True):
            offer.shelf.gain(0, size)
        self._settle_odd(found, ids, offers, all_ids)

    def _settle_odd(
        self, found: fields.Fields, ids: Ids, offers: Sequence[_Offer], all_ids: Ids
    ) -> None:
        for row, line in found.unfit.items():
            path = self._reader.path(int(ids[row]))
            self._keep_odd(int(ids[row]), Share.from_body(b'"%b"%b' % (path, line)))
        for offer in offers:
            for row, file in offer.batch.odd.items():
                self._keep_odd(int(all_ids[offer.rank + row]), file)

    def _keep_odd(self, file_id: int, file: Share) -> None:
        block = self._blocks[file_id >> SHIFT]
        block.odd[file_id] = file
        block.shelf.gain(0, file.size)
        self._columns.write_odd(file_id, file)

    def _settle_words(self, waiting: _Waiting, ids: Ids) -> None:
        postings = self._postings
        codes = self._columns.ending[ids]
        endings = {code: self._numbers(SUFFIXES[code]) for code in np.unique(codes).tolist()}
        prefixes = {prefix: self._numbers(prefix) for prefix in {p.prefix for p in waiting.pieces}}
        stream = np.frombuffer(b"".join(waiting.stream), np.uint32)
        stream = pairs.expand(stream, self._vocabulary.parts)
        postings.make_room(self._vocabulary.top, self._blocks.top)
        postings.add(*pairs.sort(stream, ids))
        for piece in waiting.pieces:
            for number in (EVERY, *prefixes[piece.prefix]):
                postings.add_range(number, piece.first_id, piece.count)
        for code, numbers in endings.items():
            data = ids[codes == code].tobytes()
            for number in numbers:
                postings.extend(number, data)

    def _numbers(self, text: bytes) -> list[int]:
        """Return the numbers of the words of a text."""
        tokens = text.translate(LOWERED, IGNORED).split()
        found = np.array([self._vocabulary[token] for token in tokens], np.uint32)
        return sorted(set(pairs.expand(found, self._vocabulary.parts).tolist()))


def _ids(pieces: Sequence[Piece]) -> Ids:
    counts = [piece.count for piece in pieces]
    offsets = np.array([piece.first_id - piece.rank for piece in pieces], np.int64)
    return (np.arange(sum(counts)) + np.repeat(offsets, counts)).astype(np.uint32)
