"""Serving the pieces of one file to whoever the ticket is for."""

from collections.abc import Callable, Iterator
from io import BytesIO
from typing import Protocol

import attrs
from twisted.internet.defer import CancelledError, Deferred, DeferredQueue
from twisted.logger import Logger
from twisted.python.failure import Failure

from napster.peer.library.hash import content_root
from napster.peer.library.remember import UnknownFileError
from napster.peer.library.shared_file import SharedFile, SharedFileError
from napster.peer.pieces.connection import TicketConnection
from napster.peer.security.tickets import Ticket
from napster.peer.uploads.desk import DeclinedError, UploadDesk
from napster.peer.uploads.sender import Sender, SendError
from napster.peer.uploads.talk import STALL_TIME
from napster.peer.uploads.upload import Opener, Upload
from napster.wire.fields import display
from napster.wire.pieces import (
    HASH_SIZE,
    PIECE_SIZE,
    Broken,
    Code,
    Data,
    Opened,
    PieceList,
    PieceMessage,
    Pieces,
    Pinged,
    Pong,
    Refuse,
    Request,
    Terms,
    Turn,
    Uploader,
    Want,
    fitting,
)

_NANO = 1_000_000_000
_LONGEST = 2**32 - 1
"""The longest wait that can be told, in seconds."""


class HashedLibrary(Opener, Protocol):
    """The library as serving pieces needs it."""

    async def pieces(self, file: SharedFile) -> bytes:
        """Give the joined hashes of a file's pieces. Raises UnknownFileError."""

    def empty_folders(self, file: SharedFile) -> Iterator[bytes]:
        """Go through the paths of empty folders beside a file and the folders it lies in."""


@attrs.frozen
class Slots:
    """How to get a slot for the file of the ticket, and then for others. Raise DeclinedError."""

    claim: Callable[[], Upload]
    turn: Callable[[bytes], Upload]


def slots_of(desk: UploadDesk, ticket: Ticket, address: str, fingerprint: bytes | None) -> Slots:
    """Let the one whom a ticket is for have what the desk gives."""
    return Slots(
        lambda: desk.claim(ticket.nick, ticket.path, address, fingerprint),
        lambda path: desk.turn(ticket.nick, path, address, fingerprint),
    )


class Serving:
    """A conversation in which this side has the file.

    What is asked for is answered one after the other, each answer when the one before was taken:
    whoever does not read waits, and costs no memory.
    """

    log = Logger()

    def __init__(self, library: HashedLibrary, slots: Slots, path: bytes, name: str) -> None:
        """Serve a file, then what else is asked for; `name` is for log lines."""
        self.over: Deferred[None] = Deferred()
        """Fires when the connection is closed."""
        self._library = library
        self._slots = slots
        self._path = path
        self._name = name
        self._requests: DeferredQueue[Request] = DeferredQueue()
        self._upload: Upload | None = None
        self._hashes = b""
        self._work: Deferred[None] | None = None

    # What happens on the connection.

    def connected(self, connection: TicketConnection, terms: Terms) -> None:
        """Say who this is, if it is for this side to begin."""
        self._connection = connection
        self._side = Uploader(terms)
        self._write()

    def received(self, data: bytes) -> None:
        """Take requests."""
        for event in self._side.feed(data):
            match event:
                case Broken(reason):
                    self._connection.break_off(reason)
                case Opened():
                    self._write()
                    self._connection.setTimeout(STALL_TIME)
                    self._work = Deferred.fromCoroutine(self._serve())
                    self._work.addErrback(self._failed)
                case _:
                    self._requests.put(event)

    def _write(self) -> None:
        if data := self._side.take_outgoing():
            self._connection.transport.write(data)

    def ended(self, reason: str, *, broken: bool) -> None:
        """Give everything back."""
        if self._work is not None:
            self._work.cancel()
        if self._upload is not None:
            self._upload.end()
        self.log.info(
            "{peer}: no more pieces of {path}: {reason}",
            peer=self._name,
            path=display(self._path),
            reason=reason if broken else "the other side has left",
        )
        self.over.callback(None)

    def _failed(self, failure: Failure) -> None:
        if failure.check(CancelledError):
            return
        if failure.check(SendError):
            self._connection.break_off(failure.getErrorMessage())
        else:
            self.log.failure("{peer}: serving has failed", failure, peer=self._name)
            self._connection.break_off("an error in this program; see the log")

    # What is answered.

    async def _serve(self) -> None:
        try:
            upload = await self._open(self._slots.claim())
            while True:
                request = await self._requests.get()
                if isinstance(request, Turn):
                    upload = await self._turn(upload, request.path)
                else:
                    await self._answer(upload, request)
                self._side.answered(request)
        except (DeclinedError, SharedFileError, UnknownFileError) as error:
            await self._decline(error)

    async def _turn(self, upload: Upload, path: bytes) -> Upload:
        """Give the slot back, and wait for another like everybody else."""
        upload.end()
        self._path = path
        return await self._open(self._slots.turn(path))

    async def _open(self, upload: Upload) -> Upload:
        self._upload = upload
        await upload.open(self._library)
        self._hashes = await self._library.pieces(upload.file)
        upload.start(self._connection.transport, self._connection.resetTimeout)
        return upload

    async def _decline(self, error: Exception) -> None:
        path = display(self._path)
        self.log.info("{peer}: refused {path}: {why}", peer=self._name, path=path, why=str(error))
        match error:
            case DeclinedError(place=place, start=start) if place:
                seconds = None if start is None else min(int(start), _LONGEST)
                refusal = Refuse(0, Code.QUEUED, str(error), place, seconds)
            case UnknownFileError():
                refusal = Refuse(0, Code.NO_HASHES, str(error))
            case _:
                refusal = Refuse(0, Code.NOT_SERVED, str(error))
        await self._say(refusal)
        self._connection.transport.loseConnection()

    async def _answer(self, upload: Upload, request: Request) -> None:
        match request:
            case Pieces():
                await self._say(self._list(upload.file, request))
            case Want():
                await self._send(upload, request)
            case Pinged():
                await self._say(Pong())

    def _list(self, file: SharedFile, asked: Pieces) -> PieceList:
        first, end = asked.first, asked.first + asked.count
        hashes = self._hashes[first * HASH_SIZE : end * HASH_SIZE]
        seconds = file.stamp.mtime_ns // _NANO
        modified = seconds if seconds >= 0 else None
        whole = content_root(file.size, self._hashes)
        folders = fitting(self._library.empty_folders(file)) if not first else None
        return PieceList(file.size, first, hashes, whole, modified, folders or None)

    async def _send(self, upload: Upload, want: Want) -> None:
        size = upload.file.size
        if (want.piece + want.count - 1) * PIECE_SIZE >= size:
            raise SendError("it wants a piece that lies behind the end of the file")
        for piece in range(want.piece, want.piece + want.count):
            if self._side.is_cancelled(want):
                await self._say(Refuse(want.req, Code.CANCELLED, "as asked"))
                return
            offset = piece * PIECE_SIZE
            length = min(PIECE_SIZE, size - offset)
            self._connection.transport.write(Data(want.req, offset, length).frame())
            await upload.send(offset, length)

    async def _say(self, message: PieceMessage) -> None:
        """Send a message; returns when it was taken. Raises SendError."""
        await Sender().beginFileTransfer(BytesIO(message.frame()), self._connection.transport)
