"""Files on their way into the catalog.

To give each file to each of its words at once would touch postings all over memory for one id each.
So files wait, until enough have come together, no more have come for a while, or somebody asks for
something; then they are settled. With many files that takes a while, and is done in steps.

While questions are asked, all that comes is settled soon, and a question waits for a few files
only: those that are just being taken in, if they are more, are found by a question some
milliseconds later. Else one client that shares without an end would keep everybody waiting.
"""

from collections.abc import Callable
from itertools import chain

from napster.catalog.memory.batch import Batch
from napster.catalog.memory.blocks import Blocks
from napster.catalog.memory.settling import Settler
from napster.catalog.memory.shelf import Shelf
from napster.catalog.memory.slices import Shared, Steps
from napster.catalog.memory.waiting import Waiting

_ENOUGH = 4096
"""While more files wait, no others are taken in."""
_FEW = 64
"""So many files are settled before a question is answered, however many more may come."""
_EAGER = 8192
"""So many files that come after a question are settled soon: there may be another."""


class Intake:
    """Takes batches in and has them settled."""

    def __init__(self, blocks: Blocks, settler: Settler, now: Callable[[], float]) -> None:
        """Take ids from `blocks`; `now` tells the time in seconds since 1970."""
        self._now = now
        self._blocks = blocks
        self._settler = settler
        self._waiting = Waiting()
        self._settling = Waiting()
        """The files that are half settled."""
        self._under_way: Shared | None = None
        self._begun = self._ended = 0
        """How many times settling has begun and ended."""
        self._eager = 0
        """How many of the files that come next are settled soon."""
        self._needed = 0
        """So many times settling must have ended before a question is answered."""

    def add(self, shelf: Shelf, batch: Batch) -> None:
        """Take files in: they get their ids, and wait."""
        self._waiting.add(shelf, batch, int(self._now()), self._blocks)
        shelf.gain(len(batch), 0)
        self._eager = max(0, self._eager - len(batch))

    @property
    def is_quick(self) -> bool:
        """Whether settling takes no longer than a step may."""
        return self._under_way is None and self._waiting.count <= _FEW

    @property
    def ended(self) -> int:
        """How many times settling has ended: no more files were found meanwhile if it is equal."""
        return self._ended

    @property
    def is_due(self) -> bool:
        """Whether it is time to settle, since questions are being asked and many files wait."""
        return self._eager > 0 and not self.is_quick

    def settle(self) -> None:
        """Make all files found at once; many should be settled in steps before."""
        for _ in self.settled():
            pass

    def settle_many(self) -> Steps[None]:
        """Make files found in steps while many wait, so that what waits is never a lot."""
        while self._waiting.count > _ENOUGH:
            yield from self.settled()

    def settle_soon(self) -> Steps[None]:
        """Make all files found that wait now, in steps, and go on while more are due."""
        yield from self.settled()
        while self.is_due:
            yield from self.settled()

    def asked(self) -> Steps[None]:
        """Make files found before a question is answered, all but those that are due anyway."""
        if not self.is_due:
            self._needed = self._last()
        self._eager = _EAGER
        return self._settled_until(self._needed)

    def settled(self) -> Steps[None]:
        """Make all files found that wait now, in steps."""
        return self._settled_until(self._last())

    def settled_of(self, shelf: Shelf) -> Steps[None]:
        """Make all files of a shelf found, in steps; none of them waits when this ends."""
        while self._waits(shelf):
            yield from self.settled()

    def _waits(self, shelf: Shelf) -> bool:
        return any(
            offer.shelf is shelf for offer in chain(self._settling.offers, self._waiting.offers)
        )

    def _last(self) -> int:
        """Return how many times settling will have ended when all is settled that waits now."""
        return self._begun + bool(self._waiting.count)

    def _settled_until(self, ended: int) -> Steps[None]:
        while self._ended < ended:
            if self._under_way is None:
                self._begun += 1
                self._settling, self._waiting = self._waiting, Waiting()
                self._under_way = Shared(self._settler.settle(self._settling))
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
            self._under_way, self._settling = None, Waiting()
            self._ended += 1
