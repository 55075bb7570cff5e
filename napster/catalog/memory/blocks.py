"""File ids, and which owner each belongs to.

Ids are handed out in blocks of 256 consecutive ones; a block belongs to one owner. So the owner of
an id is one shift and one look-up away, what is true of all files of an owner (link speed, whether
anybody can connect) is kept per block, and all of an owner's files disappear by marking a few
blocks as dead. A block also holds the text of its files: directories and names, one after another.

A dead id is left out of every reply but still stands in the postings. Only the sweep, having taken
it out there, makes its block free for another owner.
"""

from array import array
from collections.abc import Iterable, Sequence
from typing import cast

import attrs
import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from napster.catalog.interface import Asker
from napster.catalog.memory.shelf import Shelf
from napster.catalog.memory.times import Times
from napster.catalog.memory.watched import Watched
from napster.wire.extension import Family
from napster.wire.messages.sharing import Share

SHIFT = 8
BLOCK = 1 << SHIFT
"""Ids in a block."""
MAX_TEXT = 1 << 16
"""Bytes of text in a block, so that an offset into it needs two bytes."""
_HIGHEST_SPEED = 255

Ids = npt.NDArray[np.uint32]
Some = slice | npt.NDArray[np.integer]
"""Which blocks, by number."""


@attrs.define(eq=False)
class Block:
    """One block: its owner, its text, and what some of its files have that columns cannot hold."""

    shelf: Shelf
    used: int = 0
    """How many of its ids were handed out."""
    alive: int = 0
    """How many of those are not dead."""
    text: bytes = b""
    prefix_at: int = 0
    prefix_end: int = 0
    """Where the prefix written last stands in the text."""
    suffixes: "array[int] | None" = None
    """The numbers appended to hashes, if there are any, by place in the block."""
    odd: dict[int, Share] = attrs.field(factory=dict)
    """The files of which some property does not fit its column, whole, by id."""


class Blocks(Watched):
    """All blocks: who has them, which are free, and which ids are dead.

    While somebody watches them, no block is released, no file moves, and no word is forgotten: an
    id, or the number of a word, stands for nothing else.
    """

    def __init__(self, capacity: int) -> None:
        super().__init__()
        self.capacity = capacity
        """One more than the highest id there can be."""
        self._limit = capacity >> SHIFT
        self._blocks: list[Block | None] = []
        """By number; None if free."""
        self._free: list[int] = []
        self.speed = np.zeros(self._limit, np.uint8)
        """The link speed of each block's owner."""
        self.reached_by = np.zeros(self._limit, np.uint8)
        """By what others can connect to each block's owner: a Family."""
        self.families = np.zeros(self._limit, np.uint8)
        """By what each block's owner can connect to others: a Family."""
        self._all_by_ipv4 = True
        """Whether every owner there ever was can connect by IPv4."""
        self.relayed = np.zeros(self._limit, np.bool_)
        """Whether each block's owner can be met at a relay."""
        self.free = np.zeros(self._limit, np.bool_)
        """Whether each block's owner has told of a free upload slot."""
        self.largest = np.zeros(self._limit, np.uint32)
        """The size of the largest file each block has had, as in the column of sizes."""
        self.offered = Times(self._limit, BLOCK)
        """When each file was offered."""
        self.shelf_number = np.zeros(self._limit, np.uint32)
        """The number of the shelf each block belongs to."""
        self.dead = BitMap()
        """Ids withdrawn and not yet swept."""
        self._dead_blocks: list[int] = []
        self.deaths = 0
        """How many times ids died."""
        self.releases = 0
        """How many times blocks were released: what an id means has changed since."""
        self.moves = 0
        """How many times files got other ids."""
        self.forgotten = 0
        """How many times words were forgotten, whose numbers are given to others then."""

    @property
    def changes(self) -> int:
        """How many times ids, or numbers of words, came to stand for something else."""
        return self.releases + self.moves + self.forgotten

    @property
    def top(self) -> int:
        """The id before which all ids lie that were ever handed out."""
        return len(self._blocks) << SHIFT

    @property
    def left(self) -> int:
        """How many blocks can still be taken."""
        return self._limit - len(self._blocks) + len(self._free)

    def has_room(self, shelf: Shelf, count: int, width: int) -> bool:
        """Whether so many ids can be taken for files of at most `width` bytes of text each."""
        here = min(shelf.end_id - shelf.next_id, shelf.text_room // width)
        per_block = min(BLOCK, MAX_TEXT // width)
        return count - here <= self.left * per_block

    def __getitem__(self, number: int) -> Block:
        """Return the block of a number (an id shifted by SHIFT)."""
        block = self._blocks[number]
        if block is None:
            raise KeyError(number)
        return block

    def of(self, ids: Ids) -> list[Block]:
        """Return the blocks of ids that are alive."""
        blocks = cast("list[Block]", self._blocks)  # blocks of ids that are alive are not free
        return [blocks[number] for number in (ids >> SHIFT).tolist()]

    def take(self, shelf: Shelf, wanted: int, width: int) -> tuple[int, int]:
        """Take ids in a row for files of at most `width` bytes of text each.

        Returns the first id and how many were taken: at least one, at most as many as wanted.
        """
        if shelf.next_id == shelf.end_id or shelf.text_room < width:
            self._open(shelf)
        first = shelf.next_id
        count = min(wanted, shelf.end_id - first, shelf.text_room // width)
        shelf.next_id += count
        shelf.text_room -= count * width
        block = self[first >> SHIFT]
        block.used += count
        block.alive += count
        return first, count

    def _open(self, shelf: Shelf) -> None:
        if self._free:
            number = self._free.pop()
        else:
            number = len(self._blocks)
            self._blocks.append(None)
        self._blocks[number] = Block(shelf)
        self.largest[number] = 0
        self.offered.begin(number)
        shelf.blocks.append(number)
        shelf.next_id = number << SHIFT
        shelf.end_id = shelf.next_id + BLOCK
        shelf.text_room = MAX_TEXT
        self._describe(shelf, [number])

    def describe(self, shelf: Shelf) -> None:
        """Take over changed properties of a shelf's owner."""
        self._describe(shelf, list(shelf.blocks))

    def _describe(self, shelf: Shelf, numbers: list[int]) -> None:
        self.speed[numbers] = min(shelf.owner.speed, _HIGHEST_SPEED)
        self.reached_by[numbers] = shelf.owner.reached_by
        self.families[numbers] = shelf.owner.families
        self._all_by_ipv4 &= Family.IPV4 in shelf.owner.families
        self.relayed[numbers] = shelf.owner.relayed
        self.free[numbers] = shelf.owner.free
        self.shelf_number[numbers] = shelf.number

    def hides_from(self, asker: Asker) -> bool:
        """Whether there may be owners whom an asker cannot meet."""
        return not (self._all_by_ipv4 and Family.IPV4 in asker.reached_by)

    def connected_to(self, blocks: Some, asker: Asker) -> npt.NDArray[np.bool_]:
        """Tell to which blocks' owners an asker can connect."""
        return _in_common(self.reached_by[blocks], asker.families)

    def met(self, blocks: Some, asker: Asker) -> npt.NDArray[np.bool_]:
        """Tell of which blocks' owners an asker can get files."""
        met = self.connected_to(blocks, asker)
        met |= _in_common(self.families[blocks], asker.reached_by)
        return met | self.relayed[blocks] if asker.relayed else met

    def keep_suffixes(self, ids: Ids, numbers: Sequence[int]) -> None:
        """Keep the numbers appended to the hashes of some files."""
        for file_id, number in zip(ids.tolist(), numbers, strict=True):
            block = self[file_id >> SHIFT]
            if block.suffixes is None:
                block.suffixes = array("I", bytes(4 * BLOCK))
            block.suffixes[file_id % BLOCK] = number

    def suffix(self, file_id: int) -> int:
        """Return the number appended to the hash of a file of which one is kept."""
        suffixes = self[file_id >> SHIFT].suffixes
        assert suffixes is not None, file_id  # noqa: S101  # the form of the file promises it
        return suffixes[file_id % BLOCK]

    def kill(self, file_id: int) -> None:
        """Make an id dead."""
        number = file_id >> SHIFT
        block = self[number]
        self.dead.add(file_id)
        self.deaths += 1
        block.alive -= 1
        block.shelf.dead += 1
        if not block.alive and block.shelf.end_id != (number + 1) << SHIFT:
            self.kill_block(number)

    def kill_all(self, shelf: Shelf) -> None:
        """Make all ids of a shelf dead."""
        numbers = list(shelf.blocks)
        del shelf.blocks[:]
        shelf.close_block()
        shelf.dead = 0
        self._bury(numbers)

    def kill_block(self, number: int) -> None:
        """Make all ids of a block dead that is not the last of its shelf."""
        block = self[number]
        block.shelf.blocks.remove(number)
        block.shelf.dead -= block.used - block.alive
        self._bury([number])

    def _bury(self, numbers: list[int]) -> None:
        for number in numbers:
            first = number << SHIFT
            self.dead.add_range(first, first + BLOCK)
            self[number].text = b""
        self._dead_blocks.extend(numbers)
        self.deaths += 1

    def take_dead_blocks(self) -> list[int]:
        """Return the blocks all of whose ids are dead, to be released once they are swept."""
        numbers, self._dead_blocks = self._dead_blocks, []
        return numbers

    def release(self, numbers: Iterable[int], swept: BitMap) -> None:
        """Make blocks free whose ids are swept; they and other swept ids are dead no more."""
        self.dead -= swept
        for number in numbers:
            self._blocks[number] = None
            self._free.append(number)
        self.releases += 1


def _in_common(families: npt.NDArray[np.uint8], others: Family) -> npt.NDArray[np.bool_]:
    common: npt.NDArray[np.uint8] = families & np.uint8(others)
    return common.astype(np.bool_)
