"""The content of one connection on its way to the disk."""

from collections.abc import Callable
from typing import Final, Protocol, cast

import attrs
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.python.failure import Failure

from napster.peer.downloads.disk import Worker
from napster.peer.downloads.errors import LostError, StalledError, SurplusError
from napster.peer.downloads.intake import Intake
from napster.units import format_size

READ_SIZE: Final = 256 << 10
"""How many bytes are read from a connection at once."""
BATCH: Final = 512 << 10
"""How many bytes are written at once: the most that a killed process has to fetch again."""
PAUSE_AT: Final = 8 << 20
RESUME_AT: Final = 4 << 20
"""How many bytes may wait for the disk before the source has to wait, and until when."""
TICK: Final = 1.0
"""After how many seconds what came is written, however little it is."""
STALL_TIME: Final = 60.0
STALL_BYTES: Final = 1024
"""A source that sends fewer bytes in so many seconds is given up; a 14.4 modem sends 80,000."""
LINGER: Final = 2.0
"""How many seconds the end of a resumed file is watched for a source that sends too much."""


class Transport(Protocol):
    """What is asked of a connection."""

    bufferSize: int  # noqa: N815  # Twisted's name

    def pauseProducing(self) -> None:
        """Stop reading."""

    def resumeProducing(self) -> None:
        """Read again."""

    def loseConnection(self) -> None:  # noqa: N802  # Twisted's name
        """Close the connection."""


@attrs.frozen
class Expected:
    """What one source is to send: `count` bytes that end a file of `size` bytes."""

    size: int
    count: int

    @property
    def resumed(self) -> bool:
        """Whether the source was asked for less than the whole file."""
        return self.count < self.size


class Reception:
    """Where the content from one source goes: a Receiver.

    `done` fires once all is on the disk. It errbacks with a SourceError, or with an OSError of
    the disk. Cancelling it closes the connection. Either way what came before is still written.
    """

    def __init__(
        self,
        clock: IReactorTime,
        worker: Worker,
        intake: Intake,
        expected: Expected,
        stored: Callable[[int], None],
    ) -> None:
        """Call `stored` with how much of the file is here, as often as that changes."""
        self._clock = clock
        self._worker = worker
        self._intake = intake
        self._expected = expected
        self._stored = stored
        self._transport: Transport | None = None
        self._left = expected.count
        self._batch: list[bytes] = []
        self._batched = 0
        self._queued = 0
        self._paused = False
        self._surplus = False
        self._over = False
        self._seen = (clock.seconds(), self._left)
        self._timer: IDelayedCall = clock.callLater(TICK, self._tick)
        self.done: Deferred[None] = Deferred(lambda _: self._leave())

    @property
    def began(self) -> int:
        """From where on what is here came from this source."""
        return self._intake.began

    def connected(self, transport: object) -> None:
        """Take note of the connection the content comes by."""
        self._transport = cast("Transport", transport)  # every push producer of Twisted is one
        self._transport.bufferSize = READ_SIZE
        if self._over:
            self._transport.loseConnection()
        elif self._left == 0:
            self._complete()

    def received(self, data: bytes) -> None:
        """Take content, in order."""
        if self._over:
            return
        self._left -= len(data)
        if self._left < 0:
            data = data[: self._left]
            self._surplus = True
        self._batch.append(data)
        self._batched += len(data)
        if self._batched >= BATCH or self._left <= 0:
            self._flush()
        if self._left <= 0 and not self._queued:
            self._complete()

    def lost(self, reason: str) -> None:
        """Take note that the connection ended, which is as it should be once all has come."""
        self._transport = None
        if self._left > 0:
            came = format_size(self._expected.count - self._left)
            self._end(LostError(f"the connection ended after {came}: {reason}"))
        elif not self._queued:
            self._complete()

    def abandon(self) -> None:
        """Let the connection go if it is still there; nobody waits for `done` any more."""
        self.done.addErrback(lambda _: None)
        self.done.cancel()

    def _flush(self) -> None:
        if not self._batched:
            return
        chunks, count = self._batch, self._batched
        self._batch, self._batched = [], 0
        self._queued += count
        self._worker.run(self._intake.take, chunks).addCallbacks(
            self._on_stored, self._on_failed, callbackArgs=(count,)
        )
        if self._queued >= PAUSE_AT and not self._paused and self._transport:
            self._paused = True
            self._transport.pauseProducing()

    def _on_stored(self, here: int, count: int) -> None:
        self._queued -= count
        self._stored(here)
        if self._paused and self._queued <= RESUME_AT and self._transport:
            self._paused = False
            self._transport.resumeProducing()
        if self._left <= 0 and not self._queued:
            self._complete()

    def _on_failed(self, failure: Failure) -> None:
        self._end(failure.value)

    def _complete(self) -> None:
        """All has come and is on the disk: end, or see whether the source goes on sending."""
        if self._over:
            return
        if self._surplus:
            self._end(SurplusError("it sends more than it announced"))
        elif self._expected.resumed and self._transport:
            self._timer.reset(LINGER)
        else:
            self._end(None)

    def _tick(self) -> None:
        if self._left <= 0 and not self._queued:
            self._end(None)
            return
        self._flush()
        now, (then, left_then) = self._clock.seconds(), self._seen
        if self._paused or self._left <= 0 or left_then - self._left >= STALL_BYTES:
            self._seen = (now, self._left)
        elif now - then >= STALL_TIME:
            self._end(StalledError(f"it has sent next to nothing for {STALL_TIME:.0f} s"))
            return
        self._timer = self._clock.callLater(TICK, self._tick)

    def _end(self, error: BaseException | None) -> None:
        if self._over:
            return
        self._leave()
        if error is None:
            self.done.callback(None)
        else:
            self.done.errback(error)

    def _leave(self) -> None:
        """Write what came and let the connection go."""
        self._over = True
        self._flush()
        if self._timer.active():
            self._timer.cancel()
        if self._transport:
            self._transport.loseConnection()
