"""Going to a relay to serve a file: what is said there, and to whom."""

import os
from collections.abc import Callable
from pathlib import Path

import attrs
import pytest
from twisted.internet import error
from twisted.internet.task import Clock
from twisted.logger import capturedLogs

from napster.peer.arrange import RelayPlace
from napster.peer.dialing import DialError
from napster.peer.security.guard import Encryption
from napster.peer.security.tickets import Ticket
from napster.peer.uploads import relaying
from napster.peer.uploads.line import UploadLimits
from napster.peer.uploads.service import Outward, Uploads
from napster.peer.uploads.talk import HANDSHAKE_TIME
from tests.peer.uploads.fakes import DiskLibrary, Told, make_guard
from tests.peer.uploads.test_pushing import FakeDialer
from tests.peer.wires import TcpTransport

PATH = b"Music\\song"
SECRET, TOKEN = bytes(range(16)), bytes(range(16, 32))
PLACE = RelayPlace("192.0.2.1", 8889, TOKEN)
TICKET = Ticket(SECRET, "bob", PATH, bytes(32), "192.0.2.7", dials=False, uploads=True)
SHOWN = b"NAPX1 000102030405060708090a0b0c0d0e0f T\n"


class Transport(TcpTransport):
    """A transport that takes note of how TLS begins."""

    def __init__(self, protocol: object) -> None:
        super().__init__(protocol)
        self.tls: list[bool] = []

    def startTLS(self, _context: object, normal: bool = True) -> None:  # noqa: FBT001, FBT002, N802
        self.tls.append(normal)


@attrs.define
class Scene:
    library: DiskLibrary
    policy: Encryption = Encryption.PREFER
    ticket: Ticket = TICKET
    clock: Clock = attrs.Factory(Clock)
    dialer: FakeDialer = attrs.Factory(FakeDialer)
    uploads: Uploads = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        self.library.add("song", os.urandom(1000))
        guard = make_guard(self.clock, self.policy)
        guard.tickets.add(self.ticket)
        outward = Outward("alice", self.dialer, guard)
        limits, counter = UploadLimits(2, 2, 10), Told().counters.uploads
        self.uploads = Uploads(self.clock, self.library, limits, counter, outward)

    def meet(self, said: bytes = b"OK\n") -> Transport:
        """Go to the relay, which says something; the line with the token has been read."""
        self.uploads.relay(SECRET, PLACE)
        ((host, port, factory, waiting),) = self.dialer.calls
        assert (host, port) == ("192.0.2.1", 8889)
        protocol = factory.buildProtocol(None)
        transport = Transport(protocol)
        protocol.makeConnection(transport)
        waiting.callback(protocol)
        assert transport.take() == b"RELAY 101112131415161718191a1b1c1d1e1f\n"
        protocol.dataReceived(said)
        return transport


MakeScene = Callable[..., Scene]


@pytest.fixture
def scene(tmp_path: Path) -> Scene:
    return Scene(DiskLibrary(tmp_path))


def test_the_ticket_is_awaited(scene: Scene) -> None:
    """After the `OK` all is as at a data port, and TLS begins with this side as the server."""
    transport = scene.meet()
    assert transport.take() == b"1"
    transport.protocol.dataReceived(SHOWN)
    assert transport.take() == b"NAPX1 T\n"
    assert transport.tls == [False]
    assert scene.dialer.greetings == ["192.0.2.1"]
    transport.cut()
    assert not [call for call in scene.clock.getDelayedCalls() if call.active()]


def test_the_other_side_may_be_quick(scene: Scene) -> None:
    """What comes with the `OK` is not lost, but it is an error before the greeting."""
    transport = scene.meet(b"OK\n" + SHOWN)
    assert transport.take_all() == b"1NAPX1 T\n"


@pytest.mark.parametrize(
    "said",
    [
        b"GET",
        b'GETbob "Music\\\\song" 0',
        b'SENDbob "song" 10',
        b"GETLIST",
        SHOWN.replace(b" T", b" P"),
        SHOWN.replace(b"0e0f", b"0e0e"),
        b"\x16\x03\x01",
    ],
)
def test_nothing_else_goes_through_a_relay(scene: Scene, said: bytes) -> None:
    """Neither what is in the clear, nor another's ticket."""
    transport = scene.meet()
    transport.protocol.dataReceived(said)
    scene.clock.advance(1)
    scene.clock.advance(HANDSHAKE_TIME)
    assert transport.aborted
    assert transport.tls == []
    assert transport.take_all() == b"1"
    assert scene.library.opened == []


@pytest.mark.parametrize("said", [b"NO\n", b"1", b""])
def test_a_relay_that_says_something_else(scene: Scene, said: bytes) -> None:
    """Or nothing: the connection is closed, at once or after a while."""
    transport = scene.meet(said)
    scene.clock.advance(HANDSHAKE_TIME)
    assert transport.aborted
    assert transport.take_all() == b""


def why_not(scene: Scene, secret: bytes = SECRET) -> str:
    """Be told of a relay; returns why it is not gone to."""
    with capturedLogs() as events:
        scene.uploads.relay(secret, PLACE)
    return str(events[-1]["why"])


def test_a_ticket_nobody_knows(scene: Scene) -> None:
    """Nobody is dialled for it."""
    assert why_not(scene, bytes(16)) == "the ticket is not known"
    scene.clock.advance(60)
    assert why_not(scene) == "the ticket is not known"
    assert scene.dialer.calls == []


def test_no_encryption(tmp_path: Path) -> None:
    """Whoever does not encrypt goes to no relay."""
    scene = Scene(DiskLibrary(tmp_path), Encryption.OFF)
    assert why_not(scene) == "bob does not encrypt: no relay takes that"
    assert scene.dialer.calls == []


def test_an_index_that_calls_all_the_time(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    """There are so many meetings at once and no more."""
    monkeypatch.setattr(relaying, "MOST_AT_ONCE", 1)
    scene.uploads.relay(SECRET, PLACE)
    assert why_not(scene) == "too many are under way"
    ((_, _, _, waiting),) = scene.dialer.calls
    waiting.errback(DialError("it is left alone for a while"))
    scene.uploads.relay(SECRET, PLACE)
    assert len(scene.dialer.calls) == 2
    scene.dialer.calls[1][3].errback(DialError("again"))


def test_after_a_push_in_vain(tmp_path: Path) -> None:
    """A downloader who cannot be connected to after all may be met at the relay."""
    scene = Scene(DiskLibrary(tmp_path), ticket=attrs.evolve(TICKET, dials=True))
    assert why_not(scene) == "the ticket is not known"
    scene.uploads.requested("bob", PATH)
    scene.uploads.push("bob", "192.0.2.7", 6699, PATH)
    scene.dialer.calls.pop()[3].errback(DialError("nobody is there"))
    transport = scene.meet()
    transport.protocol.dataReceived(SHOWN)
    assert transport.take_all() == b"1NAPX1 T\n"


@pytest.mark.usefixtures("logged_failures")
def test_an_error_of_our_own(scene: Scene, logged_failures: list) -> None:
    """It is logged as one."""
    scene.uploads.relay(SECRET, PLACE)
    scene.dialer.calls[0][3].errback(error.ConnectionLost())
    assert len(logged_failures) == 1
    logged_failures.clear()
