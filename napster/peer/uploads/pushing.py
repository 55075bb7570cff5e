"""Connecting to a downloader who cannot connect here, and sending the file (SEND)."""

from collections.abc import Callable

import attrs
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.protocol import Factory, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure

from napster.peer.dialing import Dialer, DialError
from napster.peer.library.shared_file import SharedFileError
from napster.peer.pieces.bearing import BearerConnection, Call
from napster.peer.pieces.serving import HashedLibrary, Serving, slots_of
from napster.peer.security.guard import Guard, InsecureError
from napster.peer.security.tickets import Ticket
from napster.peer.uploads.desk import DeclinedError, UploadDesk
from napster.peer.uploads.sender import SendError
from napster.peer.uploads.talk import STALL_TIME, HandshakeProtocol
from napster.peer.uploads.upload import Upload
from napster.wire.errors import ParseError
from napster.wire.fields import display
from napster.wire.transfer import Broken, Event, OffsetKnown, Pusher, Refused

_EXPECTED = (DeclinedError, SharedFileError, DialError, SendError, ParseError, InsecureError)


@attrs.frozen
class PushParts:
    """What pushing works with. `nick` is this peer's own."""

    clock: IReactorTime
    nick: str
    library: HashedLibrary
    desk: UploadDesk
    dialer: Dialer
    guard: Guard


class Pushes:
    """Pushes files to those who asked for it through the index."""

    log = Logger()

    def __init__(self, parts: PushParts) -> None:
        self._parts = parts

    def push(self, nick: str, address: str, port: int, path: bytes) -> None:
        """Connect to a downloader and send; what goes wrong is logged."""
        name = f"{address}:{port}"
        pushing = Deferred.fromCoroutine(self._push(nick, address, port, path))
        pushing.addErrback(self._failed, name, path)

    def _failed(self, failure: Failure, name: str, path: bytes) -> None:
        if failure.check(*_EXPECTED):
            why = failure.getErrorMessage()
            self.log.info("{peer}: not sent {path}: {why}", peer=name, path=display(path), why=why)
        else:
            self.log.failure("{peer}: pushing has failed", failure, peer=name)

    async def _push(self, nick: str, address: str, port: int, path: bytes) -> None:
        ticket = self._parts.guard.tickets.to_push(nick, path)
        if ticket is not None:
            await self._push_pieces(ticket, port)
        else:
            self._parts.guard.allow_clear()
            await self._push_file(nick, address, port, path)

    async def _push_pieces(self, ticket: Ticket, port: int) -> None:
        parts = self._parts
        fingerprint = parts.guard.proves(ticket)
        address = parts.desk.access.worst_address(ticket.addresses)
        upload = parts.desk.claim(ticket.nick, ticket.path, address, fingerprint)
        try:
            dialling = Call(parts.dialer, ticket.addresses)
            slots = attrs.evolve(
                slots_of(parts.desk, ticket, address, fingerprint), claim=lambda: upload
            )
            serving = Serving(parts.library, slots, ticket.path, f"{address}:{port}")
            connection = BearerConnection(
                parts.clock, parts.guard, ticket, serving, dialling.greeted
            )
            await self._dial(dialling, port, connection, ticket)
            upload.address = dialling.address
            await serving.over
        finally:
            upload.end()

    async def _dial(
        self, dialling: Call, port: int, connection: BearerConnection, ticket: Ticket
    ) -> None:
        """Connect; keep the ticket if that cannot be, for it may still lead to a relay."""
        try:
            await dialling.make(port, connection)
        except DialError:
            self._parts.guard.tickets.add(attrs.evolve(ticket, dials=False))
            raise

    async def _push_file(self, nick: str, address: str, port: int, path: bytes) -> None:
        parts = self._parts
        upload = parts.desk.claim(nick, path, address)
        try:
            await upload.open(parts.library)
            pusher = Pusher(parts.nick, path, upload.file.size)
            protocol = PushProtocol(
                parts.clock, pusher, upload, lambda: parts.dialer.greeted(address)
            )
            factory = Factory.forProtocol(lambda: protocol)
            factory.noisy = False
            await parts.dialer.dial(address, port, factory)
            await protocol.sent
        finally:
            upload.end()


class PushProtocol(HandshakeProtocol):
    """One connection to a downloader.

    `sent` fires when it is closed after all was sent, or errbacks with a SendError.
    """

    def __init__(
        self, clock: IReactorTime, pusher: Pusher, upload: Upload, greeted: Callable[[], None]
    ) -> None:
        """Call `greeted` when the other side has proved to be a peer."""
        super().__init__(clock, pusher)
        self.sent: Deferred[None] = Deferred()
        self._upload = upload
        self._greeted = greeted
        self._trouble: BaseException | None = SendError(
            "the connection was lost during the handshake"
        )

    def dataReceived(self, data: bytes) -> None:
        """Go on with the handshake."""
        super().dataReceived(data)
        if self.is_open:
            self._greeted()

    def happened(self, event: Event) -> None:
        """Send, or take note that the downloader does not want the file."""
        match event:
            case OffsetKnown(offset):
                Deferred.fromCoroutine(self._send(offset)).addErrback(self._break_off)
            case Refused(reason):
                self._give_up(f"the other side declines: {reason}")
            case Broken(reason):
                self._give_up(reason)

    async def _send(self, offset: int) -> None:
        self.setTimeout(STALL_TIME)
        self._trouble = SendError("the connection was lost before all was sent")
        self._upload.start(self.transport, self.resetTimeout)
        await self._upload.send(offset)
        self._trouble = None
        self.transport.loseConnection()

    def _break_off(self, failure: Failure) -> None:
        self._trouble = failure.value
        self.abort()

    def _give_up(self, reason: str) -> None:
        self._trouble = SendError(reason)
        self.abort()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Tell how it went."""
        super().connectionLost(reason)
        if self._trouble is None:
            self.sent.callback(None)
        else:
            self.sent.errback(self._trouble)
