"""Bans as moderators with old programs set, lift and list them, and as they bite."""

import pytest
from twisted.internet.defer import Deferred

from napster.index import slices
from napster.index.levels import Level
from napster.wire.messages import Message
from napster.wire.messages.login import (
    CheckPassword,
    Disconnecting,
    LoginAccepted,
    LoginError,
    PasswordRight,
    Register,
)
from napster.wire.messages.moderation import AddBan, BanEntry, BansEnd, ListBans, RemoveBan
from tests.index.harness import NOW, Conn, World
from tests.index.test_login import login
from tests.index.test_moderating import audit, person, texts

OUT = "192.0.2.66"


@pytest.fixture
def mod(world: World) -> Conn:
    conn = person(world, "mod", Level.MODERATOR)
    conn.messages()
    return conn


def refusal(reason: str) -> list[Message]:
    return [LoginError(f"You are banned from this server{reason}".encode())]


@pytest.mark.parametrize(
    "mask", ["anna", "ann?", OUT, "192.0.2.", "192.0.2.6*", "192.0.2.64/26", f"*na!{OUT}"]
)
def test_every_kind_of_ban(world: World, mod: Conn, mask: str) -> None:
    """A ban ends the sessions it means at once, and lets none of them in until it is lifted."""
    anna, berta = world.login("anna", OUT), world.login("berta", "198.51.100.1")
    mod.send(AddBan(mask, b"floods"))
    assert len(texts(mod.messages())) == 1
    assert texts(anna.messages()[:1]) == [b"You are banned from this server: floods"]
    assert anna.closed
    assert not berta.closed
    again = world.connect(OUT)
    assert again.ask(login()) == refusal(": floods")
    assert again.closed
    mod.send(RemoveBan(mask, b"said sorry"))
    world.login("anna", OUT)
    assert [each.split(" ", 2)[:2] for each in audit(world)] == [
        ["mod", "lifted"],
        ["mod", "banned"],
    ]


def test_farewell(world: World, mod: Conn) -> None:
    """Who goes because of a ban is told until when, and that the connection ends."""
    anna = world.login("anna")
    mod.send(AddBan("anna", b"", 82_000))
    told, end = anna.messages()
    assert texts([told]) == [b"You are banned from this server until 1970-01-02 00:10 UTC"]
    assert end == Disconnecting(b"0")


def test_length_in_the_audit(world: World, mod: Conn) -> None:
    """Moderators are told for how long a ban is, and it is kept; one for ever says nothing."""
    told = texts(mod.ask(AddBan(OUT, b"short ban", 8), AddBan("anna", b"", 90_000), AddBan("bob")))
    sentences = [
        f"mod banned *!{OUT} for 0:08: short ban",
        "mod banned anna!* for 1d 01:00:00",
        "mod banned bob!*",
    ]
    assert [each.decode() for each in told] == sentences
    assert audit(world) == sentences[::-1]


def test_end_of_a_ban(world: World, mod: Conn) -> None:
    """A ban for a time ends by itself."""
    mod.send(AddBan("anna", b"floods", 60))
    assert world.connect().ask(login()) == refusal(" until 1970-01-01 01:24 UTC: floods")
    world.now += 60
    world.login("anna")


def test_registration_and_guessing(world: World, mod: Conn) -> None:
    """Somebody banned can neither register nor try passwords."""
    world.register("anna")
    mod.send(AddBan(OUT))
    register = Register("other", b"pw", 0, b"c", 1)
    assert world.connect(OUT).ask(register) == refusal("")
    assert "other" not in world.accounts.rows
    assert world.connect(OUT).ask(CheckPassword("anna", b"pw")) == []
    assert world.connect("10.0.0.1").ask(CheckPassword("anna", b"pw")) == [PasswordRight()]


def test_moderators_pass(world: World, mod: Conn) -> None:
    """A moderator stays and comes back in spite of a ban, once the password is right."""
    mod.send(AddBan("192.0.2.0/24"))
    assert not mod.closed
    world.register("admin", level=Level.ADMIN)
    assert isinstance(world.connect(OUT).ask(login(nick="admin"))[0], LoginAccepted)
    wrong = world.connect(OUT).ask(login(nick="mod", password=b"no"))
    assert wrong == [LoginError(b"Invalid Password")]


def test_ban_during_a_login(world: World, mod: Conn) -> None:
    """A ban set while a password is looked at keeps its owner out, and the nick free."""
    world.register("anna")
    world.accounts.held = Deferred()
    anna = world.connect()
    assert anna.ask(login()) == []
    mod.send(AddBan("anna"))
    held, world.accounts.held = world.accounts.held, None
    held.callback(None)
    assert anna.messages() == refusal("")
    assert len(world.hub.network) == 1


def test_nick_that_changes_hands_during_a_ban(
    world: World, mod: Conn, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A ban ends the sessions it means, not one that has the nick of such a one meanwhile."""
    world.login("berta", OUT)
    anna = world.login("anna", OUT)
    monkeypatch.setattr(slices, "_SLICE", 0)
    mod.send(AddBan(f"*!{OUT}"))
    assert not anna.closed
    anna.lose()
    stranger = world.login("anna", "192.0.2.7")
    world.clock.pump([0] * 5)
    assert not stranger.closed
    assert len(world.hub.network) == 2


def test_list(world: World, mod: Conn) -> None:
    """Everybody may read the bans, which end with an empty message."""
    anna = world.login("anna")
    assert anna.ask(ListBans()) == [BansEnd()]
    mod.send(AddBan("192.0.2.64/26", b"caf\xc3\xa9 \x1b", 3600), AddBan("Rude"))
    assert anna.ask(ListBans()) == [
        BanEntry("*!192.0.2.64/26", "mod", "café \\x1b".encode(), NOW, 3600),
        BanEntry("rude!*", "mod", b"", NOW, 0),
        BansEnd(),
    ]
    world.now += 3600
    assert len(anna.ask(ListBans())) == 2


@pytest.mark.parametrize("order", [AddBan("berta"), RemoveBan("berta")])
def test_who_may(world: World, order: Message) -> None:
    """Users neither set nor lift bans."""
    anna = world.login("anna")
    assert texts(anna.ask(order)) == [b"permission denied: this takes the level Moderator"]
    assert list(world.hub.records.bans) == []


@pytest.mark.parametrize(
    ("mask", "answer"),
    [
        ("*", b"this would ban everybody"),
        ("*!*", b"this would ban everybody"),
        ("0.0.0.0/0", b"this would ban everybody"),
        ("::/0", b"this would ban everybody"),
        ("?*", b"this would ban everybody"),
        ("*!*.*", b"this would ban everybody"),
        ("0.0.0.0/1", b"this would ban everybody"),
        ("::ffff:0.0.0.0/96", b"this would ban everybody"),
        ("2001:db8::/200", b"a mask is a nick, an address, or nick!address"),
        ("#chan", b"a mask of this nick means nobody: a nick does not begin with #"),
        ("a!b!c", b"a mask is a nick, an address, or nick!address"),
        ("300.1.1.1", b"a mask is a nick, an address, or nick!address"),
        ("mod", b"mod is Moderator, whom no ban stops"),
        ("MOD!*", b"mod is Moderator, whom no ban stops"),
    ],
)
def test_senseless_bans(world: World, mod: Conn, mask: str, answer: bytes) -> None:
    """A ban that would stop everybody or nobody is refused with a sentence."""
    (told,) = texts(mod.ask(AddBan(mask)))
    assert told.startswith(answer)
    assert list(world.hub.records.bans) == []


def test_no_such_ban(world: World, mod: Conn) -> None:
    """Lifting a ban that is not there is told."""
    assert texts(mod.ask(RemoveBan("anna"))) == [b"there is no ban of anna!*"]


@pytest.mark.parametrize("number", [612, 614])
@pytest.mark.parametrize("body", [b"", b"\0", b'"open', b'""', b"x" * 200, b'\xff\xfe "x"'])
def test_unreadable(world: World, mod: Conn, number: int, body: bytes) -> None:
    """What is no ban is answered with a sentence."""
    assert len(texts(mod.tell(number, body))) == 1
    assert audit(world) == []


def test_very_long_ban(world: World, mod: Conn) -> None:
    """A number of seconds beyond any calendar is a ban for ever; no number at all is a mistake."""
    mod.tell(612, b'anna "x" 18446744073709551615')
    assert [each.until for each in world.hub.records.bans] == [None]
    assert b"not a number" in texts(mod.tell(612, b"berta for ever"))[0]


def test_long_reason(world: World, mod: Conn) -> None:
    """A reason is cut to what old programs can show."""
    mod.tell(612, b'anna "' + "é".encode() * 300 + b'"')
    (kept,) = world.hub.records.bans
    assert kept.reason == "é" * 100
