"""In-memory ends of connections, driven by the test."""
# ruff: noqa: N802, FBT001  # names and signatures are Twisted's

from twisted.internet.error import ConnectionAborted, ConnectionDone, ConnectionLost
from twisted.internet.interfaces import IProtocol, IPullProducer
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure


class TcpTransport(StringTransport):
    """A StringTransport with what TCP has besides; closing it tells its protocol at once.

    A pull producer is asked for its first part when it registers, as by TCP, and then whenever
    the test `take`s what was written.
    """

    def __init__(self, protocol: IProtocol | None = None) -> None:
        super().__init__()
        self.protocol = protocol
        self.aborted = False
        self.segments: list[bytes] = []

    def setTcpNoDelay(self, enabled: bool) -> None:
        pass

    def setTcpKeepAlive(self, enabled: bool) -> None:
        pass

    def write(self, data: bytes) -> None:
        self.segments.append(data)
        super().write(data)

    def registerProducer(self, producer: IPullProducer, streaming: bool) -> None:
        super().registerProducer(producer, streaming)
        if not streaming:
            producer.resumeProducing()

    def take(self) -> bytes:
        """Read what was written, as the other side would; the producer goes on."""
        data = self.value()
        self.clear()
        if self.producer is not None and not self.streaming:
            self.producer.resumeProducing()
        elif self.disconnecting:
            self.lose()
        return data

    def take_all(self) -> bytes:
        """Read until nothing more comes."""
        parts = []
        while part := self.take():
            parts.append(part)
        return b"".join(parts)

    def abortConnection(self) -> None:
        self.aborted = True
        self.lose(ConnectionAborted())

    def loseConnection(self) -> None:
        super().loseConnection()
        if not self.value() and self.producer is None:
            self.lose()

    def lose(self, reason: Exception | None = None) -> None:
        """End the connection: by the other side, if the test calls this."""
        protocol, self.protocol = self.protocol, None
        if protocol is None:
            return
        self.disconnected = True
        if self.producer is not None:
            self.producer.stopProducing()
        protocol.connectionLost(Failure(reason or ConnectionDone()))

    def cut(self) -> None:
        """Break the connection."""
        self.lose(ConnectionLost())
