"""Telling the index what is shared: everything after a login, then every change."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice

from twisted.internet.interfaces import IDelayedCall, IPushProducer, IReactorTime
from zope.interface import implementer

from napster.peer.index_link.offers import share_messages
from napster.wire.messages import Message
from napster.wire.messages.sharing import Share, ShareDirectory, Unshare

SLICE = 8
"""How many messages go out in one turn of the reactor: some 100 files, 2 ms of work."""
PAUSE = 0.005
"""How many seconds to leave to everything else between two turns."""


@implementer(IPushProducer)
class Registration:
    """What is still to be told in one session, in order, as fast as the index reads.

    The transport pauses it: nothing piles up for an index that is slow to take a big library.
    """

    def __init__(
        self, clock: IReactorTime, send: Callable[[Message], None], was_read: Callable[[], None]
    ) -> None:
        """Call `was_read` when the index has read what it was sent."""
        self._clock = clock
        self._send = send
        self._was_read = was_read
        self._todo: deque[Iterator[Message]] = deque()
        self._added: set[bytes] | None = None
        self._paused = False
        self._stopped = False
        self._next_turn: IDelayedCall | None = None
        self.told = 0
        """How many files the index knows of."""

    def begin(self, shared: Iterable[Share]) -> None:
        """Offer all that is shared, in turns; what is added meanwhile is not offered twice."""
        self._added = added = set[bytes]()
        self._queue(share_messages(self._not_in(added, shared)))

    def _not_in(self, added: set[bytes], shared: Iterable[Share]) -> Iterator[Share]:
        for file in shared:
            if file.path not in added:
                yield file
        self._added = None

    def add(self, files: Sequence[Share]) -> None:
        """Offer files."""
        if self._added is not None:
            self._added.update(file.path for file in files)
        self._queue(share_messages(files))

    def remove(self, paths: Sequence[bytes]) -> None:
        """Withdraw files by path."""
        self._queue(map(Unshare, paths))

    def _queue(self, messages: Iterator[Message]) -> None:
        self._todo.append(messages)
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
            self._next_turn = self._clock.callLater(PAUSE, self._take_turn)

    def _take_turn(self) -> None:
        self._next_turn = None
        if not self._paused:
            self._fill_turn()
        self._go_on()

    def _fill_turn(self) -> None:
        sent = 0
        while self._todo and sent < SLICE:
            turn = list(islice(self._todo[0], SLICE - sent))
            for message in turn:
                self._send(message)
                self._count(message)
            sent += len(turn)
            if sent < SLICE:
                self._todo.popleft()

    def _count(self, message: Message) -> None:
        if isinstance(message, Unshare):
            self.told -= 1
        else:
            self.told += len(message.files) if isinstance(message, ShareDirectory) else 1
