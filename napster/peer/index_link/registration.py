"""Telling the index what is shared: everything after a login, then every change."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence

import attrs
from twisted.internet.interfaces import IDelayedCall, IPushProducer, IReactorTime
from zope.interface import implementer

from napster.peer.index_link.offers import Batch, Form, OldForm, batches
from napster.peer.index_link.refusals import Refusals
from napster.peer.library.shared_file import SharedFile
from napster.wire.extension import ContentShared
from napster.wire.fields import display
from napster.wire.messages.sharing import Unshare

TURN = 0.004
"""How many seconds one turn of the reactor may be worked before others have theirs."""
MOST = 2**16
"""How many bytes are written in a turn at most: as many as a transport takes before it pauses."""


@attrs.frozen
class _Withdrawal:
    path: bytes

    @property
    def frame(self) -> bytes:
        return Unshare(self.path).frame()


_Step = Batch | _Withdrawal | None


@implementer(IPushProducer)
class Registration:
    """What is still to be told in one session, in order, as fast as the index reads.

    The transport pauses it: nothing piles up for an index that is slow to take a big library.
    """

    def __init__(
        self, clock: IReactorTime, write: Callable[[bytes], None], was_read: Callable[[], None]
    ) -> None:
        """Call `was_read` when the index has read what was written."""
        self._clock = clock
        self._write = write
        self._was_read = was_read
        self._form: Form = OldForm()
        self._todo: deque[Iterator[_Step]] = deque()
        self._unanswered: dict[int, Batch] = {}
        self._added: set[bytes] | None = None
        self._paused = False
        self._stopped = False
        self._next_turn: IDelayedCall | None = None
        self.told = 0
        """How many files the index knows of."""
        self.refused = Refusals()
        """Those that it does not take, if it says so file by file."""

    def begin(self, form: Form, shared: Iterable[SharedFile]) -> None:
        """Offer all that is shared, in turns; what is added meanwhile is not offered twice."""
        self._form = form
        self._added = set[bytes]()
        self._queue(self._first(shared, self._added))

    def _first(self, shared: Iterable[SharedFile], added: set[bytes]) -> Iterator[_Step]:
        yield from batches(self._form, shared, skip=added)
        self._added = None

    def add(self, files: Sequence[SharedFile]) -> None:
        """Offer files."""
        if self._added is not None:
            self._added.update(file.path for file in files)
        self._queue(batches(self._form, files))

    def remove(self, paths: Sequence[bytes]) -> None:
        """Withdraw files by path."""
        self._queue(map(_Withdrawal, paths))

    def answered(self, answer: ContentShared) -> None:
        """Hear which files of a batch the index takes."""
        batch = self._unanswered.pop(answer.batch, None)
        if batch is None:
            return
        self.told += min(answer.accepted, len(batch.names))
        for each in answer.refused:
            if each.place < len(batch.names):
                path = batch.directory + batch.names[each.place]
                self.refused.add(path, display(each.reason.encode()))

    def _queue(self, told: Iterator[_Step]) -> None:
        self._todo.append(told)
        self._go_on()

    def pauseProducing(self) -> None:
        """Wait until the index has read what was sent."""
        self._paused = True

    def resumeProducing(self) -> None:
        """Go on."""
        self._was_read()
        self._paused = False
        self._go_on()

    def stopProducing(self) -> None:
        """End for good: the session is over."""
        self._stopped = True
        self._todo.clear()
        if self._next_turn is not None:
            self._next_turn.cancel()
            self._next_turn = None

    def _go_on(self) -> None:
        idle = self._next_turn is None
        if idle and self._todo and not self._paused and not self._stopped:
            self._next_turn = self._clock.callLater(0, self._take_turn)

    def _take_turn(self) -> None:
        self._next_turn = None
        if not self._paused:
            self._write(b"".join(self._work()))
        self._go_on()

    def _work(self) -> Iterator[bytes]:
        """Make as many frames as a turn has time and room for."""
        end, size = self._clock.seconds() + TURN, 0
        while self._todo and size < MOST and self._clock.seconds() < end:
            try:
                step = next(self._todo[0])
            except StopIteration:
                self._todo.popleft()
                continue
            if step is not None:
                self._count(step)
                size += len(step.frame)
                yield step.frame

    def _count(self, step: Batch | _Withdrawal) -> None:
        if isinstance(step, _Withdrawal):
            self.told -= not self.refused.withdraw(step.path)
        elif step.number is None:
            self.told += len(step.names)
        else:
            self._unanswered[step.number] = step
