"""What is to be sent to one client: gathered, written at once, bounded."""

from typing import Protocol

from twisted.internet.abstract import FileDescriptor
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IPushProducer, IReactorTime
from zope.interface import implementer

from napster.index.meters import Traffic

_GATHER = 65_536
"""From so many bytes on a write does not wait for more."""


class Writer(Protocol):
    """The part of a transport an outbox needs."""

    def write(self, data: bytes) -> None:
        """Send, as soon as the other side reads."""


@implementer(IPushProducer)
class Outbox:
    """Frames on their way to a client; the transport says when it has no room for more."""

    __slots__ = (
        "_clock",
        "_frames",
        "_room",
        "_size",
        "_socket",
        "_traffic",
        "_transport",
        "congested_since",
    )

    def __init__(self, transport: Writer, clock: IReactorTime, traffic: Traffic) -> None:
        """`traffic` counts what is written."""
        self.congested_since: float | None = None
        """Since when the client has not read what was written before."""
        self._clock = clock
        self._traffic = traffic
        self._transport: Writer | None = transport
        self._socket = transport if isinstance(transport, FileDescriptor) else None
        """The same transport if it can send in this turn of the reactor."""
        self._frames: list[bytes] = []
        self._size = 0
        self._room: Deferred[None] | None = None

    def __len__(self) -> int:
        """How many bytes wait here, those the transport holds not counted."""
        return self._size

    @property
    def congested(self) -> bool:
        """Whether the client has to read before more can be written."""
        return self.congested_since is not None

    def put(self, frames: bytes) -> None:
        """Add finished frames; they leave with the next flush, or earlier if they are many."""
        if self._transport is None:
            return
        self._frames.append(frames)
        self._size += len(frames)
        if self._size >= _GATHER:
            self.flush()

    def flush(self) -> None:
        """Write all in one piece, unless the client has to read first."""
        if self._frames and self._transport is not None and not self.congested:
            data = b"".join(self._frames)
            self._frames.clear()
            self._size = 0
            self._traffic.sent += len(data)
            if self._socket is None:
                self._transport.write(data)
            else:
                _send(self._socket, data)

    def close(self) -> None:
        """Write all, read or not, and drop what comes after it."""
        self.congested_since = None
        self.flush()
        self.stopProducing()

    def room(self) -> Deferred[None]:
        """Fire as soon as the client has read what was written before; one can wait at a time."""
        room: Deferred[None] = Deferred()
        if self.congested:
            self._room = room
        else:
            room.callback(None)
        return room

    def pauseProducing(self) -> None:
        """Keep what comes from now on here."""
        self.congested_since = self._clock.seconds()

    def resumeProducing(self) -> None:
        """Go on writing."""
        self.congested_since = None
        self.flush()
        if self._room is not None and not self.congested:
            room, self._room = self._room, None
            room.callback(None)

    def stopProducing(self) -> None:
        """Drop everything: the connection is gone."""
        self._transport = self._socket = None
        self._frames.clear()
        self._size = 0


def _send(socket: FileDescriptor, data: bytes) -> None:
    """Send in this turn of the reactor what the kernel takes; a later turn sees to what is left.

    To ask the reactor first costs two system calls. Only an outbox writes to its transport and has
    it send at once, so what that could not send is in its `dataBuffer`, and goes first.
    """
    taken = 0 if socket.dataBuffer else socket.writeSomeData(data)
    if taken != len(data):
        # An exception is a lost connection, which the reactor then finds by itself.
        socket.write(data if isinstance(taken, BaseException) else data[taken:])
        socket.doWrite()
