"""A connection as such: frames, deadlines, pings, a client that does not read, limits."""

import gc
import random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred, succeed
from twisted.logger import capturedLogs

from napster.catalog.memory.files import NO_FILES
from napster.index.config import Settings
from napster.index.session import Session
from napster.index.themes import STAGES
from napster.wire.framing import encode
from napster.wire.messages.login import (
    CheckNick,
    Disconnecting,
    Ghosted,
    LoginAccepted,
    LoginError,
    NickFree,
    Notice,
)
from napster.wire.messages.people import Ping, PrivateMessage, ServerPing
from napster.wire.messages.searching import Search
from napster.wire.search import SearchQuery
from tests.index.harness import Conn, World, file
from tests.index.test_login import login

NUMBERS = [0, *sorted(STAGES.online)]


@pytest.mark.parametrize("online", [False, True])
def test_oversize(world: World, *, online: bool) -> None:
    """A frame over the cap is refused at its header, with a sentence; the rest is not read."""
    conn = world.login("anna") if online else world.connect()
    conn.raw(encode(750, b"") * online + b"\x01\x08\xc8\x00")
    *_, told = conn.messages()
    assert told == Notice(b"message 200 announces 2049 bytes; at most 2048 are allowed; closing")
    assert conn.closed
    conn.raw(b"x" * 3000)
    assert conn.frames() == []


def test_longest(world: World) -> None:
    """A frame at the cap is taken."""
    conn = world.login("anna")
    assert conn.tell(751, b"anna " + b"x" * 2043)[0] == Ping("anna", b"x" * 175)
    assert not conn.closed


def test_slow_frame(world: World) -> None:
    """A frame that is not finished in time ends the connection, drop by drop or not at all."""
    conn = world.login("anna")
    conn.raw(b"\x10\x00\xc8")
    for _ in range(12):
        assert not conn.closed
        world.patrol(5.1)
        conn.raw(b"\x00")
    assert conn.closed
    assert b"not finished within 60 s" in conn.frames()[-1][1]


def test_busy_session_is_not_late(world: World) -> None:
    """While the index itself is at work, it reads nothing and blames nobody for silence."""
    anna = world.login("anna")
    world.hub.limits.configure(Settings(share_rate=1, burst_seconds=1))
    anna.send(*(file(b"%04d" % n, md5=b"x" * 200) for n in range(1000)))
    anna.raw(b"\x01")
    assert anna.transport.producerState == "paused"
    world.clock.advance(100)
    world.patrol(0)
    assert not anna.closed


def test_frames_reset_the_deadline(world: World) -> None:
    """A client that always has a frame under way, but finishes each, is no slow one."""
    conn = world.login("anna")
    ping = ServerPing().frame()
    conn.raw(ping[:2])
    for _ in range(20):
        world.patrol(10)
        conn.raw(ping[2:] + ping[:2])
    assert not conn.closed


def test_idle_ping(world: World) -> None:
    """A silent client is pinged now and then; one that knows no pings is left in peace."""
    conn = world.login("anna")
    world.patrol(300)
    assert conn.messages() == []
    world.patrol(1)
    assert conn.messages() == [ServerPing()]
    world.patrol(200)
    assert conn.messages() == []
    world.patrol(200)
    assert conn.messages() == [ServerPing()]
    assert not conn.closed


def test_dead_client(world: World) -> None:
    """A client that answered a ping before and leaves one open is gone."""
    conn = world.login("anna")
    world.patrol(301)
    conn.send(ServerPing(b"anna"))
    world.patrol(301)
    assert conn.messages() == [ServerPing(), ServerPing()]
    world.patrol(121)
    assert conn.closed
    assert conn.messages() == [Notice(b"a ping was not answered within 120 s; closing")]
    assert len(world.hub.network) == 0


def test_other_signs_of_life_count(world: World) -> None:
    """Whoever sends something else instead of an answer is alive."""
    conn = world.login("anna")
    world.patrol(301)
    conn.send(ServerPing(b"anna"))
    world.patrol(301)
    world.clock.advance(60)
    conn.send(file())
    world.patrol(100)
    assert not conn.closed


def test_client_that_does_not_read(world: World) -> None:
    """What others send to somebody who does not read waits, up to a limit."""
    anna, berta = world.login("anna"), world.login("berta")
    anna.transport.producer.pauseProducing()
    berta.send(*[PrivateMessage("anna", b"x" * 100)] * 50)
    assert anna.messages() == []
    anna.transport.producer.resumeProducing()
    assert len(anna.messages()) == 50


def test_write_queue() -> None:
    """Above the limit the connection is closed without waiting."""
    world = World(write_queue=65_536, message_rate=0)
    anna, berta = world.login("anna"), world.login("berta")
    anna.transport.producer.pauseProducing()
    berta.send(*[PrivateMessage("anna", b"x" * 160)] * 410)
    assert anna.aborted
    assert b"not currently online" in berta.frames()[-1][1]
    assert not berta.closed
    world.end()


def test_stalled_client(world: World) -> None:
    """A client that has read nothing for long is closed."""
    anna = world.login("anna")
    anna.transport.producer.pauseProducing()
    world.patrol(120)
    assert not anna.closed
    world.patrol(1)
    assert anna.aborted


def test_own_answers_wait(world: World) -> None:
    """A client that asks without reading is not read any more itself."""
    world.login("anna").send(*(file(b"song %d" % n) for n in range(50)))
    berta = world.login("berta")
    berta.transport.producer.pauseProducing()
    berta.send(*[Search(SearchQuery(contains=(b"song",)))] * 20)
    assert berta.transport.producerState == "paused"
    assert world.hub.meters.searches == 1
    berta.transport.producer.resumeProducing()
    assert world.hub.meters.searches == 20
    assert berta.transport.producerState == "producing"


def test_farewell_not_read(world: World) -> None:
    """A closing connection whose client does not read is cut off."""
    conn = world.connect()
    conn.frame(9999)
    assert conn.closed
    world.patrol(10)
    assert not conn.aborted
    world.patrol(1)
    assert conn.aborted


def test_nothing_after_the_end(world: World) -> None:
    """What comes after the index has closed is not looked at."""
    conn = world.connect()
    conn.frame(9999)
    conn.messages()
    conn.send(login())
    assert conn.frames() == []
    assert len(world.hub.network) == 0


@pytest.mark.parametrize("waits", [False, True])
def test_user_who_goes_while_a_command_is_done(world: World, *, waits: bool) -> None:
    """What is done for somebody who has gone meanwhile ends there, whether it waited or not."""
    conn = world.login("anna")
    found: Deferred[Any] = Deferred()

    def search(*_: Any) -> Deferred[Any]:
        conn.protocol._session.end(Notice(b"bye"))
        return found if waits else succeed(NO_FILES)

    world.catalog.search = search
    conn.send(Search(SearchQuery(contains=(b"song",))), ServerPing())
    if waits:
        found.callback(NO_FILES)
    assert conn.messages() == [Notice(b"bye")]
    assert not conn.protocol._session.busy
    assert world.hub.meters.frames[ServerPing.type] == 0


def test_connection_lost_while_a_command_waits(world: World) -> None:
    """What a command waits for is cancelled, and what came behind it is not done."""
    conn = world.login("anna")
    cancelled: list[Any] = []
    world.catalog.search = lambda *_: Deferred(cancelled.append)
    conn.send(Search(SearchQuery(contains=(b"song",))), ServerPing())
    assert conn.protocol._session.busy
    assert not cancelled
    conn.lose()
    assert len(cancelled) == 1
    assert not conn.protocol._session.busy
    assert world.hub.meters.frames[ServerPing.type] == 0


def test_long_work_lets_others_have_their_turn(world: World) -> None:
    """One client's pile of frames is answered over several turns of the reactor, in order."""
    conn = world.login("anna")
    tick = iter(range(10**6))
    world.clock.seconds = lambda: 2000 + next(tick) / 1000  # every look at the clock takes 1 ms
    conn.send(*(ServerPing(b"%d" % n) for n in range(100)))
    first = len(conn.messages())
    assert 0 < first < 100
    del world.clock.seconds
    world.clock.advance(1200)
    left = conn.messages()
    assert first + len(left) == 100
    assert left[-1] == ServerPing(b"99")


def test_connections_of_an_address() -> None:
    """An address has a number of connections; another one is not counted with it."""
    world = World(max_connections_per_address=2)
    first, _ = world.connect(), world.connect()
    third = world.connect()
    text = b"Your address has 2 connections already, which is the limit"
    assert third.messages() == [LoginError(text)]
    assert third.closed
    assert third.tell(2, b'anna pw 0 "c" 1') == []
    assert not world.connect("198.51.100.7").closed
    first.lose()
    assert not world.connect().closed
    world.end()


def test_ipv6_network_counts_as_one() -> None:
    """All of an IPv6 /64 is one address to the limits; an IPv4 seen through IPv6 is that IPv4."""
    world = World(max_connections_per_address=1)
    assert not world.connect("2001:db8::1").closed
    assert world.connect("2001:db8::2:1").closed
    assert not world.connect("2001:db8:0:1::1").closed
    assert not world.connect("192.0.2.1").closed
    assert world.connect("::ffff:192.0.2.1").closed
    world.end()


def test_full_server() -> None:
    """A full server says so."""
    world = World(max_users=1)
    world.connect()
    assert world.connect("198.51.100.7").messages() == [
        LoginError(b"The server is full (1 users); try again later")
    ]
    world.end()


def test_connection_flood() -> None:
    """Connections that come too fast are refused until some time has passed."""
    world = World(connections_per_minute=3)
    for _ in range(3):
        conn = world.connect()
        assert not conn.closed
        conn.lose()
    (told,) = world.connect().messages()
    assert isinstance(told, LoginError)
    assert b"Too many connections from your address" in told.text
    world.clock.advance(20)
    assert not world.connect().closed
    world.end()


def test_address_that_does_not_listen() -> None:
    """An address told ten times that it may not connect is told no more, others are served."""
    world = World(connections_per_minute=1)
    address = IPv4Address("TCP", "192.0.2.1", 50000)
    assert world.factory.buildProtocol(address) is not None
    conns = [world.connect() for _ in range(11)]
    assert [conn.closed for conn in conns] == [False] + [True] * 10
    assert world.factory.buildProtocol(address) is None
    assert world.hub.meters.connections_refused == 11
    assert world.factory.buildProtocol(IPv4Address("TCP", "192.0.2.2", 50000)) is not None
    world.clock.advance(1)
    assert world.factory.buildProtocol(address) is not None
    assert b"Too many connections" in world.connect().transport.value()
    assert world.factory.buildProtocol(address) is None
    world.clock.advance(60)
    assert not world.connect().closed
    world.end()


def test_password_guessing() -> None:
    """Guesses at a nick are limited by address, over all connections; who else is there is not."""
    world = World(wrong_passwords_per_minute=3)
    for nick in ("anna", "berta"):
        world.register(nick)
    for nick in ("anna", "ANNA", "anna"):
        guess = world.connect().ask(login(nick, password=b"no"))
        assert guess == [LoginError(b"Invalid Password")]
    (told,) = world.connect().ask(login())
    assert isinstance(told, LoginError)
    assert told.text.startswith(b"Too many wrong passwords for this nick")
    assert isinstance(world.connect().ask(login("berta"))[0], LoginAccepted)
    elsewhere = world.connect("198.51.100.7")
    assert isinstance(elsewhere.ask(login())[0], LoginAccepted)
    world.clock.advance(20)
    assert isinstance(world.connect().ask(login())[0], LoginAccepted)
    world.end()


def test_guessing_at_many_nicks() -> None:
    """All guesses from one address are limited, too: to what so many users may do."""
    world = World(wrong_passwords_per_minute=1, address_users=3)
    nicks = [f"user{number}" for number in range(4)]
    for nick in nicks:
        world.register(nick)
    for nick in nicks[:3]:
        guess = world.connect().ask(login(nick, password=b"no"))
        assert guess == [LoginError(b"Invalid Password")]
    (told,) = world.connect().ask(login(nicks[3]))
    assert isinstance(told, LoginError)
    assert told.text.startswith(b"Too many wrong passwords from your address")
    elsewhere = world.connect("198.51.100.7")
    assert isinstance(elsewhere.ask(login(nicks[3]))[0], LoginAccepted)
    world.end()


def test_registration_flood() -> None:
    """One address registers only so many nicks."""
    world = World(registrations_per_minute=2)
    answers = []
    for nick in "abc":
        conn = world.connect()
        conn.frame(6, nick.encode() + b' pw 0 "c" 1 mail')
        answers.append(type(conn.messages()[0]))
    assert answers == [LoginAccepted, LoginAccepted, LoginError]
    world.end()


def test_sixty_behind_one_address(world: World) -> None:
    """Sixty people in one house log in, share and search without being told anything."""
    conns = [world.login(f"user{n}") for n in range(60)]
    for n, conn in enumerate(conns):
        conn.send(*(file(b"song %d %d.mp3" % (n, m)) for m in range(20)))
        conn.send(*[Search(SearchQuery(contains=(b"song",), max_results=1))] * 10)
    assert not any(isinstance(each, Notice) for conn in conns for each in conn.messages())


def test_flood_before_the_login() -> None:
    """Before the login a flood ends the connection."""
    world = World(command_rate=1, burst_seconds=5)
    conn = world.connect()
    answers = conn.ask(*[CheckNick("anna")] * 10)
    assert [type(each) for each in answers] == [NickFree] * 5 + [Notice]
    assert conn.closed
    world.clock.advance(1)
    world.end()


def test_command_flood() -> None:
    """Other commands are all done, but no faster than allowed: others may wait for them."""
    world = World(command_rate=1, burst_seconds=5)
    conn = world.connect()
    conn.send(login())
    conn.messages()
    conn.send(*[ServerPing()] * 10)
    world.clock.pump([0.05] * 6)
    assert conn.messages() == [ServerPing()] * 5
    world.clock.pump([0.05] * 60)
    assert conn.messages() == [ServerPing()] * 3
    world.clock.pump([0.05] * 60)
    assert conn.messages() == [ServerPing()] * 2
    world.end()


def test_flood_of_unknown_commands() -> None:
    """Commands that are not known are answered no faster than known ones."""
    world = World(command_rate=1, burst_seconds=5)
    conn = world.login("anna")
    conn.raw(encode(9999, b"") * 10)
    assert len(conn.messages()) == 5
    world.clock.advance(1)
    assert len(conn.messages()) == 1
    world.end()


@pytest.mark.parametrize("sent", [b"", b"\0", b"\0\0\0\0"])
def test_nothing_is_left_to_the_garbage_collector(world: World, sent: bytes) -> None:
    """A connection that ends before the login goes at once, with all that belongs to it."""
    conn = world.connect()
    conn.raw(sent)
    gc.collect()
    gc.disable()
    try:
        conn.lose()
        world.forget(conn)
        del conn
        assert garbage(Session) == []
    finally:
        gc.enable()


def garbage(kind: type) -> list[Any]:
    """Find what nothing refers to and only the collector can end."""
    gc.set_debug(gc.DEBUG_SAVEALL)
    gc.collect()
    gc.set_debug(0)
    found = [each for each in gc.garbage if isinstance(each, kind)]
    gc.garbage.clear()
    return found


def test_log_names_the_connection(world: World) -> None:
    """Every line about a connection names it; what a client says of itself forges no line."""
    with capturedLogs() as events:
        conn = world.connect("2001:db8::1")
        conn.frame(2, b'anna secretword 0 "x\r\nroot logged in\x1b[2J" 4')
        conn.lose()
    lines = [str(event["session"]) for event in events if "session" in event]
    assert lines == ["anna@[2001:db8::1]:50000"] * 2
    shown = events[0]["client"]
    assert shown == "x\\x0d\\x0aroot logged in\\x1b[2J"
    assert "secretword" not in repr([{k: str(v) for k, v in event.items()} for event in events])


def test_published_address(world: World) -> None:
    """Nothing a client says changes the address others are told."""
    anna = world.connect("203.0.113.9")
    anna.frame(2, b'anna pw 6699 "1.2.3.4" 4 1.2.3.4 1.2.3.4')
    anna.send(file())
    hit, _ = world.login("berta").tell(200, b'FILENAME CONTAINS "song"')
    assert hit.address == int.from_bytes(bytes([203, 0, 113, 9]), "little")


def test_address_map() -> None:
    """A peer beside the index is published at the public address."""
    world = World(address_map={"127.0.0.0/8": "203.0.113.5"})
    world.login("anna", "127.0.0.1").send(file())
    hit, _ = world.login("berta").tell(200, b'FILENAME CONTAINS "song"')
    assert hit.address == int.from_bytes(bytes([203, 0, 113, 5]), "little")
    world.end()


@pytest.mark.parametrize(
    ("berta_at", "last"), [("10.0.0.9", 10), ("10.1.0.9", 203), ("192.0.2.9", 203)]
)
def test_neighbours(berta_at: str, last: int) -> None:
    """Behind one public address each is told the other's own one; everybody else the public one."""
    world = World(address_map={"10.0.0.0/16": "203.0.113.5", "10.1.0.0/16": "203.0.113.6"})
    anna, berta = world.login("anna", "10.0.0.7"), world.login("berta", berta_at)
    anna.send(file())
    path = rb'"music\band - song.mp3"'
    berta.frame(203, b"anna " + path)
    berta.frame(640, b"anna")
    anna.frame(608, b"berta " + path)
    anna.frame(641, b"berta")
    ready, listing = berta.messages()
    assert [each.address & 0xFF for each in (ready, listing)] == [last, last]
    anna.messages()
    anna.frame(703, b"0")
    berta.frame(500, b"anna " + path)
    berta.frame(640, b"anna")
    anna.frame(608, b"berta " + path)
    told = [each for each in anna.messages() if getattr(each, "address", None)]
    expected = 10 if berta_at == "10.0.0.9" else berta.protocol._session.user.address & 0xFF
    assert [each.address & 0xFF for each in told] == [expected, expected]
    world.end()


def test_ipv6_user_is_firewalled(world: World) -> None:
    """Whose address old programs cannot be told is firewalled to them, whatever the port."""
    anna = world.login("anna", "2001:db8::1", port=6699)
    anna.send(file())
    berta = world.login("berta")
    (ready,) = berta.tell(203, rb'anna "music\band - song.mp3"')
    assert (ready.address, ready.port) == (0, 0)
    anna.frame(703, b"7000")
    assert world.hub.network._members["anna"].user.port == 0


def test_farewell_messages() -> None:
    """A farewell is the three messages old programs know."""
    assert [each.type for each in (Ghosted(), Notice(b""), Disconnecting())] == [748, 404, 316]


bodies = st.one_of(
    st.binary(max_size=60),
    st.lists(
        st.sampled_from(
            [b"anna", b"berta", b"#room", b'"', b'"a.mp3"', b"0", b"1", b"9" * 20, b"-1", b"\0"]
        ),
        max_size=8,
    ).map(b" ".join),
    st.sampled_from([b'FILENAME CONTAINS "a"', b'"d" "a.mp3" m 1 2 3 4', b'"a.mp3" m 1 2 3 4']),
)
streams = st.lists(st.tuples(st.sampled_from(NUMBERS) | st.integers(0, 65535), bodies), max_size=30)


def feed(conn: Conn, data: bytes, seed: int) -> None:
    """Send bytes in pieces of random sizes."""
    rng = random.Random(seed)
    while data and not conn.closed:
        size = rng.choice([1, 3, 10, 1000])
        conn.raw(data[:size])
        data = data[size:]


@settings(max_examples=400, deadline=None)
@given(frames=streams, online=st.booleans(), seed=st.integers(0, 1000))
def test_random_frames(*, frames: Any, online: bool, seed: int) -> None:
    """Whatever frames come, nothing fails inside, every answer is readable, searches end."""
    world = World(command_rate=0, search_rate=0, message_rate=0)
    other = world.login("berta", "198.51.100.7")
    other.send(file(b"a.mp3"))
    conn = world.login("anna") if online else world.connect()
    with capturedLogs() as events:
        feed(conn, b"".join(encode(number, body) for number, body in frames), seed)
        answers = conn.frames()
        other.messages()
        world.patrol(10_000)
        world.end()
    assert not [event for event in events if "log_failure" in event]
    if online:
        asked = sum(number == 200 for number, _ in frames)
        assert sum(number == 202 for number, _ in answers) == asked


@settings(max_examples=300, deadline=None)
@given(data=st.binary(max_size=3000), seed=st.integers(0, 1000))
def test_random_bytes(data: bytes, seed: int) -> None:
    """Whatever bytes come, nothing fails inside."""
    world = World()
    conn = world.login("anna")
    with capturedLogs() as events:
        feed(conn, data, seed)
        world.patrol(10_000)
        world.end()
    assert not [event for event in events if "log_failure" in event]
