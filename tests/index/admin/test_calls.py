"""What can be asked at the admin socket, and what comes of it."""

import pytest

from napster.daemon.codec import CodecError
from napster.index import slices
from napster.index.accounts import Account
from napster.index.actors import NotThereError
from napster.index.admin.values import AccountInfo, ChannelInfo, UserInfo
from napster.index.commands import CommandError
from napster.index.kept import Ban, Invitation
from napster.index.levels import Level
from napster.wire.messages.channels import Join, Part, Topic
from napster.wire.messages.chanops import ChannelLimit, ChannelMode, KickFromChannel, Op
from napster.wire.messages.login import Disconnecting, LoginError, Notice
from napster.wire.messages.moderation import Announcement
from tests.catalog.helpers import fired
from tests.index.admin.helpers import Desk
from tests.index.harness import NOW, World, file
from tests.index.test_login import login
from tests.index.test_moderating import audit, person, texts


@pytest.fixture
def desk(world: World) -> Desk:
    return Desk(world)


def test_first_admin(world: World, desk: Desk) -> None:
    """An account can be made with any level, and its owner logs in with it."""
    info = desk.ask("account.add", nick="Anna", password="secret", level="elite", email="a@b.org")
    assert info == AccountInfo("Anna", "Elite", "a@b.org", 1000, 1000, online=False)
    account: Account = world.accounts.rows["anna"]
    assert (account.password, account.level) == ("secret", Level.ELITE)
    anna = world.login("anna", password=b"secret")
    assert desk.ask("accounts") == [
        AccountInfo("Anna", "Elite", "a@b.org", 1000, 2000, online=True)
    ]
    assert anna.messages() == []
    assert audit(world) == ["console.root made the account of Anna: Elite"]


@pytest.mark.parametrize(
    ("asked", "sentence"),
    [
        ({"nick": "CARL"}, "CARL is registered already"),
        ({"nick": "a b"}, "a nick is made of printable ASCII"),
        ({"nick": "napster"}, "this nick is reserved"),
        ({"nick": "Anna"}, "Anna is registered already"),
        ({"nick": "berta"}, "berta is online without an account"),
        ({"nick": "new", "password": ""}, "a password has 1 to 128 bytes"),
        ({"nick": "new", "password": "é" * 65}, "a password has 1 to 128 bytes"),
        ({"nick": "new", "level": "God"}, "there is no such level"),
        ({"nick": "new", "email": "a b@c.org"}, "a mail address is one word of 1 to 128"),
        ({"nick": "new", "email": "a" * 129}, "a mail address is one word of 1 to 128"),
        ({"nick": "new", "email": ""}, "a mail address is one word of 1 to 128"),
    ],
)
def test_no_account(world: World, desk: Desk, asked: dict[str, str], sentence: str) -> None:
    """An account that cannot be is refused with a sentence, and nothing is kept."""
    world.register("anna")
    person(world, "carl")
    world.login("berta")
    with pytest.raises(CommandError, match=sentence):
        desk.ask("account.add", **({"password": "x"} | asked))
    assert list(world.accounts.rows) == ["anna", "carl"]
    assert audit(world) == []


def test_password(world: World, desk: Desk) -> None:
    """Another password holds from the next login on; it is nowhere in what is kept."""
    world.register("anna")
    desk.ask("account.password", nick="ANNA", password="hidden")
    assert world.connect().ask(login()) == [LoginError(b"Invalid Password")]
    world.login("anna", password=b"hidden")
    assert audit(world) == ["console.root set the password of anna"]
    with pytest.raises(NotThereError, match="user nobody is not a known user"):
        desk.ask("account.password", nick="nobody", password="x")


@pytest.mark.parametrize(
    "password", ["two words", " one", "one ", '"one', "\0", "o\0ne", "o\tne", "one\x7f"]
)
def test_password_nobody_could_send(world: World, desk: Desk, password: str) -> None:
    """A password that not every program can send in a login is refused."""
    world.register("anna")
    for ask in ("account.add", "account.password"):
        with pytest.raises(CommandError, match=r"a password (is one word|has no control)"):
            desk.ask(ask, nick="anna" if ask == "account.password" else "new", password=password)
    assert [each.password for each in world.accounts.rows.values()] == ["pw"]


def test_level_and_deletion(world: World, desk: Desk) -> None:
    """The console stands above an Elite."""
    anna = person(world, "anna", Level.ELITE)
    anna.messages()
    desk.ask("account.level", nick="anna", level="Moderator")
    told, _ = texts(anna.messages())
    assert told == b"napster set your user level to Moderator (2)."
    desk.ask("account.delete", name="anna", reason='asked "for" it\n')
    assert world.accounts.rows == {}
    assert audit(world)[0] == "console.root deleted the account of anna: asked 'for' it\\x0a"


def test_online(world: World, desk: Desk) -> None:
    """Everybody online is listed by nick, with what a table needs."""
    world.register("Berta", level=Level.ADMIN)
    world.login("Berta", port=0).send(file())
    anna = world.login("anna")
    anna.lose()
    world.login("anna")
    world.clock.advance(83)
    anna_info, berta_info = desk.ask("online")
    assert anna_info.nick == "anna"
    assert berta_info == UserInfo(
        nick="Berta",
        level="Admin",
        registered=True,
        muzzled=False,
        address="192.0.2.1",
        port=0,
        speed="dsl",
        client="test 1.0",
        files=1,
        online=83,
    )


@pytest.mark.parametrize("call", ["online", "accounts"])
def test_pages(world: World, desk: Desk, call: str) -> None:
    """Long lists come in pages, in the order of the names without case."""
    for nick in ("berta", "Anna", "carl", "Dora"):
        person(world, nick)
    found, after = [], ""
    while page := desk.ask(call, limit=3, after=after):
        assert len(page) <= 3
        found += [each.nick for each in page]
        after = found[-1]
    assert found == ["Anna", "berta", "carl", "Dora"]
    assert desk.ask(call, after="dora") == []


@pytest.mark.parametrize("limit", [0, -1, 501])
def test_wrong_page(desk: Desk, limit: int) -> None:
    """A page has 1 to 500 lines."""
    with pytest.raises(CodecError, match="limit"):
        desk.ask("online", limit=limit)


def test_kick_and_muzzle(world: World, desk: Desk) -> None:
    """Users are told that the server did it, not who sat at it."""
    anna = world.login("anna")
    desk.ask("muzzle", name="anna", reason="hush")
    desk.ask("unmuzzle", name="anna")
    desk.ask("kick", name="anna", reason="enough")
    assert anna.messages() == [
        Notice(b"You were muzzled by napster: hush"),
        Notice(b"You were unmuzzled by napster"),
        Notice(b"You were killed by napster: enough"),
        Disconnecting(b"0"),
    ]
    with pytest.raises(NotThereError, match="User anna is not currently online"):
        desk.ask("kick", name="anna")


def test_bans(world: World, desk: Desk) -> None:
    """A ban from the console bites as any other."""
    anna = world.login("anna")
    made = desk.ask("ban", mask="ANNA", reason="floods", seconds=60)
    assert made == Ban("anna!*", "console.root", "floods", NOW, NOW + 60)
    assert anna.closed
    assert desk.ask("bans") == [made]
    desk.ask("unban", name="anna")
    assert desk.ask("bans") == []
    with pytest.raises(NotThereError, match=r"there is no ban of anna!\*"):
        desk.ask("unban", name="anna")
    with pytest.raises(CommandError, match="a mask is one word"):
        desk.ask("ban", mask="a b")


def test_announcement(world: World, desk: Desk) -> None:
    """An announcement comes in the server's name."""
    anna = world.login("anna")
    desk.ask("announce", text="wir räumen um")
    assert anna.messages() == [Announcement("napster", "wir räumen um".encode())]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "there is no text to announce"),
        (" ", "there is no text to announce"),
        ("é" * 87, "an announcement has at most 172 bytes, this one 174"),
    ],
)
def test_no_announcement(world: World, desk: Desk, text: str, sentence: str) -> None:
    """What says nothing or would be cut is refused, and nobody hears of it."""
    anna = world.login("anna")
    with pytest.raises(CommandError, match=f"^{sentence}$"):
        desk.ask("announce", text=text)
    assert anna.messages() == []
    desk.ask("announce", text="é" * 86)
    assert anna.messages() == [Announcement("napster", "é".encode() * 86)]


def test_audit(world: World, desk: Desk) -> None:
    """The latest acts come first, no more than asked for."""
    desk.ask("ban", mask="anna")
    desk.ask("unban", name="anna", reason="sorry")
    (latest,) = desk.ask("audit", limit=1)
    assert str(latest) == "console.root lifted the ban of anna!*: sorry"
    assert len(desk.ask("audit")) == 2


@pytest.mark.parametrize("limit", [0, -3, 5001, 10**23])
def test_wrong_limit(desk: Desk, limit: int) -> None:
    """So many acts are told at once, and at least one."""
    with pytest.raises(CodecError, match="limit"):
        desk.ask("audit", limit=limit)


def test_invitations(world: World, desk: Desk) -> None:
    """An invitation is listed until it is revoked, and cannot be revoked twice."""
    made: Invitation = desk.ask("invite", note="for Berta", seconds=60)
    assert (made.maker, made.note, made.until) == ("console.root", "for Berta", NOW + 60)
    mod = person(world, "mod", Level.MODERATOR)
    mod.messages()
    endless = desk.ask("invite", note="leak?")
    assert {each.code for each in desk.ask("invitations")} == {made.code, endless.code}
    desk.ask("revoke", name=made.code.lower())
    assert desk.ask("invitations") == [endless]
    acts = [
        f"console.root made the invitation {endless.code[:4]}-...: leak?",
        f"console.root revoked the invitation {made.code[:4]}-...",
    ]
    assert [each.decode() for each in texts(mod.messages())] == acts
    assert audit(world)[:2] == acts[::-1]
    with pytest.raises(NotThereError, match="there is no unused invitation"):
        desk.ask("revoke", name=made.code)


def test_backup(world: World, desk: Desk) -> None:
    """A copy of the state is told of as what it is: nobody knows yet that it is saved."""
    assert desk.ask("backup") == "/state/backup.db"
    assert audit(world) == ["console.root made a copy of the state"]


def test_channels(world: World, desk: Desk) -> None:
    """Channels are listed, private ones too, with what is kept of them."""
    mod = person(world, "mod", Level.ADMIN)
    world.login("anna").send(Join("zebra"))
    mod.send(Join("#Attic"), Op("#attic", ("mod",)), Topic("#attic", "café".encode()))
    mod.send(ChannelMode("#attic", ("+PRIVATE",)), ChannelLimit("#attic", 7))
    attic, zebra = desk.ask("channels")
    assert attic == ChannelInfo(
        name="#Attic",
        members=1,
        limit=7,
        level="User",
        kept=True,
        modes=["PRIVATE"],
        operators=["mod"],
        topic="café",
    )
    assert (zebra.name, zebra.kept, zebra.members) == ("#zebra", False, 1)


def test_drop(world: World, desk: Desk) -> None:
    """A dropped channel is kept no longer, and everybody in it is told to go."""
    mod, anna = person(world, "mod", Level.ADMIN), world.login("anna")
    mod.send(Join("#attic"), Op("#attic", ("mod",)))
    anna.send(Join("#attic"))
    anna.messages()
    assert "#attic" in world.channel_store.kept
    desk.ask("channel.drop", name="Attic", reason="leaks")
    assert desk.ask("channels") == []
    assert world.channel_store.kept == {}
    part, told = anna.messages()[-2:]
    assert (part, told) == (Part("#attic"), Notice(b"Channel #attic was closed by napster: leaks"))
    assert audit(world)[0] == "console.root dropped the channel #attic: leaks"
    with pytest.raises(NotThereError, match="there is no channel attic"):
        desk.ask("channel.drop", name="attic")


def test_newcomer_during_a_drop(world: World, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Who enters a channel while it is dropped has to go with the others."""
    for nick in ("anna", "berta", "carla"):
        world.login(nick).send(Join("#attic"))
    late = world.login("late")
    monkeypatch.setattr(slices, "_SLICE", 0)
    dropping = desk.begin("channel.drop", name="attic")
    late.send(Join("#attic"))
    world.clock.pump([0] * 30)
    assert fired(dropping) is None
    assert desk.ask("channels") == []
    assert late.messages()[-2:] == [Part("#attic"), Notice(b"Channel #attic was closed by napster")]


def test_channel_acts_of_moderators(world: World, desk: Desk) -> None:
    """What a moderator does in a channel is kept, what its operators do is not."""
    anna, mod = world.login("anna"), person(world, "mod", Level.MODERATOR)
    berta = world.login("berta")
    for conn in (anna, berta):
        conn.send(Join("#attic"))
    anna.send(Topic("#attic", b"mine"))
    mod.send(KickFromChannel("#attic", "berta", b"too loud"))
    kicked = "mod acted in #attic: kicked berta out of channel #attic: too loud"
    assert audit(world) == [kicked]
