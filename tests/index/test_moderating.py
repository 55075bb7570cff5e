"""Levels, kills, muzzles and words to many, as moderators with old programs do them."""

from typing import Any

import pytest
from twisted.internet.defer import Deferred

from napster.index import slices
from napster.index.kept import AuditEntry
from napster.index.levels import Level
from napster.wire.messages import Message
from napster.wire.messages.channels import Join
from napster.wire.messages.login import (
    Disconnecting,
    LoginAccepted,
    LoginError,
    Notice,
    Stats,
)
from napster.wire.messages.moderation import (
    AddBan,
    Announce,
    Announcement,
    Kill,
    Muzzle,
    Nuke,
    PortOrder,
    SetLevel,
    SetPort,
    SetSpeed,
    TellModerators,
    ToldModerators,
    Unmuzzle,
)
from napster.wire.messages.people import (
    Ping,
    PrivateMessage,
    Speed,
    SpeedRequest,
    WhoisRequest,
    Whowas,
)
from napster.wire.messages.searching import Search, SearchHit
from napster.wire.search import SearchQuery
from tests.catalog.helpers import fired
from tests.index.harness import NOW, Conn, World, file, worlds
from tests.index.test_login import login


def person(world: World, nick: str, level: Level = Level.USER) -> Conn:
    """Log somebody registered in."""
    world.register(nick, level=level)
    return world.login(nick)


def audit(world: World) -> list[str]:
    """Tell what is kept of acts, the latest first."""
    entries: list[AuditEntry] = fired(world.hub.records.audit.latest(100))
    assert all(each.moment == NOW for each in entries)
    return [str(each) for each in entries]


def texts(messages: list[Message]) -> list[bytes]:
    assert all(isinstance(each, Notice) for each in messages)
    return [each.text for each in messages if isinstance(each, Notice)]


@pytest.mark.parametrize("level", Level)
def test_level_after_login(world: World, level: Level) -> None:
    """Everybody but users is told the level last, in the words that TekNap knows."""
    world.register("anna", level=level)
    *_, last = world.connect().ask(login())
    text = b"napster set your user level to %s (%d)." % (level.label, level)
    assert last == (Stats(1, 0, 0) if level is Level.USER else Notice(text))


ORDERS: list[tuple[Message, Level]] = [
    (SetLevel("berta", "Leech"), Level.MODERATOR),
    (Nuke("berta"), Level.MODERATOR),
    (Muzzle("berta"), Level.MODERATOR),
    (Unmuzzle("berta"), Level.MODERATOR),
    (SetPort("berta", 7000), Level.MODERATOR),
    (SetSpeed("berta", 3), Level.MODERATOR),
    (TellModerators(b"hello"), Level.MODERATOR),
    (Announce(b"hello"), Level.ADMIN),
]


@pytest.mark.parametrize(("order", "least"), ORDERS)
def test_who_may(world: World, order: Message, least: Level) -> None:
    """Below a level nothing happens; the one who tried is told what it takes."""
    berta, anna = person(world, "berta"), person(world, "anna", Level(least - 1))
    anna.messages()
    denied = f"permission denied: this takes the level {least.title}".encode()
    assert texts(anna.ask(order)) == [denied]
    assert berta.messages() == []
    assert audit(world) == []


@pytest.mark.parametrize(
    "order",
    [
        Kill("other"),
        Nuke("other"),
        Muzzle("other"),
        SetPort("other", 7000),
        SetSpeed("other", 3),
        SetLevel("other", "Leech"),
    ],
)
def test_equals(world: World, order: Message) -> None:
    """Nobody is judged by an equal."""
    other, anna = (person(world, nick, Level.MODERATOR) for nick in ("other", "anna"))
    anna.messages()
    other.messages()
    assert texts(anna.ask(order)) == [b"permission denied: other is Moderator, not below you"]
    assert other.messages() == []
    assert audit(world) == []


@pytest.mark.parametrize("number", [606, 610, 611, 613, 622, 623, 625, 627, 628])
@pytest.mark.parametrize("body", [b"", b"\0", b'"open', b"nobody 99999999999999999999999"])
def test_unreadable(world: World, number: int, body: bytes) -> None:
    """An order without its fields, or about nobody, is answered with a sentence."""
    anna = person(world, "anna", Level.ELITE)
    anna.messages()
    if (number, body[:1]) not in {(627, b'"'), (628, b'"'), (627, b"n"), (628, b"n")}:
        assert len(texts(anna.tell(number, body))) == 1
        assert audit(world) == []


def test_kill(world: World) -> None:
    """A kill tells its victim who and why, closes, and is kept; the nick is free at once."""
    berta, mod = person(world, "Berta"), person(world, "mod", Level.MODERATOR)
    mod.messages()
    told = mod.tell(610, b'BERTA "say "please""')
    assert texts(told) == [b"mod disconnected Berta: say 'please'"]
    farewell = Notice(b"You were killed by mod: say 'please'")
    assert berta.messages() == [farewell, Disconnecting(b"0")]
    assert berta.closed
    assert len(world.hub.network) == 1
    assert audit(world) == ["mod disconnected Berta: say 'please'"]


def test_kill_a_leech(world: World) -> None:
    """A user may kill a leech, and is told that it is done."""
    leech, anna = person(world, "leech", Level.LEECH), world.login("anna")
    assert texts(anna.ask(Kill("leech"))) == [b"leech was disconnected"]
    assert leech.closed
    (denied,) = texts(world.login("berta").ask(Kill("anna")))
    assert denied == b"permission denied: anna is User, not below you"


def test_set_level(world: World) -> None:
    """A new level holds at once, for later logins, and is told to its owner."""
    berta, admin = person(world, "berta"), person(world, "admin", Level.ADMIN)
    admin.messages()
    assert texts(admin.ask(SetLevel("berta", "moderator"))) == [
        b"admin set the level of berta: Moderator"
    ]
    mine, theirs = texts(berta.messages())
    assert mine == b"admin set your user level to Moderator (2)."
    assert theirs == b"admin set the level of berta: Moderator"
    assert berta.ask(TellModerators(b"x")) == [ToldModerators("berta", b"x")]
    assert world.accounts.rows["berta"].level is Level.MODERATOR
    assert audit(world) == ["admin set the level of berta: Moderator"]


@pytest.mark.parametrize(
    ("own", "level", "answer"),
    [
        (Level.ADMIN, "Admin", b"permission denied: Admin is not below you"),
        (Level.MODERATOR, "Moderator", b"permission denied: Moderator is not below you"),
        (Level.MODERATOR, "0", b"anna set the level of berta: Leech"),
        (Level.ELITE, "Elite", b"anna set the level of berta: Elite"),
        (Level.ELITE, "God", b"there is no such level; the levels are Leech, User, Moderator,"),
    ],
)
def test_grants(world: World, own: Level, level: str, answer: bytes) -> None:
    """Nobody but an Elite makes somebody an equal."""
    person(world, "berta")
    anna = person(world, "anna", own)
    anna.messages()
    (told,) = texts(anna.ask(SetLevel("berta", level)))
    assert told.startswith(answer)


def test_level_of_somebody_offline(world: World) -> None:
    """A level is given to a nick, online or not, but only to a registered one."""
    world.register("berta")
    world.login("carl")
    admin = person(world, "admin", Level.ADMIN)
    admin.messages()
    admin.send(SetLevel("berta", "Moderator"))
    assert admin.ask(WhoisRequest("berta"))[-1] == Whowas("berta", b"Moderator", 1000)
    (told,) = texts(admin.ask(SetLevel("carl", "Moderator")))
    assert told == b"user carl is not a known user: the nick is not registered"


def test_level_for_a_stranger_with_the_nick(world: World) -> None:
    """Somebody who came without password does not get what the nick's owner is given."""
    stranger, admin = world.login("berta"), person(world, "admin", Level.ADMIN)
    world.register("berta")
    admin.send(SetLevel("berta", "Moderator"))
    assert stranger.messages() == []
    (denied,) = texts(stranger.ask(TellModerators(b"x")))
    assert b"permission denied" in denied


def test_nuke(world: World) -> None:
    """Without account somebody is a user like any other, and the nick can be registered again."""
    mod, admin = person(world, "mod", Level.MODERATOR), person(world, "admin", Level.ADMIN)
    admin.messages()
    mod.messages()
    assert texts(admin.ask(Nuke("mod", b"gone"))) == [b"admin deleted the account of mod: gone"]
    assert "mod" not in world.accounts.rows
    assert texts(mod.messages()) == [
        b"admin deleted your account: gone",
        b"admin set your user level to User (1).",
    ]
    (denied,) = texts(mod.ask(TellModerators(b"x")))
    assert b"permission denied" in denied
    mod.lose()
    assert "mod" not in world.accounts.rows


def test_nuke_of_a_user(world: World) -> None:
    """Whose level stays the same is told of the deletion only; a stranger with the nick is not."""
    anna, mod = person(world, "anna"), person(world, "mod", Level.MODERATOR)
    stranger = world.login("berta")
    world.register("berta")
    mod.send(Nuke("anna"), Nuke("berta"))
    assert texts(anna.messages()) == [b"mod deleted your account"]
    assert stranger.messages() == []


def test_muzzle(world: World) -> None:
    """Somebody muzzled is heard by moderators only, also after another login."""
    berta, mod = world.login("berta"), person(world, "mod", Level.MODERATOR)
    anna = world.login("anna")
    mod.send(Muzzle("berta", b"hush"))
    assert texts(berta.messages()) == [b"You were muzzled by mod: hush"]
    berta.lose()
    berta = world.login("berta")
    mod.messages()
    silence = [Notice(b"You are muzzled; only moderators hear you")]
    assert berta.ask(PrivateMessage("anna", b"hi")) == silence
    assert berta.ask(PrivateMessage("mod", b"sorry"), Ping("anna", b"hi")) == []
    assert anna.messages() == [Ping("berta")]
    assert mod.messages() == [PrivateMessage("berta", b"sorry")]
    mod.send(Unmuzzle("BERTA"))
    assert texts(berta.messages()) == [b"You were unmuzzled by mod"]
    assert berta.ask(PrivateMessage("anna", b"hi")) == []
    assert audit(world) == ["mod unmuzzled BERTA", "mod muzzled berta: hush"]


def test_muzzle_faults(world: World) -> None:
    """Nobody is muzzled who was never here, and nobody unmuzzled who is not muzzled."""
    mod = person(world, "mod", Level.MODERATOR)
    world.login("anna")
    mod.messages()
    (told,) = texts(mod.ask(Muzzle("nobody")))
    assert told == b"user nobody is not a known user: the nick is not registered"
    assert texts(mod.ask(Unmuzzle("anna"))) == [b"anna is not muzzled"]


def test_set_port(world: World) -> None:
    """Another data port is published, and the user's program told to listen there."""
    berta, mod = world.login("berta"), person(world, "mod", Level.MODERATOR)
    mod.messages()
    mod.send(SetPort("berta", 7000))
    assert berta.messages() == [PortOrder(7000)]
    assert fired(world.hub.network.locate("berta")).port == 7000
    assert texts(mod.messages()) == [b"mod set the data port of berta: 7000"]
    for port in (80, 1023, 65536):
        (told,) = texts(mod.ask(SetPort("berta", port)))
        assert told == b"a data port is 0, or a number from 1024 to 65535"
    assert fired(world.hub.network.locate("berta")).port == 7000


def test_set_speed(world: World) -> None:
    """Another link speed is published, and the user told."""
    berta, mod = world.login("berta"), person(world, "mod", Level.MODERATOR)
    berta.send(file())
    mod.messages()
    assert texts(mod.ask(SetSpeed("berta", 10))) == [b"mod set the link speed of berta: t3"]
    assert texts(berta.messages()) == [b"mod set your link speed to t3"]
    assert mod.ask(SpeedRequest("berta")) == [Speed("berta", 10)]
    hit = mod.ask(Search(SearchQuery(contains=(b"song",))))[0]
    assert isinstance(hit, SearchHit)
    assert hit.speed == 10
    assert texts(mod.ask(SetSpeed("berta", 11))) == [b"invalid speed"]
    assert len(texts(mod.ask(SetSpeed("mod", 1)))) == 2


def test_words_to_moderators(world: World) -> None:
    """Moderators hear each other, and nobody else hears them; long words are cut."""
    mod, admin = person(world, "mod", Level.MODERATOR), person(world, "admin", Level.ADMIN)
    anna = world.login("anna")
    mod.messages()
    admin.messages()
    assert mod.ask(TellModerators(b"x" * 300)) == [
        ToldModerators("mod", b"x" * 176),
        Notice(b"Your message was too long; the moderators got 176 bytes of it"),
    ]
    assert admin.messages() == [ToldModerators("mod", b"x" * 176)]
    assert anna.messages() == []
    assert audit(world) == []


def test_announcement(world: World) -> None:
    """Everybody hears an announcement, and it is kept."""
    admin, anna = person(world, "admin", Level.ADMIN), world.login("anna")
    admin.messages()
    said = Announcement("admin", b"we move")
    assert admin.ask(Announce(b"we move")) == [said]
    assert anna.messages() == [said]
    assert audit(world) == ["admin announced we move"]


def test_long_announcement(world: World) -> None:
    """A long announcement is cut, and whoever made it told."""
    admin, anna = person(world, "admin", Level.ADMIN), world.login("anna")
    admin.messages()
    told = Notice(b"Your message was too long; everybody got 174 bytes of it")
    assert admin.ask(Announce(b"x" * 1500)) == [Announcement("admin", b"x" * 174), told]
    assert anna.messages() == [Announcement("admin", b"x" * 174)]
    assert admin.ask(Announce(b"x" * 174)) == [Announcement("admin", b"x" * 174)]


def test_announcement_to_many(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crowd is told in slices; somebody who goes meanwhile is no hindrance."""
    crowd = [world.login(f"user{n}") for n in range(5)]
    admin = person(world, "admin", Level.ADMIN)
    admin.messages()
    monkeypatch.setattr(slices, "_SLICE", 0)
    admin.send(Announce(b"x"))
    assert crowd[4].messages() == []
    crowd[3].lose()
    world.clock.pump([0] * 6)
    assert crowd[4].messages() == [Announcement("admin", b"x")]
    assert admin.messages() == [Announcement("admin", b"x")]


def test_announcements_keep_their_order(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Everybody is told of one before the next, even if whoever made it leaves meanwhile."""
    crowd = [world.login(f"user{n}") for n in range(5)]
    for nick in ("admin", "boss"):
        world.register(nick, level=Level.ADMIN)
    admin, boss = world.login("admin"), world.login("boss")
    monkeypatch.setattr(slices, "_SLICE", 0)
    admin.send(Announce(b"one"))
    boss.send(Announce(b"two"))
    admin.lose()
    world.clock.pump([0] * 20)
    for conn in crowd:
        texts = [each.text for each in conn.messages() if isinstance(each, Announcement)]
        assert texts == [b"one", b"two"]


def test_disk_error(world: World, logged_failures: list[Any]) -> None:
    """An act that cannot be kept is told to be a failure, not passed over."""
    berta, mod = world.login("berta"), person(world, "mod", Level.MODERATOR)
    mod.messages()
    world.hub.records.audit._database.connection.execute("DROP TABLE audit")  # type: ignore[attr-defined]
    (told,) = texts(mod.ask(Kill("berta")))
    assert b"an error of its own" in told
    assert berta.closed
    logged_failures.clear()


def outcome(world: World, order: Message, *, stays: bool) -> list[object]:
    """Tell what comes of an act on Berta whose moderator stays until it is kept, or does not."""
    mod, berta = person(world, "mod", Level.ADMIN), person(world, "berta")
    mod.send(Muzzle("berta")) if isinstance(order, Unmuzzle) else berta.send(Join("#attic"))
    berta.messages()
    world.hold()
    mod.send(order)
    if not stays:
        mod.lose()
    world.release()
    (kept, *_) = audit(world)
    known = [
        (each.user.level, each.user.registered, each.user.muzzled, each.user.port, each.user.speed)
        for each in world.hub.network
        if each.user.nick == "berta"
    ]
    operators = [each.charter.operators for each in world.hub.channels]
    return [kept, known, operators, list(world.hub.records.bans), berta.messages(), berta.closed]


@pytest.mark.parametrize(
    "order",
    [
        Kill("berta"),
        SetLevel("berta", "Moderator"),
        Nuke("berta"),
        AddBan("berta"),
        Muzzle("berta"),
        Unmuzzle("berta"),
        SetPort("berta", 7000),
        SetSpeed("berta", 3),
        Announce(b"hello"),
    ],
)
def test_moderator_who_goes_meanwhile(order: Message) -> None:
    """An act is done to its end, and kept, though its moderator goes while the disk works."""
    first, second = [
        outcome(world, order, stays=stays) for stays in (True, False) for world in worlds()
    ]
    assert first == second


def login_during(world: World, *orders: Message) -> Conn:
    """Let a moderator act while the password is looked at of Berta, a moderator, who logs in."""
    mod = person(world, "mod", Level.ADMIN)
    world.register("berta", level=Level.MODERATOR)
    world.accounts.held = Deferred()
    berta = world.connect()
    assert berta.ask(login(nick="berta")) == []
    mod.send(*orders)
    held, world.accounts.held = world.accounts.held, None
    held.callback(None)
    return berta


def test_level_and_muzzle_during_a_login(world: World) -> None:
    """Who logs in meanwhile comes online with the level that was given, and muzzled."""
    berta = login_during(world, Muzzle("berta"), SetLevel("berta", "User"))
    assert berta.messages()[-1] == Stats(2, 0, 0)
    (user,) = [each.user for each in world.hub.network if each.user.nick == "berta"]
    assert (user.level, user.muzzled) == (Level.USER, True)


def test_deletion_during_a_login(world: World) -> None:
    """Nobody comes online as the owner of an account that is deleted meanwhile."""
    berta = login_during(world, Nuke("berta"))
    sentence = b"the account of berta was changed meanwhile, log in again"
    assert berta.messages() == [LoginError(sentence)]
    assert len(world.hub.network) == 1


def test_muzzle_while_a_ghost_is_asked(world: World) -> None:
    """Who takes the nick of a ghost over is muzzled with it."""
    mod = person(world, "mod", Level.MODERATOR)
    world.login("berta")
    berta = world.connect()
    berta.send(login(nick="berta"))
    mod.send(Muzzle("berta"))
    world.clock.advance(5)
    assert isinstance(berta.messages()[0], LoginAccepted)
    assert berta.ask(Join("#attic")) == [
        Notice(b"channel join failed: can't join channels while muzzled")
    ]
