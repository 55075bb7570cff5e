"""What users say to each other, what is known of them, what they change about themselves."""

from typing import Any

import pytest

from napster.wire.messages.login import LoginAccepted, LoginError, Notice
from napster.wire.messages.people import (
    ChangeEmail,
    ChangePassword,
    ChangePort,
    ChangeSpeed,
    Ping,
    Pong,
    PrivateMessage,
    Speed,
    SpeedRequest,
    Whois,
    WhoisRequest,
    Whowas,
)
from napster.wire.messages.searching import Search, SearchHit
from napster.wire.search import SearchQuery
from tests.index.harness import World, file
from tests.index.test_login import login


def test_private_message(world: World) -> None:
    """A message arrives under its sender's nick, byte for byte."""
    anna, berta = world.login("Anna"), world.login("berta")
    text = b'caf\xe9 \x01ACTION\x01\r\n"x"'
    assert anna.ask(PrivateMessage("BERTA", text)) == []
    assert berta.messages() == [PrivateMessage("Anna", text)]


def test_message_to_nobody(world: World) -> None:
    """A message to somebody who is not online is told in the words old programs know."""
    anna = world.login("anna")
    answer = anna.ask(PrivateMessage("berta", b"hi"))
    assert answer == [Notice(b"User berta is not currently online.")]


def test_long_message(world: World) -> None:
    """A message old programs would not survive is cut at a character, and its sender told."""
    anna, berta = world.login("anna"), world.login("berta")
    (told,) = anna.ask(PrivateMessage("berta", "é".encode() * 500))
    assert told == Notice(b"Your message was too long; berta got 174 bytes of it")
    (got,) = berta.messages()
    assert len(got.body()) <= 180
    assert isinstance(got, PrivateMessage)
    assert got.text.decode() == "é" * 87


@pytest.mark.parametrize("body", [b"", b"berta", b"berta ", b"\0", b'"open'])
def test_unreadable_message(world: World, body: bytes) -> None:
    """A message without nick or text is answered with a sentence."""
    anna, berta = world.login("anna"), world.login("berta")
    assert [type(each) for each in anna.tell(205, body)] == [Notice]
    assert berta.messages() == []


def test_nul_ends_a_message(world: World) -> None:
    """What stands behind a NUL is not passed on."""
    anna, berta = world.login("anna"), world.login("berta")
    anna.frame(205, b"berta hello\0secret")
    assert berta.messages() == [PrivateMessage("anna", b"hello")]


def test_message_flood() -> None:
    """Too many messages are refused, and the receiver spared."""
    world = World(message_rate=1, burst_seconds=3)
    anna, berta = world.login("anna"), world.login("berta")
    anna.send(*[PrivateMessage("berta", b"hi")] * 10)
    world.clock.pump([0.05] * 7)
    text = b"Too many messages to others; this one was not done. Wait 1 s"
    assert anna.messages() == [Notice(text)] * 7
    assert len(berta.messages()) == 3
    world.end()


@pytest.mark.parametrize("kind", [Ping, Pong])
def test_ping(world: World, kind: Any) -> None:
    """Pings and their answers are passed on with their text, also to oneself."""
    anna, berta = world.login("anna"), world.login("berta")
    assert anna.ask(kind("berta", b"12 34")) == []
    assert berta.messages() == [kind("anna", b"12 34")]
    assert anna.ask(kind("ANNA")) == [kind("anna")]
    assert anna.ask(kind("nobody")) == [Notice(b"ping failed, nobody is not online")]


@pytest.mark.parametrize("number", [751, 752, 600, 603, 700, 701, 702, 703])
@pytest.mark.parametrize("body", [b"", b"\0", b'"open'])
def test_unreadable(world: World, number: int, body: bytes) -> None:
    """A command without its field is answered with a sentence."""
    assert [type(each) for each in world.login("anna").tell(number, body)] == [Notice]


def test_speed(world: World) -> None:
    """Anybody's link speed can be asked for; a changed one shows."""
    anna, berta = world.login("Anna"), world.login("berta")
    anna.send(file())
    assert berta.ask(SpeedRequest("anna")) == [Speed("Anna", 8)]
    assert anna.ask(ChangeSpeed(3)) == []
    assert berta.ask(SpeedRequest("anna")) == [Speed("Anna", 3)]
    hit, _ = berta.ask(Search(SearchQuery(contains=(b"song",))))
    assert isinstance(hit, SearchHit)
    assert hit.speed == 3
    answer = berta.ask(SpeedRequest("nobody"))
    assert answer == [Notice(b"User nobody is not currently online.")]


def test_invalid_speed_and_port(world: World) -> None:
    """A speed or port out of range is refused and changes nothing."""
    anna = world.login("anna")
    assert anna.ask(ChangeSpeed(11)) == [Notice(b"invalid speed")]
    assert anna.ask(ChangePort(65536)) == [Notice(b"invalid data port")]
    assert [type(each) for each in anna.tell(700, b"fast")] == [Notice]
    user = world.hub.network._members["anna"].user
    assert (user.speed, user.port) == (8, 6699)


def test_change_port(world: World) -> None:
    """A changed data port is what the next downloader is told."""
    anna, berta = world.login("anna", port=0), world.login("berta", port=0)
    anna.send(file())
    assert len(berta.ask(Search(SearchQuery(contains=(b"song",))))) == 1
    assert anna.ask(ChangePort(7000)) == []
    assert len(berta.ask(Search(SearchQuery(contains=(b"song",))))) == 2
    assert world.hub.network._members["anna"].user.port == 7000


def test_whois(world: World) -> None:
    """Everything public about somebody online."""
    anna, berta = world.login("Anna"), world.login("berta")
    anna.send(file())
    world.clock.advance(83)
    (whois,) = berta.ask(WhoisRequest("anna"))
    assert whois == Whois("Anna", b"User", 83, b" ", b"Active", 1, 0, 0, 8, b"test 1.0")
    assert whois.body() == b'Anna "User" 83 " " "Active" 1 0 0 8 "test 1.0"'


def test_whowas(world: World) -> None:
    """Somebody registered who is offline was last seen when the connection ended."""
    world.register("anna")
    world.login("anna").lose()
    berta = world.login("berta")
    assert berta.ask(WhoisRequest("ANNA")) == [Whowas("anna", b"User", 2000)]
    answer = berta.ask(WhoisRequest("nobody"))
    assert answer == [Notice(b"User nobody is not currently online.")]


def test_change_password(world: World) -> None:
    """A registered user can change the password; only the new one works."""
    world.register("anna")
    anna = world.login("anna")
    assert anna.ask(ChangePassword(b"new")) == [Notice(b"password changed")]
    anna.lose()
    assert world.connect().ask(login()) == [LoginError(b"Invalid Password")]
    assert isinstance(world.connect().ask(login(password=b"new"))[0], LoginAccepted)


def test_change_password_faults(world: World) -> None:
    """Without an account there is no password, and a password has a length."""
    world.register("anna")
    (told,) = world.login("berta").ask(ChangePassword(b"new"))
    assert told == Notice(b"berta is not registered, so there is nothing to change")
    (told,) = world.login("anna").ask(ChangePassword(b"x" * 129))
    assert told == Notice(b"a password has 1 to 128 bytes")
    assert world.accounts.rows["anna"].password == "pw"


def test_change_email(world: World) -> None:
    """A registered user can change the e-mail address."""
    world.register("anna")
    assert world.login("anna").ask(ChangeEmail("new@example.org")) == []
    assert world.accounts.rows["anna"].email == "new@example.org"
    (told,) = world.login("berta").ask(ChangeEmail("x@example.org"))
    assert isinstance(told, Notice)


def test_odd_nick_in_an_answer(world: World) -> None:
    """A sentence that repeats what was asked for is cut, not overlong."""
    anna = world.login("anna")
    (told,) = anna.ask(WhoisRequest("x" * 2000))
    assert isinstance(told, Notice)
    assert len(told.text) <= 1024
