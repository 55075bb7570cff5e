"""The relay of an index: who may meet there, and what it bears."""

from collections.abc import Iterator
from typing import Any

import attrs
import pytest
from twisted.internet.address import IPv4Address
from twisted.internet.testing import StringTransport

from napster.index.levels import Level
from napster.index.limits import Cost
from napster.index.relay import desk
from napster.index.relay.protocol import LINE_TIME, RelayFactory, RelayProtocol
from napster.index.relay.transfer import TOKEN_LIFE
from napster.index.tickets import LIFE
from napster.wire.extension import (
    VERSION,
    Feature,
    Find,
    Found,
    Greeting,
    Hello,
    RelayReady,
    RelayRefused,
    RelayRequest,
    Role,
    TicketIssued,
)
from napster.wire.messages.login import Login, Notice
from napster.wire.messages.moderation import AddBan
from napster.wire.messages.transfers import (
    DownloadReady,
    DownloadRequest,
    PushRequest,
    UploadAccepted,
    UploadRequest,
)
from napster.wire.transfer import token_line
from tests.index.harness import EXTENDED, Conn, World, file, worlds
from tests.index.test_moderating import person

PATH = rb"music\band - song.mp3"
PORT = 8889
ALL = Feature.CONTENT | Feature.SECURE | Feature.RELAY


@pytest.fixture
def world() -> Iterator[World]:
    """Give a test an index with a relay."""
    for each in worlds():
        each.hub.relay.port = lambda: PORT
        yield each


def configure(world: World, **settings: Any) -> None:
    """Change settings."""
    world.hub.configure(attrs.evolve(world.hub.settings, **settings))


def login(world: World, nick: str, *, port: int = 0, features: Feature = ALL) -> Conn:
    """Log in, firewalled unless a port is given; the fingerprint repeats the first letter."""
    conn = world.login(nick, client=EXTENDED, port=port)
    assert conn.ask(Greeting(VERSION, features, nick[0].encode() * 32)) == []
    return conn


def pair(world: World) -> tuple[Conn, Conn]:
    """Bring an uploader and a downloader online, both firewalled."""
    anna, berta = login(world, "anna"), login(world, "berta")
    anna.send(file())
    return anna, berta


def ticket(anna: Conn, berta: Conn, path: bytes = PATH) -> bytes:
    """Arrange a download; returns the ticket."""
    berta.send(DownloadRequest("anna", path))
    *_, request = anna.messages()
    assert isinstance(request, UploadRequest)
    anna.send(UploadAccepted(request.nick, path))
    issued, ready = berta.messages()
    assert isinstance(issued, TicketIssued)
    assert isinstance(ready, DownloadReady)
    assert (issued.role, ready.port) == (Role.CONNECTOR, 0)
    return issued.ticket


def tokens(anna: Conn, berta: Conn, path: bytes = PATH) -> tuple[bytes, bytes]:
    """Arrange a meeting; returns what each of them has to say at the relay."""
    secret = ticket(anna, berta, path)
    (for_berta,) = berta.ask(RelayRequest(secret))
    (for_anna,) = anna.messages()
    assert for_berta == RelayReady(secret, PORT, for_berta.token)
    assert for_anna == RelayReady(secret, PORT, for_anna.token)
    assert for_anna.token != for_berta.token
    return for_anna.token, for_berta.token


class End:
    """A connection to the relay, seen from the peer."""

    def __init__(self, world: World, host: str = "192.0.2.1") -> None:
        address = IPv4Address("TCP", host, 5000)
        protocol = RelayFactory(world.hub).buildProtocol(address)
        assert isinstance(protocol, RelayProtocol)
        self.protocol = protocol
        self.transport = StringTransport(peerAddress=address)
        self.protocol.makeConnection(self.transport)

    def say(self, data: bytes) -> None:
        """Send bytes."""
        self.protocol.dataReceived(data)

    def heard(self) -> bytes:
        """Take what has come."""
        data = self.transport.value()
        self.transport.clear()
        return data

    @property
    def is_closed(self) -> bool:
        """Whether the relay has closed the connection."""
        return bool(self.transport.disconnecting)

    @property
    def is_read(self) -> bool:
        """Whether the relay reads on."""
        return self.transport.producerState == "producing"

    def lose(self) -> None:
        """Lose the connection."""
        self.protocol.connectionLost()


def met(world: World, anna: Conn, berta: Conn, path: bytes = PATH) -> tuple[End, End]:
    """Let the two meet."""
    ends = End(world), End(world)
    for end, token in zip(ends, tokens(anna, berta, path), strict=True):
        end.say(token_line(token))
    assert [end.heard() for end in ends] == [b"OK\n", b"OK\n"]
    return ends


def end(*ends: End) -> None:
    """Lose connections."""
    for each in ends:
        each.lose()


# Who may.


def test_an_index_without_a_relay_offers_none(world: World) -> None:
    """The feature is there only while there is one."""
    world.hub.relay.port = lambda: 0
    _, hello, *_ = world.connect().ask(Login("dora", b"pw", 0, EXTENDED, 8))
    assert isinstance(hello, Hello)
    assert hello.features == ALL & ~Feature.RELAY
    anna, berta = pair(world)
    berta.send(DownloadRequest("anna", PATH))
    (ready,) = berta.messages()
    assert isinstance(ready, DownloadReady)
    (refusal,) = berta.ask(RelayRequest(bytes(16)))
    assert refusal == Notice(b"this takes the feature RELAY, which was not agreed on (20001)")
    assert anna.messages() == []


@pytest.mark.parametrize(
    "greeting",
    [
        Greeting(VERSION, ALL),
        Greeting(VERSION, Feature.RELAY, b"a" * 32),
        Greeting(VERSION, ALL & ~Feature.RELAY, b"a" * 32),
    ],
)
def test_those_who_cannot_encrypt_have_no_relay(world: World, greeting: Greeting) -> None:
    """Nor those without tickets, nor those who do not want it: they push, as ever."""
    anna = world.login("anna", client=EXTENDED, port=0)
    anna.send(greeting, file())
    berta = login(world, "berta")
    berta.send(DownloadRequest("anna", PATH), PushRequest("anna", PATH))
    assert [each.md5 for each in berta.messages()] == [file().md5, b"firewallerror"]
    assert anna.messages() == []


def test_firewalled_users_find_each_other(world: World) -> None:
    """What can be fetched by relay is shown to those who can use it, and to nobody else."""
    _, berta = pair(world)
    other = login(world, "carol", features=ALL & ~Feature.RELAY)
    question = Find(1, b'FILENAME CONTAINS "band"')
    found = [each for each in berta.ask(question) if isinstance(each, Found)]
    assert [(each.sources, each.reachable) for each in found] == [(1, 0)]
    assert not any(isinstance(each, Found) for each in other.ask(question))


def test_whoever_can_be_connected_to_is_pushed_to(world: World) -> None:
    """The relay is for those who have no other way."""
    anna, _ = pair(world)
    carol = login(world, "carol", port=6699)
    (ready,) = carol.ask(DownloadRequest("anna", PATH))
    assert isinstance(ready, DownloadReady)
    assert anna.messages() == []


def test_a_push_in_vain(world: World) -> None:
    """Whoever was believed to have a data port may use the ticket of the push at the relay."""
    anna, _ = pair(world)
    carol = login(world, "carol", port=6699)
    carol.send(PushRequest("anna", PATH))
    anna.messages()
    anna.send(UploadAccepted("carol", PATH))
    (issued,) = carol.messages()
    assert isinstance(issued, TicketIssued)
    assert issued.role is Role.ACCEPTOR
    (for_carol,) = carol.ask(RelayRequest(issued.ticket))
    *_, for_anna = anna.messages()
    assert for_carol == RelayReady(issued.ticket, PORT, for_carol.token)
    assert for_anna == RelayReady(issued.ticket, PORT, for_anna.token)
    world.clock.advance(TOKEN_LIFE)


def test_a_data_port_that_leads_nowhere(world: World) -> None:
    """A ticket that was not shown there is good for the relay."""
    anna, berta = login(world, "anna", port=6699), login(world, "berta", port=6699)
    anna.send(file())
    berta.send(DownloadRequest("anna", PATH))
    anna.messages()
    anna.send(UploadAccepted("berta", PATH))
    issued, _ = berta.messages()
    (ready,) = berta.ask(RelayRequest(issued.ticket))
    assert isinstance(ready, RelayReady)
    world.clock.advance(TOKEN_LIFE)


def refused(conn: Conn, secret: bytes) -> str:
    """Ask for the relay in vain; returns why."""
    (answer,) = conn.ask(RelayRequest(secret))
    assert isinstance(answer, RelayRefused)
    assert answer.ticket == secret
    return answer.text


def test_a_ticket_is_the_downloaders(world: World) -> None:
    """Neither the uploader nor a third can use it; an unknown one is no better."""
    anna, berta = pair(world)
    secret = ticket(anna, berta)
    carol = login(world, "carol")
    for conn, which in ((anna, secret), (carol, secret), (berta, bytes(16))):
        assert refused(conn, which).startswith("the ticket was not given out for a download of")
    assert isinstance(berta.ask(RelayRequest(secret))[0], RelayReady)
    assert refused(berta, secret).endswith("or is used up")
    world.clock.advance(TOKEN_LIFE)


def test_an_old_ticket(world: World) -> None:
    """It is good for a minute, and forgotten when another is given out."""
    anna, berta = pair(world)
    old = ticket(anna, berta)
    world.clock.advance(LIFE)
    assert refused(berta, old) == "the ticket is too old"
    old = ticket(anna, berta)
    world.clock.advance(LIFE)
    ticket(anna, berta)
    assert refused(berta, old).endswith("or is used up")


def test_very_many_tickets(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of so many it is known whose they are."""
    monkeypatch.setattr(desk, "_MOST_OFFERS", 1)
    anna, berta = pair(world)
    first = ticket(anna, berta)
    second = ticket(anna, berta)
    assert refused(berta, first).endswith("or is used up")
    assert isinstance(berta.ask(RelayRequest(second))[0], RelayReady)
    world.clock.advance(TOKEN_LIFE)


def test_an_uploader_who_has_gone(world: World) -> None:
    """Nobody waits at the relay for one who will not come."""
    anna, berta = pair(world)
    secret = ticket(anna, berta)
    anna.lose()
    berta.messages()
    assert refused(berta, secret) == "anna has gone"
    assert len(world.hub.relay) == 0


def test_full(world: World) -> None:
    """Places are given out up to the limits, and become free again."""
    anna, berta = pair(world)
    anna.send(file(b"m\\b.mp3"))
    configure(world, relay_transfers=1)
    ends = met(world, anna, berta)
    assert refused(berta, ticket(anna, berta)) == "the relay is full; try again later"
    configure(world, relay_transfers=9, relay_transfers_per_user=1)
    assert refused(berta, ticket(anna, berta)).startswith("berta has 1 transfers at the relay")
    assert world.hub.limits.refused[Cost.RELAY] == 2
    end(*ends)
    end(*met(world, anna, berta))
    assert len(world.hub.relay) == 0


# What is said at the relay.


def test_bytes_go_to_and_fro(world: World) -> None:
    """Whatever one says the other hears; both are counted, and the end of one is that of both."""
    anna, berta = pair(world)
    one, other = met(world, anna, berta)
    assert world.hub.relay.meters.transfers == 1
    one.say(b"1")
    other.say(b"NAPX1 \0\xff")
    assert (one.heard(), other.heard()) == (b"NAPX1 \0\xff", b"1")
    assert world.hub.relay.meters.relayed == 9
    one.say(b"last")
    one.lose()
    assert other.heard() == b"last"
    assert other.is_closed
    other.lose()
    assert len(world.hub.relay) == 0


def test_the_answer_comes_when_both_are_there(world: World) -> None:
    """The first one waits."""
    anna, berta = pair(world)
    for_anna, for_berta = tokens(anna, berta)
    one, other = End(world), End(world)
    for at in range(len(token_line(for_anna))):
        one.say(token_line(for_anna)[at : at + 1])
    assert one.heard() == b""
    other.say(token_line(for_berta))
    assert (one.heard(), other.heard()) == (b"OK\n", b"OK\n")
    end(one, other)


def test_a_token_is_used_once(world: World) -> None:
    """Who has overheard it comes too late, and the side it belongs to is not disturbed."""
    anna, berta = pair(world)
    for_anna, for_berta = tokens(anna, berta)
    one, thief, other = End(world), End(world), End(world)
    one.say(token_line(for_anna))
    thief.say(token_line(for_anna))
    assert thief.is_closed
    other.say(token_line(for_berta))
    assert [each.heard() for each in (one, thief, other)] == [b"OK\n", b"", b"OK\n"]
    end(one, thief, other)


@pytest.mark.parametrize(
    "line", [token_line(bytes(16)), b"RELAY x\n", b"GET / HTTP/1.1\r\n\r\n", b"R" * 64, b"\x16\x03"]
)
def test_a_wrong_line(world: World, line: bytes) -> None:
    """Whoever shows no token is disconnected without a word, at once or when time is up."""
    stranger = End(world)
    stranger.say(line)
    world.clock.advance(LINE_TIME)
    assert stranger.is_closed
    assert stranger.heard() == b""
    stranger.lose()


def test_a_slow_line(world: World) -> None:
    """A byte now and then does not stretch the time."""
    stranger = End(world)
    for byte in b"RELAY 0001":
        stranger.say(bytes([byte]))
        world.clock.advance(LINE_TIME / 10)
    assert stranger.is_closed
    stranger.lose()


def test_one_who_goes_on_too_early(world: World) -> None:
    """Before the other is there nobody would hear it; the meeting is over for both."""
    anna, berta = pair(world)
    for_anna, for_berta = tokens(anna, berta)
    one, other = End(world), End(world)
    one.say(token_line(for_anna))
    one.say(b"1")
    assert one.is_closed
    one.lose()
    other.say(token_line(for_berta))
    assert other.is_closed
    other.lose()
    assert len(world.hub.relay) == 0


def test_one_side_that_does_not_come(world: World) -> None:
    """The other is let go when the tokens are too old."""
    anna, berta = pair(world)
    for_anna, for_berta = tokens(anna, berta)
    one = End(world)
    one.say(token_line(for_anna))
    world.clock.advance(TOKEN_LIFE)
    assert one.is_closed
    one.lose()
    late = End(world)
    late.say(token_line(for_berta))
    assert late.is_closed
    late.lose()


def test_a_limit_for_connections_holds_here_too(world: World) -> None:
    """An address has so many, at the relay or elsewhere."""
    configure(world, max_connections_per_address=1)
    first, second = End(world), End(world)
    assert not first.is_closed
    assert second.is_closed
    end(first, second)


def test_floods_are_not_answered(world: World) -> None:
    """Who was refused often gets no protocol at all."""
    configure(world, max_connections_per_address=1)
    ends = [End(world) for _ in range(11)]
    assert RelayFactory(world.hub).buildProtocol(IPv4Address("TCP", "192.0.2.1", 1)) is None
    end(*ends)


# How much.


def test_a_reader_who_does_not_read(world: World) -> None:
    """The sender is not read meanwhile; when nothing has moved for long, both are let go."""
    anna, berta = pair(world)
    one, other = met(world, anna, berta)
    other.transport.producer.pauseProducing()
    assert not one.is_read
    other.transport.producer.resumeProducing()
    assert one.is_read
    one.say(b"x")
    stall = world.hub.settings.stall_timeout
    world.clock.advance(stall)
    assert not one.is_closed
    world.clock.advance(stall)
    assert one.is_closed
    assert other.is_closed
    assert world.hub.relay.meters.cut == 1
    end(one, other)


def test_a_reader_who_does_not_read_the_rest(world: World) -> None:
    """When the sender has left, the rest waits for a while and no longer."""
    anna, berta = pair(world)
    one, other = met(world, anna, berta)
    one.say(b"rest")
    one.lose()
    assert not other.transport.disconnected
    world.clock.pump([world.hub.settings.stall_timeout] * 2)
    assert world.hub.relay.meters.cut == 1
    other.lose()


def test_too_fast(world: World) -> None:
    """A sender is read no faster than the option says, and at first a burst."""
    configure(world, relay_rate=1, burst_seconds=1)
    anna, berta = pair(world)
    one, other = met(world, anna, berta)
    one.say(bytes(1024))
    assert one.is_read
    one.say(bytes(1024))
    assert not one.is_read
    other.transport.producer.pauseProducing()
    world.clock.advance(1)
    assert not one.is_read  # the other side is behind as well
    other.transport.producer.resumeProducing()
    assert one.is_read
    end(one, other)


def test_too_much(world: World) -> None:
    """What is more than the limit is not passed on, and the connections end."""
    configure(world, relay_size=5)
    anna, berta = pair(world)
    one, other = met(world, anna, berta)
    one.say(b"12345")
    other.heard()
    other.say(b"6")
    assert one.heard() == b""
    assert one.is_closed
    assert other.is_closed
    assert world.hub.relay.meters.cut == 1
    end(one, other)


def test_too_long(world: World) -> None:
    """A place is kept for so long, even if bytes flow."""
    configure(world, relay_time=60)
    anna, berta = pair(world)
    one, other = met(world, anna, berta)
    for _ in range(6):
        one.say(b"x")
        world.clock.advance(10)
    assert one.is_closed
    assert other.is_closed
    end(one, other)


def test_the_end(world: World) -> None:
    """A daemon that stops ends all transfers."""
    anna, berta = pair(world)
    ends = met(world, anna, berta)
    world.hub.relay.close()
    assert all(each.is_closed for each in ends)
    assert len(world.hub.relay) == 0
    end(*ends)


def test_a_ban(world: World) -> None:
    """Who is banned sends and gets nothing more through the relay; others do."""
    anna, berta = pair(world)
    carla = login(world, "carla")
    ends, others = met(world, anna, berta), met(world, anna, carla)
    moderator = person(world, "mod", Level.MODERATOR)
    moderator.send(AddBan("Berta", b"floods"))
    assert all(each.is_closed for each in ends)
    assert not any(each.is_closed for each in others)
    assert len(world.hub.relay) == 1
    others[0].say(b"on")
    assert others[1].heard() == b"on"
    end(*ends, *others)
