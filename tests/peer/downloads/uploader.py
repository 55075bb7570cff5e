"""A source as programs of 1999 are, on a real socket."""
# ruff: noqa: FBT003  # names and signatures are Twisted's

import re
from typing import Any

from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure

from napster.peer.arrange import Arrangement
from tests.peer.downloads.helpers import FakeArranger

_REQUEST = re.compile(rb'GET(\S+) "([^"]*)" (\d+)', re.DOTALL)
_PAUSE = 0.05
_STEP = 1 << 16


class Uploader(Protocol):
    """Greets, reads one request, sends the file from the offset on, and closes."""

    factory: "Uploaders"

    def __init__(self) -> None:
        self._said = b""
        self._at = 0

    def connectionMade(self) -> None:
        self.factory.open += 1
        self.transport.write(b"1")

    def dataReceived(self, data: bytes) -> None:
        self._said += data
        found = _REQUEST.fullmatch(self._said)
        if found:
            self._at = int(found[3])
            self.factory.offsets.append(self._at)
            self.factory.reactor.callLater(_PAUSE, self._answer)

    def _answer(self) -> None:
        self.transport.write(b"%d" % len(self.factory.content))
        self.transport.registerProducer(self, False)

    def resumeProducing(self) -> None:
        """Send some more, or only so much as a broken line lets through."""
        end = min(self._at + _STEP, len(self.factory.content))
        if self.factory.breaks_at is not None and end > self.factory.breaks_at:
            self.transport.abortConnection()
            self.factory.breaks_at = None
            return
        self.transport.write(self.factory.content[self._at : end])
        self._at = end
        if end == len(self.factory.content):
            self.transport.unregisterProducer()
            self.transport.loseConnection()

    def stopProducing(self) -> None:
        pass

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.factory.open -= 1
        self.factory.closed()


class Uploaders(Factory):
    """Serves one file to all who come. `breaks_at` is an offset at which the line breaks once."""

    protocol = Uploader
    noisy = False

    def __init__(self, reactor: Any, content: bytes, breaks_at: int | None = None) -> None:
        self.reactor = reactor
        self.content = content
        self.breaks_at = breaks_at
        self.offsets: list[int] = []
        self.open = 0
        self._waiting: list[Deferred[None]] = []
        self._port = reactor.listenTCP(0, self, interface="127.0.0.1")

    @property
    def port(self) -> int:
        return int(self._port.getHost().port)

    def arranger(self) -> FakeArranger:
        """Make an index that sends everybody here."""
        arranger = FakeArranger()
        arranger.answers["alice"] = Arrangement("alice", b"x", "127.0.0.1", self.port, b"", 8)
        return arranger

    def closed(self) -> None:
        if not self.open:
            waiting, self._waiting = self._waiting, []
            for each in waiting:
                each.callback(None)

    async def stop(self) -> None:
        """Stop listening, and wait until nobody is connected any more."""
        await self._port.stopListening()
        if self.open:
            self._waiting.append(Deferred())
            await self._waiting[-1]
