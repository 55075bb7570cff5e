"""The connection to the index: frames on one side, typed messages on the other."""

from collections.abc import Mapping
from typing import Protocol as Interface

from automat import NoTransition
from twisted.internet.interfaces import IConsumer, IPushProducer, ITCPTransport
from twisted.internet.protocol import Protocol, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure

from napster.daemon.sockets import give_up_after, limit_unsent
from napster.peer.security.index_tls import why_insecure
from napster.wire.errors import FrameTooLongError, ParseError
from napster.wire.extension import FROM_SERVER, body_limit
from napster.wire.framing import FrameReader
from napster.wire.messages import SERVER_MESSAGES, Message

MOST_UNREADABLE = 20
"""After so many messages that cannot be read, an index is taken for something else."""

_MESSAGES: Mapping[int, type[Message]] = {**SERVER_MESSAGES, **FROM_SERVER}

UNCONFIRMED = 60
"""After so many seconds without a confirmation the machine of the index counts as gone."""


class Conversation(Interface):
    """Who takes what comes from the index."""

    def opened(self, link: "IndexProtocol") -> None:
        """Begin."""

    def received(self, message: Message) -> None:
        """Take a message.

        Raises NoTransition for one that is out of turn, ParseError for one that cannot be answered.
        """

    def broken(self, reason: str) -> None:
        """Take note that the index broke the protocol; the connection is being closed."""

    def lost(self, reason: str) -> None:
        """End: the connection is closed."""


class IndexProtocol(Protocol):
    """Turn bytes into messages and messages into bytes, and drop an index that speaks neither."""

    log = Logger()
    transport: ITCPTransport

    def __init__(self, conversation: Conversation, index: str) -> None:
        """`index` names the other end in log lines."""
        self._conversation = conversation
        self._index = index
        self._reader = FrameReader(body_limit)
        self._unreadable = 0
        self._open = False

    def connectionMade(self) -> None:
        """Begin the conversation."""
        self.transport.setTcpNoDelay(True)
        self.transport.setTcpKeepAlive(True)
        give_up_after(self.transport, UNCONFIRMED)
        limit_unsent(self.transport)
        self._open = True
        self._conversation.opened(self)

    def dataReceived(self, data: bytes) -> None:
        """Hand on every message that is now whole."""
        try:
            for type_, body in self._reader.feed(data):
                if self._open:
                    self._take(type_, body)
        except FrameTooLongError as error:
            self._break(f"the index sends what is no message: {error}")
        except NoTransition as error:
            self._break(f"the index speaks out of turn: {error}")

    def _take(self, type_: int, body: bytes) -> None:
        kind = _MESSAGES.get(type_)
        if kind is None:
            self.log.debug(
                "index {index}: message {type} is not known", index=self._index, type=type_
            )
            return
        try:
            self._conversation.received(kind.from_body(body))
        except ParseError as error:
            self._count_unreadable(type_, error)

    def _count_unreadable(self, type_: int, error: ParseError) -> None:
        self._unreadable += 1
        self.log.warn(
            "index {index}: message {type} cannot be read: {error}",
            index=self._index,
            type=type_,
            error=error,
        )
        if self._unreadable >= MOST_UNREADABLE:
            self._break(f"the index sent {MOST_UNREADABLE} messages that cannot be read")

    def _break(self, reason: str) -> None:
        self._conversation.broken(reason)
        self.close()

    @property
    def host(self) -> str:
        """The address of the index's machine."""
        return str(getattr(self.transport.getPeer(), "host", ""))

    def send(self, message: Message) -> None:
        """Send a message. Raises ParseError for one that cannot be put in a frame."""
        self.write(message.frame())

    def write(self, frames: bytes) -> None:
        """Send whole frames."""
        self.transport.write(frames)

    def fill_from(self, producer: IPushProducer) -> None:
        """Let a producer send as fast as the index reads."""
        IConsumer(self.transport).registerProducer(producer, streaming=True)

    def close(self) -> None:
        """Close the connection at once: an index that does not read would keep it for ever."""
        self._open = False
        self.transport.abortConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """End the conversation."""
        self._open = False
        self._conversation.lost(_why(reason))


def _why(reason: Failure) -> str:
    if (insecure := why_insecure(reason.value)) is not None:
        return f"the index cannot be trusted: {insecure}"
    return f"the connection to the index was lost: {reason.getErrorMessage().rstrip('.')}"
