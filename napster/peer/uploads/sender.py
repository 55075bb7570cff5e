"""The sending itself: a range of a file that must not change meanwhile, at the reader's pace."""

from collections import deque
from collections.abc import Callable
from typing import Final

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.protocols.basic import FileSender

from napster.daemon.sockets import is_encrypted
from napster.peer.library.serve import OpenFile

SMALLEST_CHUNK: Final = 2**14
"""For slow readers, in bytes: what one of them costs in memory."""
LARGEST_CHUNK: Final = 2**18
"""For fast readers, in bytes; beyond that nothing is gained."""
LARGEST_TLS_CHUNK: Final = 2**17 - 2**10
"""The same over TLS: encrypted, it is just less than Twisted gives a socket at once."""
ALL_CHUNKS: Final = 2**24
"""What the chunks of all uploads together may cost in memory, in bytes, if they are not small."""
CHUNK_TIME: Final = 0.25
"""A chunk in between lasts so many seconds."""
EARNED: Final = 16
"""No chunk is more than this part of what has been taken: the buffers on the way to a reader who
does not read fill at any rate."""

RATE_WINDOW: Final = 5.0
"""Rates are measured over so many seconds."""


class SendError(Exception):
    """Sending has failed; the text is one sentence."""


class RangedFile:
    """What is to be sent of an open file: from an offset up to the size it had when hashed.

    Or less of it, if `length` says so.

    `read` returns nothing at the end, when no more is allowed, and also when the file cannot be
    read or is no longer what was hashed: `trouble` then says what is wrong with it. `moved` is
    told of the bytes read.
    """

    def __init__(
        self,
        opened: OpenFile,
        offset: int,
        moved: Callable[[int], None],
        length: int | None = None,
    ) -> None:
        self.left = opened.file.size - offset if length is None else length
        """How many bytes have not been read yet."""
        self.allowed = self.left
        """How many of them may be read for now."""
        self._opened = opened
        self._moved = moved
        self.trouble = ""
        opened.stream.seek(offset)

    def read(self, size: int) -> bytes:
        """Read at most `size` bytes. May block for as long as the disk takes."""
        wanted = min(size, self.left, self.allowed)
        if not wanted:
            return b""
        try:
            chunk = self._opened.stream.read(wanted) or b""
            unchanged = self._opened.is_unchanged()
        except OSError as error:
            self.trouble = f"it cannot be read any more: {error.strerror}"
            return b""
        if not unchanged or not chunk:
            self.trouble = "it was changed while it was being sent"
            return b""
        self.left -= len(chunk)
        self.allowed -= len(chunk)
        self._moved(len(chunk))
        return chunk


class ChunkBudget:
    """The memory for chunks that are not small, shared by those whose readers take such."""

    def __init__(self) -> None:
        self._left = ALL_CHUNKS

    def exchange(self, before: int, wanted: int) -> int:
        """Give back a chunk, of `before` bytes, and get one of so many, or of as many as may be."""
        self._left += max(0, before - SMALLEST_CHUNK)
        size = max(SMALLEST_CHUNK, min(wanted, LARGEST_CHUNK, self._left))
        self._left -= size - SMALLEST_CHUNK
        return size


class Meter:
    """Counts bytes, and tells at what rate they have been moving lately."""

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._marks: deque[tuple[float, int]] = deque()
        self.total = 0

    def add(self, count: int) -> None:
        """Count bytes that have moved."""
        now = self._clock.seconds()
        if not self._marks or now - self._marks[-1][0] >= RATE_WINDOW / 10:
            self._marks.append((now, self.total))
        while len(self._marks) > 1 and now - self._marks[1][0] >= RATE_WINDOW:
            self._marks.popleft()
        self.total += count

    @property
    def rate(self) -> float:
        """Bytes per second over the last few seconds."""
        if not self._marks:
            return 0.0
        began, before = self._marks[0]
        seconds = self._clock.seconds() - began
        return (self.total - before) / seconds if seconds > 0 else 0.0


class Sender(FileSender):
    """A FileSender that says what is wrong: its Deferred errbacks with a SendError."""

    def stopProducing(self) -> None:
        """End: the connection is lost."""
        if self.deferred is not None:
            waiting, self.deferred = self.deferred, None
            waiting.errback(SendError("the other side closed the connection"))


class UploadSender(Sender):
    """A FileSender whose chunks suit how much has been taken so far, and at what rate.

    Over TLS it pushes chunks until it is paused: to TLS, Twisted lets nothing pull but by a task
    of its own, which costs more a chunk than sending it.
    """

    CHUNK_SIZE = SMALLEST_CHUNK

    def __init__(self, meter: Meter, grant: Callable[[int], int]) -> None:
        """Go by a meter that counts what is sent; `grant` is told what would suit, in bytes."""
        self._meter = meter
        self._grant = grant
        self._is_paused = False

    def beginFileTransfer(  # noqa: N802  # Twisted's name
        self, file: RangedFile, consumer: object, transform: None = None
    ) -> Deferred[bytes]:
        """Write a file to a transport. Fires when all of it is written; errbacks a SendError."""
        sent: Deferred[bytes]
        if not is_encrypted(consumer):
            sent = super().beginFileTransfer(file, consumer, transform)
            return sent
        self.file, self.consumer, self.transform = file, consumer, transform
        self.deferred = sent = Deferred()
        self.consumer.registerProducer(self, streaming=True)
        self._push()
        return sent

    def pauseProducing(self) -> None:
        """Write no more for now."""
        self._is_paused = True

    def resumeProducing(self) -> None:
        """Go on: what was written before has been taken."""
        if is_encrypted(self.consumer):
            self._is_paused = False
            self._push()
        else:
            self._write_chunk()

    def _push(self) -> None:
        while self.deferred is not None and not self._is_paused:
            self._write_chunk()

    def _write_chunk(self) -> None:
        suits = min(int(self._meter.rate * CHUNK_TIME), self._meter.total // EARNED)
        self.CHUNK_SIZE = self._grant(suits)
        super().resumeProducing()
