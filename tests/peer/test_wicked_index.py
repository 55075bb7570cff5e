"""An index that sends garbage, and a whole peer daemon in this process that it is sent to."""

from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred, DeferredQueue
from twisted.internet.endpoints import TCP4ServerEndpoint
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure

from napster.peer.index_link import backoff
from napster.peer.index_link.backoff import Ending
from napster.wire.extension import FROM_SERVER, MAX_EXTENSION_BODY, Feature, Hello, body_limit
from napster.wire.framing import FrameReader, encode
from napster.wire.messages import SERVER_MESSAGES
from napster.wire.messages.login import (
    Disconnecting,
    Login,
    LoginAccepted,
    LoginError,
    NickFree,
    NickInvalid,
    NickTaken,
    Stats,
)
from napster.wire.messages.people import ServerPing
from tests.garbage import GARBAGE, TAGGED
from tests.peer.test_tap import running_peer

reactor: Any = _reactor
PATIENCE = 20.0
BODIES = (*GARBAGE, *TAGGED)
WELCOME = (
    LoginAccepted("a@b"),
    Hello(1, Feature.CONTENT | Feature.SECURE, MAX_EXTENSION_BODY, "127.0.0.1"),
    Stats(1, 2, 3),
)
LAST_WORDS = {
    each.type
    for each in (LoginError, LoginAccepted, NickFree, NickTaken, NickInvalid, Disconnecting)
}
"""What ends a session that is online, whatever the message holds."""


class WickedIndex(Protocol):
    """One connection of a peer: its login is granted, then the test says what it hears."""

    def __init__(self, logins: "DeferredQueue[WickedIndex]") -> None:
        self._logins = logins
        self._reader = FrameReader(body_limit)
        self._unanswered = 0
        self._answered: Deferred[None] = Deferred()
        self.lost: Deferred[None] = Deferred()

    async def provoke(self, number: int) -> bool:
        """Send a message with each of the bodies; tells whether the peer stays for all of them."""
        bodies = [each for each in BODIES if len(each) <= body_limit(number)]
        frames = [encode(number, body) + ServerPing().frame() for body in bodies]
        self._unanswered = len(frames)
        self.transport.write(b"".join(frames))
        await self._answered.addTimeout(PATIENCE, reactor)
        self.transport.abortConnection()
        await self.lost
        return self._unanswered <= 0  # those of message 750 are answered as well

    def dataReceived(self, data: bytes) -> None:
        for number, _ in self._reader.feed(data):
            if number == Login.type:
                self.transport.write(b"".join(each.frame() for each in WELCOME))
                self._logins.put(self)
            elif number == ServerPing.type:
                self._unanswered -= 1
                if self._unanswered == 0:
                    self._answered.callback(None)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        if not self._answered.called:
            self._answered.callback(None)
        self.lost.callback(None)


@pytest.fixture(autouse=True)
def _hasty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the peer have an environment of its own, and come back at once."""
    for name in ("CONFIGURATION_DIRECTORY", "STATE_DIRECTORY", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))
    for ending in Ending:
        monkeypatch.setitem(backoff.FIRST, ending, 0.01)
        monkeypatch.setitem(backoff.GROWTH, ending, 1.0)


@pytest_twisted.ensureDeferred
async def test_garbage(tmp_path: Path) -> None:
    """A message that cannot be read does not end the link; what does brings the peer back."""
    logins: DeferredQueue[WickedIndex] = DeferredQueue()
    factory = Factory.forProtocol(lambda: WickedIndex(logins))
    factory.noisy = False
    listening: Any = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(factory)
    left = set()
    async with running_peer(tmp_path, "anna", listening.getHost().port):
        for number in sorted(SERVER_MESSAGES | FROM_SERVER):
            index = await logins.get().addTimeout(PATIENCE, reactor)
            if not await index.provoke(number):
                left.add(number)
        last = await logins.get().addTimeout(PATIENCE, reactor)
    await last.lost.addTimeout(PATIENCE, reactor)
    await listening.stopListening()
    assert left == LAST_WORDS
