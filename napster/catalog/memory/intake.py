"""Files on their way into the catalog.

To give each file to each of its words at once would touch postings all over memory for one id each.
So files wait, until enough have come together or somebody asks for something; then they are
settled. With many files that takes a while, and is done in steps; whoever asks for something
meanwhile first carries out the steps that are left.
"""

from collections.abc import Callable

from napster.catalog.memory.batch import Batch
from napster.catalog.memory.blocks import Blocks
from napster.catalog.memory.settling import Settler
from napster.catalog.memory.shelf import Shelf
from napster.catalog.memory.slices import Shared, Steps
from napster.catalog.memory.waiting import Offer, Waiting

_ENOUGH = 4096
"""So many files are settled without being asked for."""
_FEW = 512
_EAGER = 2048
"""Of so many files that come after a question, only a few wait: there may be another soon."""


class Intake:
    """Takes batches in and has them settled."""

    def __init__(self, blocks: Blocks, settler: Settler, now: Callable[[], float]) -> None:
        """Take ids from `blocks`; `now` tells the time in seconds since 1970."""
        self._now = now
        self._blocks = blocks
        self._settler = settler
        self._waiting = Waiting()
        self._under_way: Shared | None = None
        self._begun = self._ended = 0
        """How many times settling has begun and ended."""
        self._eager = 0
        """Of how many files that come next only a few may wait."""

    def add(self, shelf: Shelf, batch: Batch) -> None:
        """Take files in: they get their ids, and wait."""
        offer = Offer(self._waiting.count, shelf, batch, int(self._now()))
        self._waiting.add(offer, self._blocks)
        shelf.gain(len(batch.paths), 0)
        self._eager = max(0, self._eager - len(batch.paths))

    @property
    def is_quick(self) -> bool:
        """Whether settling takes no longer than a step may."""
        return self._under_way is None and self._waiting.count <= _FEW

    def settle(self) -> None:
        """Make all files found at once; many should be settled in steps before."""
        for _ in self.settled():
            pass

    def settle_many(self) -> Steps[None]:
        """Make files found in steps until few wait, so that what waits is never a lot."""
        while self._waiting.count > (_FEW if self._eager else _ENOUGH):
            yield from self.settled()

    def asked(self) -> Steps[None]:
        """Make all files found that wait now, in steps, and for a while let only a few wait."""
        self._eager = _EAGER
        yield from self.settled()

    def settled(self) -> Steps[None]:
        """Make all files found that wait now, in steps."""
        last = self._begun + bool(self._waiting.count)
        while self._ended < last:
            if self._under_way is None:
                self._begun += 1
                self._under_way = Shared(self._settler.settle(self._waiting))
                self._waiting = Waiting()
            self._go_on(self._under_way)
            yield

    def at_rest(self) -> Steps[None]:
        """Finish in steps what is half settled; what waits goes on waiting."""
        while self._under_way is not None:
            self._go_on(self._under_way)
            yield

    def _go_on(self, settling: Shared) -> None:
        settling.go_on()
        if settling.over:
            self._under_way = None
            self._ended += 1
