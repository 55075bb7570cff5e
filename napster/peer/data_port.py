"""The data port: where other peers connect to fetch files, push files and read our list."""

from collections.abc import Coroutine, Iterable
from typing import Any
from typing import Protocol as Interface

import attrs
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IAddress, IConsumer, IReactorTime
from twisted.internet.protocol import Protocol, ServerFactory, connectionDone
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure

from napster.daemon.addresses import unmap_address
from napster.peer.arrange import PushReceiver, Receiver
from napster.peer.doorkeeper import ConnectionLimits, Doorkeeper
from napster.peer.downloads.errors import SourceError
from napster.peer.downloads.piece_source import PiecePushes
from napster.peer.index_link.offers import offer
from napster.peer.library.shared_file import SharedFile, SharedFileError
from napster.peer.pieces.accepting import AcceptingConnection
from napster.peer.pieces.connection import Conversation
from napster.peer.pieces.fetching import Fetching
from napster.peer.pieces.serving import HashedLibrary, Serving, slots_of
from napster.peer.security.guard import Guard, InsecureError
from napster.peer.security.tickets import Ticket
from napster.peer.uploads.desk import DeclinedError, UploadDesk
from napster.peer.uploads.listing import ListProducer
from napster.peer.uploads.sender import SendError
from napster.peer.uploads.talk import SEGMENT_PAUSE, STALL_TIME
from napster.peer.uploads.upload import Upload
from napster.wire.fields import display
from napster.wire.transfer import (
    Broken,
    Event,
    GetRequested,
    ListRequested,
    Refusal,
    SendRequested,
    TicketShown,
    list_segments,
)

MOST_LISTS = 4
"""How many lists of files are sent at once."""


class ListedLibrary(HashedLibrary, Interface):
    """The library as the data port needs it."""

    def files(self) -> Iterable[SharedFile]:
        """Go through all files on offer."""


class Pushes(PushReceiver, PiecePushes, Interface):
    """Who decides about files that are pushed here, the old way and the new."""


@attrs.frozen
class DataPortParts:
    """What the data port serves, and for whom."""

    nick: str
    library: ListedLibrary
    desk: UploadDesk
    pushes: Pushes
    guard: Guard


class DataPortFactory(ServerFactory):
    """Lets peers in, as far as there is room."""

    noisy = False
    log = Logger()

    def __init__(self, clock: IReactorTime, parts: DataPortParts, limits: ConnectionLimits) -> None:
        self.parts = parts
        self.lists = 0
        """How many lists are being sent."""
        self._clock = clock
        self._doorkeeper = Doorkeeper(limits)
        self._open: set[DataPortProtocol] = set()
        self._has_warned = False

    def buildProtocol(self, addr: IAddress | None) -> Protocol | None:
        """Make the protocol of a new connection; None closes it."""
        host = unmap_address(str(getattr(addr, "host", "")))
        if self.parts.desk.access.bans_address(host):
            self.log.info("data port: {host} is not let in: its network is banned", host=host)
            return None
        if not self._doorkeeper.enter(host):
            self._warn_once(host)
            return None
        self._has_warned = False
        protocol = DataPortProtocol(self._clock, self, host, f"{host}:{getattr(addr, 'port', 0)}")
        self._open.add(protocol)
        return protocol

    def _warn_once(self, host: str) -> None:
        if not self._has_warned:
            self.log.warn("data port: too many connections; {host} is not let in", host=host)
        self._has_warned = True

    def closed(self, protocol: "DataPortProtocol") -> None:
        """Forget a connection."""
        self._open.remove(protocol)
        self._doorkeeper.leave(protocol.host)

    def close_all(self) -> None:
        """Break off all connections."""
        for protocol in list(self._open):
            protocol.abort()


class DataPortProtocol(AcceptingConnection):
    """One connection from another peer; `name` is what log lines call it."""

    def __init__(self, clock: IReactorTime, port: DataPortFactory, host: str, name: str) -> None:
        self.host = host
        self._port = port
        self._parts = port.parts
        self._upload: Upload | None = None
        self._receiver: Receiver | None = None
        self._is_listing = False
        self._pausing: Deferred[None] | None = None
        super().__init__(clock, port.parts.guard, name)

    def dataReceived(self, data: bytes) -> None:
        """Take content that is pushed, or go on with the handshake."""
        if self._receiver is not None:
            self._receiver.received(data)
        else:
            super().dataReceived(data)

    def happened(self, event: Event) -> None:
        """Do what the other side asks for, or refuse it."""
        match event:
            case GetRequested():
                self._run(self._serve(event))
            case SendRequested():
                self._take_push(event)
            case ListRequested():
                self._send_list()
            case TicketShown():
                self.let_in(event)
            case Broken(reason):
                self.log.info("{peer}: {reason}", peer=self.name, reason=reason)
                self.abort()

    def _run(self, work: Coroutine[Any, Any, None]) -> None:
        Deferred.fromCoroutine(work).addErrback(self._failed)

    def _failed(self, failure: Failure) -> None:
        self.log.failure("{peer}: serving has failed", failure, peer=self.name)
        self.abort()

    def _refuse(self, refusal: Refusal, path: bytes, why: object) -> None:
        self.log.info(
            "{peer}: refused {path}: {why}", peer=self.name, path=display(path), why=str(why)
        )
        self.acceptor.refuse(refusal)
        self.flush()
        self.transport.loseConnection()

    # NAPX1

    def conversation_by(self, ticket: Ticket) -> Conversation:
        """Serve the file, or take it: as the ticket says."""
        if ticket.uploads:
            fingerprint = self._parts.guard.proves(ticket)
            slots = slots_of(self._parts.desk, ticket, self.host, fingerprint)
            return Serving(self._parts.library, slots, ticket.path, self.name)
        source = Fetching(self._clock)
        source.opened.addCallbacks(self._offer, self._not_opened, (ticket, source))
        return source

    def _offer(self, _opened: None, ticket: Ticket, source: Fetching) -> None:
        if not self._parts.pushes.accept_pieces(ticket.nick, ticket.path, source):
            source.close()

    def _not_opened(self, failure: Failure) -> None:
        failure.trap(SourceError)
        self.log.info("{peer}: {why}", peer=self.name, why=failure.getErrorMessage())

    # GET

    async def _serve(self, request: GetRequested) -> None:
        try:
            await self._send(request)
        except DeclinedError as error:
            self._refuse(error.refusal, request.path, error)
        except InsecureError as error:
            self._refuse(Refusal.INVALID_REQUEST, request.path, error)
        except SharedFileError as error:
            if self.is_open:
                self._refuse(Refusal.FILE_NOT_FOUND, request.path, error)
        except SendError as error:
            self.log.info("{peer}: broke off: {why}", peer=self.name, why=str(error))
            self.abort()

    async def _send(self, request: GetRequested) -> None:
        self._parts.guard.allow_get(request.nick, request.path)
        upload = self._parts.desk.claim(request.nick, request.path, self.host)
        self._upload = upload
        await upload.open(self._parts.library)
        if request.offset > upload.file.size:
            raise DeclinedError(Refusal.INVALID_REQUEST, "it is wanted from beyond its end")
        self.acceptor.accept_get(upload.file.size)
        self.flush()
        self.setTimeout(STALL_TIME)
        upload.start(self.transport, self.resetTimeout)
        if await upload.begins_with_digit(request.offset):
            await self._pause()  # old programs would take it for one of the size's digits
        await upload.send(request.offset)
        self.transport.loseConnection()

    async def _pause(self) -> None:
        self._pausing = deferLater(self._clock, SEGMENT_PAUSE)
        try:
            await self._pausing
        except CancelledError:
            raise SendError("the other side closed the connection") from None

    # SEND

    def _take_push(self, request: SendRequested) -> None:
        try:
            self._parts.guard.allow_send(request.nick, request.path)
        except InsecureError as error:
            self._refuse(Refusal.INVALID_REQUEST, request.path, error)
            return
        found = self._parts.pushes.accept_push(request.nick, request.path, request.size)
        if found is None:
            self._refuse(Refusal.INVALID_REQUEST, request.path, "nobody has asked for it")
            return
        offset, self._receiver = found
        self.acceptor.accept_send(offset)
        self.flush()
        self._receiver.connected(self.transport)
        self.setTimeout(None)  # from here on it is the receiver who waits

    # GETLIST

    def _send_list(self) -> None:
        try:
            self._check_list()
        except (InsecureError, DeclinedError) as error:
            self._refuse(Refusal.INVALID_REQUEST, b"the list", error)
            return
        self._port.lists += 1
        self._is_listing = True
        self.setTimeout(STALL_TIME)
        is_public = self._parts.desk.access.is_public  # nobody says who asks for the list
        listed = (offer(file) for file in self._parts.library.files() if is_public(file.path))
        segments = list_segments(self._parts.nick, listed)
        producer = ListProducer(IConsumer(self.transport), segments, self.resetTimeout)
        producer.begin(self.transport.loseConnection)

    def _check_list(self) -> None:
        self._parts.guard.allow_clear()
        if self._port.lists >= MOST_LISTS:
            raise DeclinedError(Refusal.INVALID_REQUEST, "too many lists are being sent")

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Give everything back."""
        super().connectionLost(reason)
        self._port.closed(self)
        self._port.lists -= self._is_listing
        if self._pausing is not None:
            self._pausing.cancel()
        if self._upload is not None:
            self._upload.end()
        if self._receiver is not None:
            self._receiver.lost(reason.getErrorMessage().rstrip("."))
