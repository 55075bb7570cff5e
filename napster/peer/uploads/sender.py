"""The sending itself: a range of a file that must not change meanwhile, at the reader's pace."""

from collections import deque
from collections.abc import Callable
from typing import Final

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.tcp import Connection
from twisted.protocols.basic import FileSender
from twisted.python.failure import Failure

from napster.daemon.sockets import is_encrypted
from napster.peer.library.serve import OpenFile
from napster.peer.library.shared_file import SharedFileError

FIRST_CHUNK: Final = 2**12
"""For readers who have not taken much yet, in bytes: what one who never does costs in memory."""
SMALL_CHUNK: Final = 2**14
"""For slow readers, in bytes."""
LARGEST_CHUNK: Final = 2**18
"""For fast readers, in bytes; beyond that nothing is gained."""
LARGEST_TLS_CHUNK: Final = 2**17 - 2**10
"""The same over TLS: encrypted, it is just less than Twisted gives a socket at once."""
SENT_DIRECTLY: Final = 4
"""What the kernel sends by itself costs no memory: so many chunks in one turn."""
MOST_QUEUED: Final = 2**20
"""So many bytes may wait in the kernel for each of the fastest readers, so that it waits for no
turn of the reactor. Those that the kernel sends by itself take next to no memory there."""
ALL_CHUNKS: Final = 2**24
"""What the chunks of all uploads together may cost in memory, in bytes, if they are not small."""
GATHERED: Final = 64_000
"""Twisted gathers what is less for its next turn, over TLS: until then it asks for no pause."""
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

    Or less of it, if `length` says so. `moved` is told of the bytes read or sent.

    `read` returns nothing at the end, when no more is allowed, and also when the file cannot be
    read or is no longer what was hashed: `trouble` then says, in a sentence, what is wrong with it.
    """

    def __init__(
        self,
        opened: OpenFile,
        offset: int,
        moved: Callable[[int], None],
        length: int | None = None,
    ) -> None:
        self.left = opened.file.size - offset if length is None else length
        """How many bytes have not been read or sent yet."""
        self.allowed = self.left
        """How many of them may be for now."""
        self.trouble = ""
        self._opened = opened
        self._offset = offset
        self._moved = moved
        self._fetched = b""

    def read(self, size: int) -> bytes:
        """Read at most `size` bytes. Raises BlockingIOError if they are to be fetched first."""
        wanted = self._at_most(size)
        if not wanted or self.trouble:
            return b""
        if not self._fetched and not self._opened.is_cached(self._offset, wanted):
            raise BlockingIOError
        try:
            chunk = self._fetched or self._opened.read(self._offset, wanted)
        except SharedFileError as error:
            self.trouble = str(error)
            return b""
        self._fetched = b""
        self._note(len(chunk))
        return chunk

    async def fetch(self, size: int) -> None:
        """Wait for the disk to read what `read` returns next: at most `size` bytes."""
        try:
            self._fetched = await self._opened.fetch(self._offset, self._at_most(size))
        except SharedFileError as error:
            self.trouble = str(error)

    def send(self, socket: int, size: int) -> bool:
        """Have the kernel send at most `size` bytes by a socket, as many as there is room for.

        Returns False if that cannot be done: what is next is to be read.
        """
        wanted = self._at_most(size)
        if not wanted or self._fetched or self.trouble:
            return False
        try:
            if not (self._opened.is_cached(self._offset, wanted) and self._opened.is_unchanged()):
                return False
            sent = self._opened.send(socket, self._offset, wanted)
        except BlockingIOError:
            return True
        except OSError:
            return False  # of the file or the socket: reading and writing will tell
        self._note(sent)
        return sent > 0

    def _at_most(self, size: int) -> int:
        return min(size, self.left, self.allowed)

    def _note(self, size: int) -> None:
        self.left -= size
        self.allowed -= size
        self._offset += size
        self._moved(size)


class ChunkBudget:
    """The memory for chunks that are not small, shared by those whose readers take such."""

    def __init__(self) -> None:
        self._left = ALL_CHUNKS

    def exchange(self, before: int, wanted: int) -> int:
        """Give back a chunk, of `before` bytes, and get one of so many, or of as many as may be."""
        self._left += max(0, before - SMALL_CHUNK)
        size = max(FIRST_CHUNK, min(wanted, LARGEST_CHUNK, SMALL_CHUNK + self._left))
        self._left -= max(0, size - SMALL_CHUNK)
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

    It waits for no disk. By plain TCP it has the kernel send what is in memory straight from the
    file, whenever the transport holds nothing. Over TLS it pushes chunks until it is paused: to
    TLS, Twisted lets nothing pull but by a task of its own, which costs more than sending a chunk.
    """

    CHUNK_SIZE = FIRST_CHUNK

    def __init__(self, clock: IReactorTime, meter: Meter, grant: Callable[[int], int]) -> None:
        """Go by a meter that counts what is sent; `grant` is told what would suit, in bytes."""
        self._clock = clock
        self._meter = meter
        self._grant = grant
        self._pushes = False
        self._is_paused = False
        self._is_waiting = False
        """For the disk, or for a turn of the reactor in which Twisted may ask for a pause."""
        self._connection: Connection | None = None
        """If the kernel is to send the file by itself: by this one."""
        self._is_drained = False

    def beginFileTransfer(  # noqa: N802  # Twisted's name
        self, file: RangedFile, consumer: object, transform: None = None
    ) -> Deferred[bytes]:
        """Write a file to a transport. Fires when all of it is written; errbacks a SendError."""
        self.file, self.consumer, self.transform = file, consumer, transform
        self.deferred = sent = Deferred[bytes]()
        self._pushes = is_encrypted(consumer)
        if not self._pushes and isinstance(consumer, Connection) and file.allowed > LARGEST_CHUNK:
            self._connection = consumer
        self.consumer.registerProducer(self, streaming=self._pushes)
        if self._pushes:
            self._go_on()
        return sent

    def pauseProducing(self) -> None:
        """Write no more for now."""
        self._is_paused = True

    def resumeProducing(self) -> None:
        """Go on: what was written before has been taken."""
        self._is_paused = False
        self._go_on()

    def _go_on(self) -> None:
        while not (self.deferred is None or self._is_waiting or self._is_paused):
            self._send_chunk()
            if not self._pushes:
                break
            if self.CHUNK_SIZE < GATHERED and not self._is_waiting:
                self._is_waiting = True
                self._clock.callLater(0, self._waited)

    def _send_chunk(self) -> None:
        lasting = max(SMALL_CHUNK, int(self._meter.rate * CHUNK_TIME))
        self.CHUNK_SIZE = self._grant(min(lasting, self._meter.total // EARNED))
        if self._connection is not None and self._send_directly(self._connection):
            return
        try:
            super().resumeProducing()
        except BlockingIOError:
            self._fetch()

    def _send_directly(self, connection: Connection) -> bool:
        # Asked the first time, the transport may still hold what was written before.
        before, self._is_drained = self._is_drained, True
        if before and not self.file.send(connection.fileno(), SENT_DIRECTLY * self.CHUNK_SIZE):
            return False
        if not self.file.allowed:
            return False  # the other side may ask for more at once, so the end is not put off
        connection.startWriting()  # to be asked again when it holds nothing and there is room
        return True

    def _fetch(self) -> None:
        self._is_waiting = True
        fetching = Deferred.fromCoroutine(self.file.fetch(self.CHUNK_SIZE))
        fetching.addCallback(self._waited).addErrback(self._failed)

    def _waited(self, _: None = None) -> None:
        self._is_waiting = False
        self._go_on()

    def _failed(self, failure: Failure) -> Failure | None:
        if self.deferred is None:
            return failure
        self.consumer.unregisterProducer()
        waiting, self.deferred = self.deferred, None
        waiting.errback(failure)
        return None
