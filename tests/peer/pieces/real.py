"""Real connections on the loopback interface, and somebody in between who listens and meddles."""

from collections.abc import Callable
from typing import Any

import attrs
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint, TCP4ServerEndpoint
from twisted.internet.interfaces import IListeningPort
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.task import deferLater
from twisted.python.failure import Failure

reactor: Any = _reactor
Change = Callable[[bytes], bytes]


async def listen(factory: Factory) -> IListeningPort:
    factory.noisy = False
    return await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(factory)


async def until(condition: Callable[[], object], seconds: float = 10.0) -> None:
    """Wait until something is true."""
    deadline = reactor.seconds() + seconds
    while not condition():
        assert reactor.seconds() < deadline, "it has not come true in time"
        await deferLater(reactor, 0.01)


class Half(Protocol):
    """One of the two connections of who is in between."""

    other: "Half | None" = None

    def __init__(self, between: "Between", change: Change) -> None:
        self._between = between
        self._change = change
        self._early = b""

    def connectionMade(self) -> None:
        self._between.open.add(self)

    def join(self, other: "Half") -> None:
        self.other = other
        self.pass_on(b"")

    def pass_on(self, data: bytes) -> None:
        self._early += data
        if self.other is not None and self._early:
            self.other.transport.write(self._early)
            self._early = b""

    def dataReceived(self, data: bytes) -> None:
        self._between.heard += data
        self.pass_on(self._change(data))

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self._between.open.discard(self)
        if self.other is not None:
            self.other.transport.loseConnection()


@attrs.define(eq=False)
class Between:
    """A relay to a port: what is said by the side that dials, and to it, may be changed."""

    port: int
    to_acceptor: Change = bytes
    to_dialler: Change = bytes
    heard: bytes = b""
    open: set[Half] = attrs.Factory(set)

    async def listen(self) -> IListeningPort:
        def build() -> Half:
            half = Half(self, self.to_acceptor)
            endpoint = TCP4ClientEndpoint(reactor, "127.0.0.1", self.port)
            factory = Factory.forProtocol(lambda: Half(self, self.to_dialler))
            factory.noisy = False
            connecting: Deferred[Half] = endpoint.connect(factory)

            def joined(other: Half) -> None:
                other.join(half)
                half.join(other)

            connecting.addCallback(joined)
            return half

        return await listen(Factory.forProtocol(build))
