"""Meeting a source at a relay: the downloader's side, in memory."""

from collections.abc import Callable

import attrs
import pytest
from twisted.internet.defer import Deferred
from twisted.internet.task import Clock

from napster.peer.arrange import RelayPlace
from napster.peer.dialing import NoConnectionError
from napster.peer.downloads.errors import BrokenError, LostError, SourceError, UnreachableError
from napster.peer.pieces.dialing import TicketDialer
from napster.peer.security.guard import Encryption
from napster.peer.security.tickets import Ticket
from napster.peer.uploads.talk import HANDSHAKE_TIME
from tests.peer.pieces.helpers import now
from tests.peer.uploads.fakes import make_guard
from tests.peer.uploads.test_pushing import FakeDialer
from tests.peer.uploads.test_relaying import PLACE, SHOWN, TOKEN, Transport

TICKET = Ticket(bytes(range(16)), "alice", b"song", bytes(32), "", dials=True, uploads=False)


@attrs.define
class Meeting:
    """Bob goes to the relay to meet alice."""

    policy: Encryption = Encryption.PREFER
    clock: Clock = attrs.Factory(Clock)
    dialer: FakeDialer = attrs.Factory(FakeDialer)
    outcome: Deferred[object] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        guard = make_guard(self.clock, self.policy)
        blamed: Callable[[str], None] = pytest.fail  # a relay that fails is nobody's data port
        dialer = TicketDialer(self.clock, self.dialer, guard, blamed)
        self.outcome = Deferred.fromCoroutine(dialer.meet(TICKET, PLACE))

    def connect(self) -> Transport:
        """Let the connection to the relay come about."""
        ((host, port, factory, waiting),) = self.dialer.calls
        assert RelayPlace(host, port, TOKEN) == PLACE
        protocol = factory.buildProtocol(None)
        transport = Transport(protocol)
        protocol.makeConnection(transport)
        waiting.callback(protocol)
        assert transport.take() == b"RELAY 101112131415161718191a1b1c1d1e1f\n"
        return transport

    def error(self, kind: type[SourceError]) -> str:
        """Tell why it has not come about."""
        with pytest.raises(kind) as caught:
            now(self.outcome)
        assert type(caught.value) is kind
        assert not [call for call in self.clock.getDelayedCalls() if call.active()]
        return str(caught.value)


def test_the_ticket_is_shown() -> None:
    """Once alice has greeted, wherever the bytes are cut; TLS begins with bob as the client."""
    meeting = Meeting()
    transport = meeting.connect()
    for byte in b"OK\n1":
        assert transport.take() == b""
        transport.protocol.dataReceived(bytes([byte]))
    assert transport.take() == SHOWN
    transport.protocol.dataReceived(b"NAPX1 T\n")
    assert transport.tls == [True]
    assert meeting.dialer.greetings == ["192.0.2.1"]
    transport.cut()
    meeting.error(LostError)


def test_nobody_listens() -> None:
    """The relay is named, and the source is asked again soon."""
    meeting = Meeting()
    meeting.dialer.calls[0][3].errback(NoConnectionError("192.0.2.1 port 8889: nothing"))
    assert meeting.error(UnreachableError) == "the relay: 192.0.2.1 port 8889: nothing"


def test_alice_does_not_come() -> None:
    """The relay closes the connection in the end, and that is no fault of the file's."""
    meeting = Meeting()
    meeting.connect().lose()
    assert meeting.error(UnreachableError) == "alice has not come to the relay"


@pytest.mark.parametrize(
    ("said", "reason"),
    [
        (b"NO\n", "the relay answers by 'NO"),
        (b"OK\n1NAPX1 T\n", "goes on before it was asked for anything"),
        (b"", f"nothing has come from the other side for {HANDSHAKE_TIME:.0f} s"),
        (b"OK\n", f"nothing has come from the other side for {HANDSHAKE_TIME:.0f} s"),
    ],
)
def test_who_breaks_the_rules(said: bytes, reason: str) -> None:
    """A relay or a source that says something else, or nothing."""
    meeting = Meeting()
    transport = meeting.connect()
    transport.protocol.dataReceived(said)
    meeting.clock.advance(HANDSHAKE_TIME)
    assert transport.aborted
    assert reason in meeting.error(BrokenError)


def test_in_the_clear() -> None:
    """Nobody is dialled for that."""
    meeting = Meeting(Encryption.OFF)
    assert meeting.error(BrokenError) == "alice does not encrypt: no relay takes that"
    assert meeting.dialer.calls == []
