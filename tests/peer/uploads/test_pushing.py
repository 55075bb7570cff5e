"""Pushing: dialling a downloader, SEND, and everything that can go wrong on the way."""

import os
from collections.abc import Callable

import attrs
import pytest
from twisted.internet import error
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IProtocol
from twisted.internet.protocol import Factory
from twisted.internet.task import Clock
from twisted.logger import capturedLogs

from napster.peer.dialing import CONNECT_TIMEOUT, Dialer, DialError
from napster.peer.uploads.line import UploadLimits
from napster.peer.uploads.sender import FIRST_CHUNK
from napster.peer.uploads.service import Outward, Uploads
from napster.peer.uploads.talk import HANDSHAKE_TIME, SEGMENT_PAUSE, STALL_TIME
from napster.wire.messages.transfers import UploadAccepted, UploadFinished, UploadStarted
from napster.wire.transfer import QUIET_TIME
from tests.peer.uploads.fakes import DiskLibrary, Told, make_guard
from tests.peer.wires import TcpTransport

PATH = b"Music\\song"
CONTENT = os.urandom(50_000)
REQUEST = b'alice "Music\\song" 50000'


class FakeDialer(Dialer):
    """Connects to the test, when the test lets it."""

    def __init__(self) -> None:
        self.calls: list[tuple[str, int, Factory, Deferred[IProtocol]]] = []
        self.greetings: list[str] = []

    async def dial(
        self, address: str, port: int, factory: Factory, patience: float = CONNECT_TIMEOUT
    ) -> IProtocol:
        assert 0 < patience <= CONNECT_TIMEOUT
        waiting: Deferred[IProtocol] = Deferred()
        self.calls.append((address, port, factory, waiting))
        return await waiting

    def greeted(self, address: str) -> None:
        self.greetings.append(address)


@attrs.define
class Scene:
    library: DiskLibrary
    clock: Clock = attrs.Factory(Clock)
    told: Told = attrs.Factory(Told)
    dialer: FakeDialer = attrs.Factory(FakeDialer)
    uploads: Uploads = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.library.add("song", CONTENT)
        self.uploads = Uploads(
            self.clock,
            self.library,
            UploadLimits(2, 2, 10),
            self.told.counters.uploads,
            Outward("alice", self.dialer, make_guard(self.clock)),
        )

    def ask(self) -> None:
        """Have the index bring a request, and where to connect."""
        assert self.uploads.requested("bob", PATH) == UploadAccepted("bob", PATH)
        self.uploads.push("bob", "192.0.2.7", 6699, PATH)

    def answer(self) -> TcpTransport:
        """Let the connection come about."""
        ((address, port, factory, waiting),) = self.dialer.calls
        assert (address, port) == ("192.0.2.7", 6699)
        protocol = factory.buildProtocol(None)
        assert protocol is not None
        transport = TcpTransport(protocol)
        protocol.makeConnection(transport)
        waiting.callback(protocol)
        return transport

    def is_over(self) -> bool:
        """Whether nothing is left of it."""
        open_calls = [call for call in self.clock.getDelayedCalls() if call.active()]
        return self.library.all_closed and not self.uploads.desk.active and not open_calls


@pytest.fixture
def scene(library: DiskLibrary) -> Scene:
    return Scene(library)


def say(transport: TcpTransport, data: bytes) -> None:
    if transport.protocol is not None:
        transport.protocol.dataReceived(data)


def to_request(scene: Scene) -> TcpTransport:
    """Go as far as the request of the pushing side."""
    scene.ask()
    peer = scene.answer()
    assert peer.value() == b"", "nothing is sent before the greeting"
    say(peer, b"1")
    assert peer.take() == b"SEND", "some programs take what one read returns for one"
    scene.clock.advance(SEGMENT_PAUSE)
    assert peer.take() == REQUEST
    return peer


@pytest.mark.parametrize("offset", [0, 17, 49_999, 50_000])
def test_a_push(scene: Scene, offset: int) -> None:
    """Greeting, SEND and the request in segments of their own, offset, content."""
    peer = to_request(scene)
    say(peer, b"%d" % offset)
    scene.clock.advance(QUIET_TIME)
    assert peer.take_all() == CONTENT[offset:]
    assert peer.disconnected
    assert scene.told.messages == [UploadStarted(), UploadFinished()]
    assert scene.dialer.greetings
    assert scene.is_over()


def test_a_push_nobody_agreed_to_is_not_made(scene: Scene) -> None:
    """An index cannot make this peer connect anywhere for a file nobody asked for."""
    scene.uploads.push("bob", "192.0.2.7", 6699, PATH)
    assert not scene.dialer.calls


def test_a_changed_file_is_not_offered(scene: Scene) -> None:
    """It is looked at before anybody is connected to."""
    (scene.library.folder / "song").write_bytes(b"other")
    scene.ask()
    assert not scene.dialer.calls
    assert scene.is_over()


@pytest.mark.parametrize("trouble", [DialError("nothing listens there"), DialError("a budget")])
def test_a_downloader_who_cannot_be_connected_to(scene: Scene, trouble: DialError) -> None:
    """The slot is free again, and the log says why."""
    scene.ask()
    with capturedLogs() as logs:
        scene.dialer.calls[0][3].errback(trouble)
    assert str(trouble) in logs[-1]["why"]
    assert scene.is_over()


@pytest.mark.parametrize(
    "answer", [b"INVALID REQUEST", b"FILE NOT REQUESTED", b"no, thank you", b"50001", b"-1", b"1x"]
)
def test_a_downloader_who_does_not_want_it(scene: Scene, answer: bytes) -> None:
    """Refusals, and offsets that make no sense."""
    peer = to_request(scene)
    say(peer, answer)
    scene.clock.advance(QUIET_TIME)
    assert peer.disconnected
    assert peer.value() == b""
    assert not scene.told.messages
    assert scene.is_over()


@pytest.mark.parametrize("greeting", [b"2", b"220 smtp.example ESMTP", b"\x00"])
def test_something_that_is_no_peer(scene: Scene, greeting: bytes) -> None:
    """Nothing is sent to what does not greet as a peer does."""
    scene.ask()
    peer = scene.answer()
    say(peer, greeting)
    assert peer.aborted
    assert peer.value() == b""
    assert not scene.dialer.greetings
    assert scene.is_over()


def leave_before_greeting(scene: Scene) -> TcpTransport:
    scene.ask()
    return scene.answer()


def leave_before_offset(scene: Scene) -> TcpTransport:
    return to_request(scene)


def leave_while_sent_to(scene: Scene) -> TcpTransport:
    peer = to_request(scene)
    say(peer, b"0")
    assert len(peer.take()) == FIRST_CHUNK
    return peer


STEPS = [leave_before_greeting, leave_before_offset, leave_while_sent_to]


@pytest.mark.parametrize("step", STEPS)
def test_a_downloader_who_leaves(scene: Scene, step: Callable[[Scene], TcpTransport]) -> None:
    """At any step: the file is closed and the slot is free."""
    step(scene).cut()
    assert scene.is_over()
    assert len(scene.told.messages) in {0, 2}


@pytest.mark.parametrize("step", STEPS)
def test_a_downloader_who_says_and_takes_nothing(
    scene: Scene, step: Callable[[Scene], TcpTransport]
) -> None:
    """No step lasts for ever."""
    peer = step(scene)
    scene.clock.advance(max(HANDSHAKE_TIME, STALL_TIME))
    assert peer.aborted
    assert scene.is_over()


def test_talk_during_the_sending_breaks_it_off(scene: Scene) -> None:
    """The offset was cut short on its way."""
    peer = leave_while_sent_to(scene)
    say(peer, b"7")
    assert peer.aborted
    assert scene.is_over()


def test_a_file_changed_while_it_is_pushed(scene: Scene) -> None:
    """The connection is broken, not ended."""
    peer = leave_while_sent_to(scene)
    (scene.library.folder / "song").write_bytes(b"other")
    peer.take_all()
    assert peer.aborted
    assert scene.is_over()


def test_draining_breaks_off_a_push_in_the_end(scene: Scene) -> None:
    """After the time it is given."""
    peer = leave_while_sent_to(scene)
    drained = Deferred.fromCoroutine(scene.uploads.desk.drain(10))
    scene.clock.advance(9)
    assert not drained.called
    scene.clock.advance(1)
    assert drained.called
    assert peer.aborted
    assert scene.is_over()


def test_an_error_of_our_own_is_logged(scene: Scene, logged_failures: list[object]) -> None:
    """It is not swallowed, and the slot is free again."""
    scene.ask()
    scene.dialer.calls[0][3].errback(error.ConnectionRefusedError())
    assert len(logged_failures) == 1
    logged_failures.clear()
    assert scene.is_over()
