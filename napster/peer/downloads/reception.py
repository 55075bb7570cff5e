"""The content of one connection of the old protocol on its way to the disk."""

from typing import Final, Protocol, cast

import attrs
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall
from twisted.python.failure import Failure

from napster.peer.downloads.claims import Claims
from napster.peer.downloads.errors import LostError, StalledError, SurplusError
from napster.peer.downloads.intake import Intake
from napster.peer.downloads.team import Team
from napster.peer.library.hash import PIECE_SIZE
from napster.units import format_size

READ_SIZE: Final = 256 << 10
"""How many bytes are read from a connection at once."""
BATCH: Final = 512 << 10
"""How many bytes are written at once: the most that a killed process has to fetch again."""
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
    """What one source is to send: a file of `size` bytes from `start` on."""

    size: int
    start: int
    is_checked: bool = False
    """Whether every piece is checked, so that what comes behind the end tells nothing new."""


class Reception:
    """Where the content from one source goes: a Receiver, and a Run of the team.

    `done` fires once all that was claimed is on the disk. It errbacks with a SourceError, or with
    an OSError of the disk. Cancelling it closes the connection. Either way what came before is
    still written.
    """

    def __init__(self, team: Team, claims: Claims, intake: Intake, expected: Expected) -> None:
        self._team = team
        self._claims = claims
        self._intake = intake
        self._expected = expected
        self._transport: Transport | None = None
        self._at = expected.start
        self._is_enough = expected.start == expected.size
        self._batch: list[bytes] = []
        self._batched = 0
        self._queued = 0
        self._surplus = False
        self._over = False
        self._seen = (team.now, self._at)
        self._timer: IDelayedCall = team.clock.callLater(TICK, self._tick)
        self.member = claims.member
        self.done: Deferred[None] = Deferred(lambda _: self._leave())
        team.join(self)

    @property
    def began(self) -> int:
        """From where on what is here came from this source."""
        return self._intake.began

    @property
    def start(self) -> int:
        """The offset that was asked for."""
        return self._expected.start

    @property
    def came(self) -> int:
        """How many bytes have come."""
        return self._at - self._expected.start

    # A Receiver.

    def connected(self, transport: object) -> None:
        """Take note of the connection the content comes by."""
        self._transport = cast("Transport", transport)  # every push producer of Twisted is one
        self._transport.bufferSize = READ_SIZE
        if self._over:
            self._transport.loseConnection()
            return
        if self._team.backlog.full:
            self.pause()
        if self._is_enough:
            self._complete()

    def received(self, data: bytes) -> None:
        """Take content, in order."""
        if self._over or (self._is_enough and self._at < self._expected.size):
            return
        left = self._expected.size - self._at
        if len(data) > left:
            data = data[:left]
            self._surplus = True
        while data and not self._is_enough:
            data = data[self._take(data) :]
        if self._batched >= BATCH or self._is_enough:
            self._flush()
        if self._is_enough and not self._queued:
            self._complete()

    def lost(self, reason: str) -> None:
        """Take note that the connection ended, which is as it should be once all has come."""
        self._transport = None
        if not self._is_enough:
            came = format_size(self.came)
            self._end(LostError(f"the connection ended after {came}: {reason}"))
        elif not self._queued:
            self._complete()

    def abandon(self) -> None:
        """Let the connection go if it is still there; nobody waits for `done` any more."""
        self.done.addErrback(lambda _: None)
        self.done.cancel()

    # A Run.

    def pause(self) -> None:
        """Stop reading."""
        if self._transport:
            self._transport.pauseProducing()

    def resume(self) -> None:
        """Read on."""
        if self._transport:
            self._transport.resumeProducing()

    def fill(self) -> None:
        """Ask for nothing: what comes next is settled when a piece ends."""

    def drop(self, piece: int) -> None:  # noqa: ARG002  # what is left of all counts
        """Hang up if others have finished what this source was to send."""
        if self._claims.needless() and not self._is_enough:
            self._is_enough = True
            self._flush()
            if not self._queued:
                self._complete()

    # Inside.

    def _take(self, data: bytes) -> int:
        """Take content up to the end of a piece; tell how much that was."""
        piece = self._at // PIECE_SIZE
        end = min((piece + 1) * PIECE_SIZE, self._expected.size)
        step = data[: end - self._at]
        self._batch.append(step)
        self._batched += len(step)
        self._at += len(step)
        self._claims.came(piece, len(step))
        if self._at == end:
            ends = end == self._expected.size or not self._claims.go_on(piece + 1)
            self._is_enough = ends
        return len(step)

    def _flush(self) -> None:
        if not self._batched:
            return
        chunks, count = self._batch, self._batched
        self._batch, self._batched = [], 0
        self._queued += count
        self._team.backlog.add(count)
        self._team.worker.run(self._intake.take, chunks).addBoth(self._on_stored, count)

    def _on_stored(self, result: int | Failure, count: int) -> None:
        self._queued -= count
        self._team.backlog.stored(count)
        self._team.stored(self._team.target.part.here)
        for piece in self._intake.finished():
            self._claims.finished(piece)
        if isinstance(result, Failure):
            self._end(result.value)
            return
        if self._is_enough and not self._queued:
            self._complete()

    def _complete(self) -> None:
        """All has come and is on the disk: end, or see whether the source goes on sending."""
        if self._over:
            return
        expected = self._expected
        at_end = self._at == expected.size and expected.start > 0 and not expected.is_checked
        if self._surplus:
            self._end(SurplusError("it sends more than it announced"))
        elif at_end and self._transport:
            self._timer.reset(LINGER)
        else:
            self._end(None)

    def _tick(self) -> None:
        if self._is_enough and not self._queued:
            self._end(None)
            return
        self._flush()
        now, (then, at_then) = self._team.now, self._seen
        if self._team.backlog.full or self._is_enough or self._at - at_then >= STALL_BYTES:
            self._seen = (now, self._at)
        elif now - then >= STALL_TIME:
            self._end(StalledError(f"it has sent next to nothing for {STALL_TIME:.0f} s"))
            return
        self._timer = self._team.clock.callLater(TICK, self._tick)

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
        self._team.leave(self)
