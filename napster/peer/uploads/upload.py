"""One upload: its slot, its file, and how far it is."""

from collections.abc import Callable
from typing import Protocol

import attrs
from twisted.internet.defer import CancelledError
from twisted.internet.interfaces import IReactorTime, ITCPTransport

from napster.daemon.sockets import is_encrypted, limit_unsent
from napster.peer.api import UploadStatus
from napster.peer.index_link.counters import TransferCounter
from napster.peer.library.serve import OpenFile
from napster.peer.library.shared_file import SharedFile
from napster.peer.results import base_name
from napster.peer.uploads.line import Key
from napster.peer.uploads.pacing import Pace, Pacer
from napster.peer.uploads.sender import (
    FIRST_CHUNK,
    LARGEST_CHUNK,
    LARGEST_TLS_CHUNK,
    MOST_QUEUED,
    ChunkBudget,
    Meter,
    RangedFile,
    SendError,
    UploadSender,
)
from napster.peer.uploads.slot import SlotCore, new_slot
from napster.wire.fields import display


class Opener(Protocol):
    """The library as an upload needs it."""

    async def open(self, file: SharedFile) -> OpenFile:
        """Open a file for sending. Raises SharedFileError if it is not what was hashed."""


def upload_key(nick: str, file: SharedFile) -> Key:
    """Make what a user's wish for a file is known by."""
    return nick.lower(), file.path


@attrs.frozen
class UploadTies:
    """What ties an upload to the desk that gave it its slot."""

    clock: IReactorTime
    counter: TransferCounter
    pacer: Pacer
    released: Callable[["Upload"], None]
    """Called when the slot is free again."""
    chunks: ChunkBudget = attrs.Factory(ChunkBudget)


class Upload:
    """A file on its way to a user, from the agreement on.

    Whoever has claimed one must `end` it, whatever happens; it may be ended more than once.
    """

    def __init__(self, nick: str, file: SharedFile, ties: UploadTies) -> None:
        self.nick = nick
        self.file = file
        self.address = ""
        self.fingerprint: bytes | None = None
        self.state = "waiting for the downloader"
        self._clock = ties.clock
        self._meter = Meter(ties.clock)
        self._pacer = ties.pacer
        self._pace: Pace | None = None
        self._chunks = ties.chunks
        self._chunk = 0
        self._offset = 0
        self._opened: OpenFile | None = None
        self._transport: ITCPTransport | None = None
        self._moved: Callable[[], None] = _nothing
        self._over = False
        self._slot = new_slot(SlotCore(ties.clock, ties.counter, lambda: ties.released(self)))
        self._slot.reserve()

    @property
    def key(self) -> Key:
        """What the upload is known by."""
        return upload_key(self.nick, self.file)

    @property
    def is_reserved(self) -> bool:
        """Whether the downloader has not come yet."""
        return not (self._over or self.address)

    @property
    def status(self) -> UploadStatus:
        """How far it is."""
        return UploadStatus(
            nick=self.nick,
            name=display(base_name(self.file.path)),
            address=self.address,
            state=self.state,
            size=self.file.size,
            done=self._offset + self._meter.total,
            rate=self._meter.rate,
        )

    @property
    def rate(self) -> float:
        """At what rate it goes, in bytes per second; 0 before the first bytes."""
        return self._meter.rate

    def seconds_left(self, usual: float) -> float:
        """Estimate how long it will take, at its own rate or else at the usual one."""
        left = self.file.size - self._offset - self._meter.total
        return max(0, left) / (self.rate or usual)

    def renew(self) -> None:
        """Keep the slot for longer: the downloader has asked again."""
        self._slot.renew()

    def claim(self, address: str, fingerprint: bytes | None = None) -> None:
        """Take the slot for a downloader at an address, who has come."""
        self._slot.claim()
        self.address = address
        self.fingerprint = fingerprint
        self.state = "opening the file"

    async def open(self, library: Opener) -> None:
        """Open the file. Raises SharedFileError, or SendError if the upload is over already."""
        opened = await library.open(self.file)
        if self._over:
            opened.close()
            raise SendError(_CLOSED)
        self._opened = opened

    async def begins_with_digit(self, offset: int) -> bool:
        """Whether a digit is what is to be sent first. Raises SendError."""
        if offset == self.file.size:
            return False
        content = RangedFile(self._source, offset, lambda _: None, 1)
        await content.fetch(1)
        if self._over or content.trouble:
            raise SendError(content.trouble or _CLOSED)
        return content.read(1).isdigit()

    @property
    def _source(self) -> OpenFile:
        if self._opened is None:
            raise SendError("the file is not open")
        return self._opened

    def start(self, transport: ITCPTransport, moved: Callable[[], None]) -> None:
        """Begin to send the file by a connection; `moved` is called whenever a part is taken."""
        self._slot.start()
        self.state, self._transport, self._moved = "sending", transport, moved
        limit_unsent(transport, FIRST_CHUNK)
        self._pace = self._pacer.join(self.key[0])

    async def send(self, offset: int, length: int | None = None) -> None:
        """Send the file, which is open, from `offset` on: so many bytes, or all the rest.

        Raises SendError. What was written last may still be on its way when this returns.
        """
        if self._pace is None:
            raise SendError("the sending has not begun")
        if length is None:
            self._offset = offset
        content = RangedFile(self._source, offset, self._count, length)
        while content.left:
            content.allowed = await self._allowed(self._pace, content.left)
            await self._send_allowed(content)

    async def _allowed(self, pace: Pace, left: int) -> int:
        try:
            return await pace.part(left)
        except CancelledError:
            if self._over:
                raise SendError(_CLOSED) from None
            raise

    async def _send_allowed(self, content: RangedFile) -> None:
        sender = UploadSender(self._clock, self._meter, self._grant)
        try:
            await sender.beginFileTransfer(content, self._transport)
        except SendError:
            if content.left:  # else the other side has all it wants, and was the first to close
                raise
        if content.trouble:
            raise SendError(content.trouble)

    def _count(self, size: int) -> None:
        self._meter.add(size)
        self._moved()

    def _grant(self, wanted: int) -> int:
        """Give a chunk of so many bytes, or as many as may be; the kernel holds as much again."""
        if is_encrypted(self._transport):
            wanted = min(wanted, LARGEST_TLS_CHUNK)
        before, self._chunk = self._chunk, self._chunks.exchange(self._chunk, wanted)
        if self._chunk != before:
            limit_unsent(
                self._transport, MOST_QUEUED if self._chunk == LARGEST_CHUNK else self._chunk
            )
        return self._chunk

    def abort(self) -> None:
        """Break the sending off."""
        if self._transport is not None:
            self._transport.abortConnection()

    def end(self) -> None:
        """Close the file and give the slot back."""
        if self._over:
            return
        self._over = True
        self._chunks.exchange(self._chunk, 0)
        self._chunk = 0
        self.state = "over"
        if self._pace is not None:
            self._pace.end()
        if self._opened is not None:
            self._opened.close()
        self._slot.end()


_CLOSED = "the other side closed the connection"


def _nothing() -> None:
    """Stand for who is told of parts taken, before there is anybody."""
