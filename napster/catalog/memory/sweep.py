"""Taking dead ids out of the postings, so that their blocks can be used again.

The sweep goes through all words while files come and go. It removes what was dead when it began;
what dies meanwhile waits for the next one. Words left without a file are forgotten at the end.
"""

from collections.abc import Iterator

import numpy as np
import numpy.typing as npt
from pyroaring import BitMap

from napster.catalog.memory.blocks import Blocks, Ids
from napster.catalog.memory.contents import Contents
from napster.catalog.memory.intake import Intake
from napster.catalog.memory.postings import Postings
from napster.catalog.memory.settling import Settler
from napster.catalog.memory.slices import Shared, Steps
from napster.catalog.memory.vocabulary import NO_WORD

_IDS = 1 << 16
_FORGOTTEN = 500


class Sweeper:
    """Sweeps, one sweep at a time."""

    def __init__(
        self,
        blocks: Blocks,
        intake: Intake,
        settler: Settler,
        postings: Postings,
        contents: Contents,
    ) -> None:
        self._blocks = blocks
        self._intake = intake
        self._settler = settler
        self._postings = postings
        self._contents = contents
        self._under_way: Shared | None = None

    def sweep(self) -> Steps[None]:
        """Remove what is dead now, or go on with the sweep that is under way."""
        if self._under_way is None or self._under_way.over:
            self._under_way = Shared(self._sweep())
        return self._under_way.carry_out()

    def _sweep(self) -> Steps[None]:
        released = self._blocks.take_dead_blocks()
        dead = self._blocks.dead.copy()
        yield from self._intake.settled()  # what is dead stands in the postings then
        yield from self._postings.hand_out()
        is_dead = yield from self._mask(dead)
        empty: list[int] = []
        for first, end in self._postings.rare_portions():
            empty += self._postings.sweep_rare(first, end, is_dead)
            yield
        for number in list(self._postings.common):
            self._postings.sweep_common(number, dead)
            if not self._postings.count(number):
                empty.append(number)
            yield
        yield from self._forget_contents(dead)
        while self._blocks.watchers:
            yield
        self._blocks.release(released, dead)
        yield from self._contents.sweep()
        yield from self._forget(empty)

    def _mask(self, dead: BitMap) -> Steps[npt.NDArray[np.bool_]]:
        """Make an array that tells of each id there can ever be whether it is dead."""
        is_dead = np.zeros(self._blocks.capacity, np.bool_)
        for ids in self._portions(dead):
            is_dead[ids] = True
            yield
        return is_dead

    def _forget_contents(self, dead: BitMap) -> Steps[None]:
        for ids in self._portions(dead):
            self._contents.forget(ids)
            yield

    def _portions(self, ids: BitMap) -> Iterator[Ids]:
        """Take ids apart: to make one array of all of a large catalog would take long."""
        for first in range(0, self._blocks.top, _IDS):
            some = ids & BitMap(range(first, first + _IDS))
            yield np.frombuffer(some.to_array(), np.uint32)

    def _forget(self, numbers: list[int]) -> Steps[None]:
        """Forget words that still have no file."""
        for first in range(0, len(numbers), _FORGOTTEN):
            yield from self._intake.at_rest()
            while self._blocks.watchers:
                yield
                yield from self._intake.at_rest()
            unused = self._postings.unused(numbers[first : first + _FORGOTTEN])
            self._settler.forget(number for number in unused if number > NO_WORD)
            self._blocks.forgotten += 1
            yield
