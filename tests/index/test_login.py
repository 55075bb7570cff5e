"""Logging in, registering, and everything else a client may do before it is online."""

from typing import Any

import pytest
from twisted.internet.defer import Deferred

from napster.wire.messages import Message
from napster.wire.messages.login import (
    BetaEight,
    CheckNick,
    CheckPassword,
    DataPortCheck,
    Disconnecting,
    Ghosted,
    Login,
    LoginAccepted,
    LoginError,
    LoginOptions,
    MotdLine,
    NickFree,
    NickInvalid,
    NickTaken,
    Notice,
    PasswordRight,
    Register,
    Stats,
    VersionCheck,
)
from napster.wire.messages.people import ServerPing, Speed, SpeedRequest
from napster.wire.messages.transfers import DownloadStarted
from tests.index.harness import World, file


def login(nick: str = "anna", password: bytes = b"pw", **changes: Any) -> Login:
    return Login(nick, password, 6699, b"test 1.0", 8).evolve(**changes)


def refusal(text: bytes) -> list[Message]:
    return [LoginError(text)]


def test_welcome() -> None:
    """A login is acknowledged, then come version, name, motd and totals, which end it."""
    world = World(server_name="attic", motd="Hello\nthere")
    lines = [b"VERSION opennap 0.44 (napster)", b"SERVER attic", b"Hello", b"there"]
    assert world.connect().ask(login()) == [
        LoginAccepted("anon@attic"),
        *map(MotdLine, lines),
        Stats(1, 0, 0),
    ]
    world.end()


def test_registered_login(world: World) -> None:
    """A registered nick gets its own e-mail address and keeps its spelling."""
    world.register("Anna")
    conn = world.connect()
    assert conn.ask(login("aNNA"))[0] == LoginAccepted("Anna@example.org")
    assert world.hub.network._members["anna"].user.nick == "Anna"


@pytest.mark.parametrize("guess", [b"guess", b"x" * 1000])
def test_wrong_password(world: World, guess: bytes) -> None:
    """A wrong password ends the login; nobody is online."""
    world.register("anna")
    conn = world.connect()
    assert conn.ask(login(password=guess)) == refusal(b"Invalid Password")
    assert conn.closed
    assert len(world.hub.network) == 0


@pytest.mark.parametrize(
    "nick",
    [
        "",
        "a" * 20,
        "a b",
        "a$b",
        "what?",
        '"',
        "#chan",
        "&x",
        ":x",
        "ann\xe9",
        "OperServ",
        "napster",
    ],
)
def test_invalid_nick(world: World, nick: str) -> None:
    """A nick that cannot be is refused with 10, in a login and in a question."""
    conn = world.connect()
    if nick in {"", '"'}:
        conn.frame(2, b'"" pw 0 "c" 1')
    else:
        conn.send(login(nick))
    assert [type(each) for each in conn.messages()] == [NickInvalid]
    assert conn.closed


@pytest.mark.parametrize("nick", ["a", "a" * 19, "[x]-_{}", "@home", "a#b", "50cent"])
def test_valid_nick(world: World, nick: str) -> None:
    """Odd but allowed nicks get in."""
    assert isinstance(world.connect().ask(login(nick))[0], LoginAccepted)


@pytest.mark.parametrize(
    ("change", "text"),
    [({"speed": 11}, b"invalid speed"), ({"port": 65536}, b"invalid port")],
)
def test_invalid_fields(world: World, change: dict[str, int], text: bytes) -> None:
    """A link speed or a port out of range ends the login."""
    conn = world.connect()
    assert conn.ask(login(**change)) == refusal(text)
    assert conn.closed


@pytest.mark.parametrize("number", [Login.type, Register.type])
@pytest.mark.parametrize("speed", [b"fast", b"-1", b'""', b"9" * 30])
def test_speed_that_is_no_number(world: World, number: int, speed: bytes) -> None:
    """A link speed that cannot be read is unknown."""
    conn = world.connect()
    assert isinstance(conn.tell(number, b'anna pw 0 "c" ' + speed)[0], LoginAccepted)
    assert conn.ask(SpeedRequest("anna")) == [Speed("anna", 0)]


def test_port_that_is_no_number(world: World) -> None:
    """A data port that is not a number means firewalled."""
    conn = world.connect()
    conn.frame(2, b'anna pw none "c" 4')
    assert isinstance(conn.messages()[0], LoginAccepted)
    assert world.hub.network._members["anna"].user.firewalled


@pytest.mark.parametrize(
    "body", [b"", b"anna", b"anna pw 0 ", b'anna pw 0 "open 4', b'a b 0 "c"x 4']
)
def test_too_few_fields(world: World, body: bytes) -> None:
    """A login that cannot be read is answered with a sentence and closed."""
    conn = world.connect()
    assert [type(each) for each in conn.tell(2, body)] == [Notice]
    assert conn.closed


def test_extra_fields(world: World) -> None:
    """Build numbers and what else programs add are ignored, as is a compression level."""
    conn = world.connect()
    conn.frame(2, b'anna pw 6699 "TekNap-1.3g" 8 5201 0 extra')
    assert isinstance(conn.messages()[0], LoginAccepted)


def test_second_login(world: World) -> None:
    """Whoever is online cannot log in again, and stays online."""
    conn = world.login("anna")
    assert conn.ask(login("berta")) == [Notice(b"you are already logged in")]
    assert not conn.closed


@pytest.mark.parametrize("number", [1, 3, 100, 200, 214, 404, 9999, 65535])
def test_not_logged_in(world: World, number: int) -> None:
    """Anything else before the login ends the connection."""
    conn = world.connect()
    assert conn.tell(number, b"x") == refusal(b"invalid command")
    assert conn.closed


def test_ignored_before_login(world: World) -> None:
    """What official clients send before the login gets no answer and does no harm."""
    conn = world.connect()
    asked = [VersionCheck(b"2.0"), BetaEight(b"1"), LoginOptions(b"NAME:x"), DataPortCheck(b"1")]
    assert conn.ask(*asked) == []
    assert isinstance(conn.ask(login())[0], LoginAccepted)


def test_check_nick(world: World) -> None:
    """A nick is free, taken by an account, taken by somebody online, or invalid."""
    world.register("Anna")
    world.login("berta")
    conn = world.connect()
    asked = [CheckNick("carl"), CheckNick("anna"), CheckNick("BERTA"), CheckNick("a*b")]
    kinds = [NickFree, NickTaken, NickTaken, NickInvalid]
    assert [type(each) for each in conn.ask(*asked)] == kinds
    assert not conn.closed


def test_check_password(world: World) -> None:
    """A right password is confirmed; a wrong one and an unknown nick meet silence."""
    world.register("anna")
    conn = world.connect()
    assert conn.ask(CheckPassword("anna", b"no"), CheckPassword("carl", b"pw")) == []
    assert conn.ask(CheckPassword("anna", b"pw")) == [PasswordRight()]


def test_register(world: World) -> None:
    """A registration makes an account and logs in; the next login needs the password."""
    conn = world.connect()
    asked = Register("anna", b"pw", 6699, b"c", 8, "anna@example.org")
    assert conn.ask(asked)[0] == LoginAccepted("anna@example.org")
    conn.lose()
    assert world.connect().ask(login(password=b"no")) == refusal(b"Invalid Password")
    assert isinstance(world.connect().ask(login())[0], LoginAccepted)


def test_register_taken(world: World) -> None:
    """A registered nick cannot be registered again, not even with its password."""
    world.register("anna")
    conn = world.connect()
    asked = Register("Anna", b"pw", 6699, b"c", 8, "x@example.org")
    assert conn.ask(asked) == refusal(b"account registered to another user")


def test_register_online(world: World) -> None:
    """Nobody takes the nick of somebody online by registering it."""
    world.login("anna")
    conn = world.connect("198.51.100.7")
    asked = Register("anna", b"pw", 6699, b"c", 8, "x@example.org")
    assert conn.ask(asked) == refusal(b"anna is already active")
    assert not world.accounts.rows


def test_registration_closed() -> None:
    """A closed registration says so."""
    world = World(registration=False)
    conn = world.connect()
    conn.send(Register("anna", b"pw", 6699, b"c", 8, "x@example.org"))
    (answer,) = conn.messages()
    assert isinstance(answer, LoginError)
    assert b"registration is closed" in answer.text
    world.end()


def test_registered_only() -> None:
    """Where only registered nicks get in, another is told so."""
    world = World(unregistered=False)
    world.register("anna")
    assert isinstance(world.connect().ask(login("anna"))[0], LoginAccepted)
    (answer,) = world.connect().ask(login("berta"))
    assert isinstance(answer, LoginError)
    assert b"not registered" in answer.text
    world.end()


@pytest.mark.parametrize("password", [b"", b"x" * 129])
def test_register_password(world: World, password: bytes) -> None:
    """A password has a length."""
    conn = world.connect()
    conn.frame(6, b'anna "' + password + b'" 0 "c" 1 mail')
    (answer,) = conn.messages()
    assert isinstance(answer, LoginError)
    assert b"a password has 1 to 128 bytes" in answer.text


def test_odd_email_and_client(world: World) -> None:
    """What would break a later message is not kept of an e-mail address or a client's name."""
    conn = world.connect()
    conn.frame(6, b'anna pw 0 v"2"' + b"x" * 99 + b' 4 "a b\xe9"')
    assert conn.messages()[0] == LoginAccepted("unknown")
    assert world.hub.network._members["anna"].user.client == b"v'2'" + b"x" * 28


def test_login_timeout(world: World) -> None:
    """A connection that does not log in is closed with a sentence."""
    conn = world.connect()
    world.patrol(60)
    assert not conn.closed
    world.patrol(1)
    assert conn.messages() == refusal(b"login timed out")
    assert conn.closed


def test_slow_password_check_is_no_timeout(world: World) -> None:
    """Waiting for a password to be checked is the server's time, not the client's."""
    world.register("anna")
    world.accounts.held = Deferred()
    conn = world.connect()
    assert conn.ask(login()) == []
    world.patrol(1000)
    assert not conn.closed
    world.accounts.held.callback(None)
    assert isinstance(conn.messages()[0], LoginAccepted)


def test_lost_while_checking(world: World) -> None:
    """Somebody who goes while the password is being checked never comes online."""
    world.register("anna")
    world.accounts.held = Deferred()
    conn = world.connect()
    conn.send(login())
    conn.lose()
    assert len(world.hub.network) == 0
    assert world.catalog.totals().owners == 0


def test_ended_while_checking(world: World) -> None:
    """Whom the server has taken leave of meanwhile never comes online either."""
    world.register("anna")
    world.accounts.held = Deferred()
    conn = world.connect()
    conn.send(login())
    conn.protocol._session.end(Notice(b"bye"))
    world.accounts.held.callback(None)
    assert conn.messages() == [Notice(b"bye")]
    assert len(world.hub.network) == 0
    assert world.catalog.totals().owners == 0


def test_frames_behind_login_wait(world: World) -> None:
    """What is sent behind a login is answered after it, and nothing is read meanwhile."""
    world.register("anna")
    world.accounts.held = Deferred()
    conn = world.connect()
    assert conn.ask(login(), file()) == []
    assert conn.transport.producerState == "paused"
    world.accounts.held.callback(None)
    assert conn.transport.producerState == "producing"
    assert world.catalog.count("anna") == 1


def test_broken_database(world: World, logged_failures: list[Any]) -> None:
    """An error of the database ends the login with a sentence, and is logged."""
    world.accounts.broken = True
    conn = world.connect()
    (answer,) = conn.ask(login())
    assert isinstance(answer, LoginError)
    assert b"error of its own" in answer.text
    assert conn.closed
    assert len(logged_failures) == 1
    logged_failures.clear()


FAREWELL = [
    Ghosted(),
    Notice(b"Someone else is logging in as you, disconnecting."),
    Disconnecting(b"0"),
]


def test_registered_nick_displaces(world: World) -> None:
    """The right password ends the older session, from any address, and its files are gone."""
    world.register("anna")
    old = world.login("anna")
    old.send(file())
    new = world.login("anna", "198.51.100.7")
    assert old.messages() == FAREWELL
    assert old.closed
    assert world.catalog.totals().files == 0
    new.send(file())
    old.lose()
    assert world.catalog.count("anna") == 1


def test_new_password_during_a_login(world: World) -> None:
    """An old password, right when it was looked at, lets nobody in once there is a new one."""
    world.register("anna")
    world.accounts.held = Deferred()
    conn = world.connect()
    conn.send(login())
    world.register("anna", "other")
    held, world.accounts.held = world.accounts.held, None
    held.callback(None)
    assert conn.messages() == refusal(b"the account of anna was changed meanwhile, log in again")


def test_totals_of_a_displaced_session(world: World) -> None:
    """What a displaced session has counted is counted on by the one in its place."""
    world.register("anna")
    world.login("anna").send(DownloadStarted(), DownloadStarted())
    new = world.login("anna")
    new.send(DownloadStarted())
    new.lose()
    assert world.accounts.rows["anna"].downloads == 3


def test_no_kick_war(world: World) -> None:
    """After a displacement a living session stays for ten minutes, whoever knows the password."""
    world.register("anna")
    world.login("anna")
    second = world.login("anna", "198.51.100.7")
    third = world.connect()
    assert third.ask(login()) == []
    assert second.messages() == [ServerPing()]
    second.send(ServerPing())
    assert third.messages() == refusal(b"anna is already active")
    world.clock.advance(600)
    assert isinstance(world.connect().ask(login())[0], LoginAccepted)
    assert second.messages()[-3:] == FAREWELL


def test_no_peace_for_the_dead(world: World) -> None:
    """A session that displaced another and is dead now does not keep its owner out."""
    world.register("anna")
    world.login("anna")
    second = world.login("anna", "198.51.100.7")
    third = world.connect()
    assert third.ask(login()) == []
    world.clock.advance(5)
    assert isinstance(third.messages()[0], LoginAccepted)
    assert second.messages() == [ServerPing(), *FAREWELL]


def test_wrong_password_displaces_nobody(world: World) -> None:
    """A guess does not disturb who is online."""
    world.register("anna")
    old = world.login("anna")
    assert world.connect().ask(login(password=b"no")) == refusal(b"Invalid Password")
    assert old.messages() == []
    assert not old.closed


def test_unregistered_nick_stays_with_its_address(world: World) -> None:
    """From elsewhere an unregistered nick cannot be had, dead or alive."""
    old = world.login("anna")
    conn = world.connect("198.51.100.7")
    assert conn.ask(login("Anna")) == refusal(b"anna is already active")
    assert old.messages() == []


def test_unregistered_nick_alive(world: World) -> None:
    """From its own address too, as long as the older session shows any life within 5 s."""
    old = world.login("anna")
    conn = world.connect()
    assert conn.ask(login()) == []
    assert old.messages() == [ServerPing()]
    world.clock.advance(4)
    old.send(file())
    assert conn.messages() == refusal(b"anna is already active")
    assert not old.closed


def test_unregistered_nick_alive_but_not_read(world: World) -> None:
    """A client that is made to wait, and cannot be heard meanwhile, is no ghost."""
    old = world.login("anna")
    session = old.protocol._session
    assert session is not None
    work = Deferred.fromCoroutine(session.pause(30))
    session._wait(work)
    assert world.connect().ask(login()) == refusal(b"anna is already active")
    assert not old.closed
    session.outbox.pauseProducing()
    assert world.connect().ask(login()) == []
    world.clock.advance(5)
    assert old.closed


def test_unregistered_ghost(world: World) -> None:
    """A session that shows no life for 5 s makes room for its own address."""
    old = world.login("anna")
    old.send(file())
    conn = world.connect()
    conn.send(login())
    world.clock.advance(5)
    assert isinstance(conn.messages()[0], LoginAccepted)
    assert old.messages()[1:] == FAREWELL
    assert world.catalog.totals().files == 0


def test_unregistered_ghost_gone_meanwhile(world: World) -> None:
    """A ghost whose connection ends while it is being asked makes room at once."""
    old = world.login("anna")
    conn = world.connect()
    conn.send(login())
    old.lose()
    assert isinstance(conn.messages()[0], LoginAccepted)


def test_two_wait_for_one_ghost(world: World) -> None:
    """Of two who wait for the same ghost one gets the nick, and nobody is lost."""
    world.login("anna")
    conns = [world.connect(), world.connect()]
    for conn in conns:
        conn.send(login())
    world.clock.advance(5)
    answers = [conn.messages()[0] for conn in conns]
    assert sorted(type(each).__name__ for each in answers) == ["LoginAccepted", "LoginError"]


def test_waiting_for_a_ghost_and_leaving(world: World) -> None:
    """Whoever leaves while a ghost is being asked does not displace it."""
    old = world.login("anna")
    conn = world.connect()
    conn.send(login())
    conn.lose()
    world.clock.advance(5)
    assert old.messages() == [ServerPing()]
    assert not old.closed


def test_displaced_session_that_waits() -> None:
    """A displaced session that waited to share more does not share it in the new one's name."""
    world = World(share_rate=1, burst_seconds=1)
    world.register("anna")
    old = world.login("anna")
    old.send(*(file(b"old\\%04d.mp3" % n) for n in range(20)))
    assert old.transport.producerState == "paused"
    assert world.catalog.count("anna") == 0
    world.login("anna")
    world.clock.pump([1] * 10)
    assert world.catalog.totals().files == 0
    world.end()


def test_displaced_session_does_nothing_more(world: World) -> None:
    """What a displaced session still had to do is not done in the new one's name."""
    world.register("anna")
    old = world.login("anna")
    world.hub.limits._user_rates.clear()
    world.accounts.held = Deferred()
    old.send(CheckPassword("anna", b"pw"), file(b"old\\late.mp3"))
    world.accounts.held, held = None, world.accounts.held
    world.login("anna")
    held.callback(None)
    assert world.catalog.totals().files == 0
