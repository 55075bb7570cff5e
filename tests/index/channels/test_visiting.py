"""Entering and leaving channels."""

import attrs
import pytest

from napster.index import slices
from napster.index.channels.channel import Ban, Mode
from napster.index.levels import Level
from napster.wire.framing import encode
from napster.wire.messages.channels import (
    Join,
    Joined,
    ListedMember,
    MemberCame,
    MemberLeft,
    MembersEnd,
    Part,
    Topic,
)
from napster.wire.messages.login import Notice
from tests.index.channels.people import ROOM, gather, hush, login, moderator, room, told
from tests.index.harness import World, file

WELCOME = Topic(ROOM, b"Welcome to the #room channel.")


def test_join(world: World) -> None:
    """405, a 408 for each member, 409 and 410, in this order; the others get 406."""
    anna, berta = world.login("Anna"), world.login("berta")
    anna.send(file())
    assert anna.ask(Join("room")) == [
        Joined(ROOM),
        ListedMember(ROOM, "Anna", 1, 8),
        MembersEnd(ROOM),
        WELCOME,
        Notice(b"Server napster set you as operator on channel #room"),
    ]
    assert berta.ask(Join("#ROOM")) == [
        Joined(ROOM),
        ListedMember(ROOM, "Anna", 1, 8),
        ListedMember(ROOM, "berta", 0, 8),
        MembersEnd(ROOM),
        WELCOME,
    ]
    assert anna.messages() == [MemberCame(ROOM, "berta", 0, 8)]


def test_part(world: World) -> None:
    """Who leaves gets 401, the others 407; the channel ends with its last member."""
    anna, berta = gather(world, "anna", "berta")
    anna.send(file())
    assert anna.ask(Part("room")) == [Part(ROOM)]
    assert berta.messages() == [MemberLeft(ROOM, "anna", 1, 8)]
    assert told(anna.ask(Part(ROOM))) == ["You are not a member of channel #room"]
    assert berta.ask(Part(ROOM)) == [Part(ROOM)]
    assert list(world.hub.channels) == []


def test_going_offline(world: World) -> None:
    """Who goes parts all channels, and the others are told how much that one shared."""
    anna, berta = gather(world, "anna", "berta")
    anna.send(Join("#other"), file())
    hush(anna)
    anna.lose()
    assert berta.messages() == [MemberLeft(ROOM, "anna", 1, 8)]
    assert [channel.name for channel in world.hub.channels] == [ROOM]
    assert not world.hub.network._channels["#room"].keys() - {"berta"}


def test_twice(world: World) -> None:
    """Nobody is in a channel twice."""
    (anna,) = gather(world, "anna")
    sentence = "channel join failed: already joined channel #room"
    assert told(anna.ask(Join("Room"))) == [sentence]


@pytest.mark.parametrize("body", [b"", b"\0", b'"open', b" ", b"a\x01", b"a*", b"#", b"x" * 40])
def test_unreadable(world: World, body: bytes) -> None:
    """A channel without a sound name is not made, and that is told."""
    anna = world.login("anna")
    assert [type(each) for each in anna.tell(400, body)] == [Notice]
    assert list(world.hub.channels) == []


def test_name_in_quotes_with_a_space(world: World) -> None:
    """A space cannot be smuggled in: 403 would be read wrongly by all."""
    anna = world.login("anna")
    (answer,) = told(anna.tell(400, b'"two words"'))
    assert "printable ASCII" in answer


def test_too_many_channels() -> None:
    """A user is in so many channels at once; a moderator in as many as wanted."""
    world = World(max_channels=2)
    anna, mod = world.login("anna"), moderator(world)
    joins = Join("a"), Join("b"), Join("c")
    assert told(anna.ask(*joins)[-1:]) == ["channel join failed: you may only join 2 channels"]
    mod.send(*joins)
    assert len(world.hub.channels.of("mod")) == 3
    anna.send(Part("a"), Join("c"))
    assert [each.name for each in world.hub.channels.of("anna")] == ["#b", "#c"]
    world.end()


def test_closed_to_users() -> None:
    """Where users make no channels they enter those there are."""
    world = World(open_channels=False)
    anna = world.login("anna")
    assert told(anna.ask(Join(ROOM))) == ["channel join failed: only moderators make channels here"]
    moderator(world).send(Join(ROOM))
    assert anna.ask(Join(ROOM))[0] == Joined(ROOM)
    world.end()


def test_muzzled(world: World) -> None:
    """Who is muzzled enters no channel."""
    anna = world.login("anna")
    world.hub.network._members["anna"].change(muzzled=True)
    assert told(anna.ask(Join(ROOM))) == ["channel join failed: can't join channels while muzzled"]


def test_leech(world: World) -> None:
    """A leech has not the level that channels ask for, and makes none."""
    leech = login(world, "leech", Level.LEECH)
    assert told(leech.ask(Join(ROOM))) == ["channel join failed: requires level User"]
    gather(world, "anna")
    assert told(leech.ask(Join(ROOM))) == ["channel join failed: requires level User"]


def test_level(world: World) -> None:
    """Who is below the channel's level stays out, also an operator."""
    anna, _ = gather(world, "anna", "berta")
    anna.send(Part(ROOM))
    world.hub.channels.amend(room(world), level=Level.MODERATOR)
    hush(anna)
    assert told(anna.ask(Join(ROOM))) == ["channel join failed: requires level Moderator"]
    assert moderator(world).ask(Join(ROOM))[0] == Joined(ROOM)


def test_banned(world: World) -> None:
    """Who is banned stays out and is told why; moderators and operators by nick do not."""
    gather(world, "anna")
    bans = (Ban("*!192.0.2.*", "anna", b"too loud", 1),)
    world.hub.channels.amend(room(world), bans=bans, operators=("olga",))
    berta = world.login("berta")
    assert told(berta.ask(Join(ROOM))) == ["channel join failed: banned: too loud"]
    assert world.login("carl", "198.51.100.1").ask(Join(ROOM))[0] == Joined(ROOM)
    assert moderator(world).ask(Join(ROOM))[0] == Joined(ROOM)
    assert login(world, "olga", Level.USER).ask(Join(ROOM))[0] == Joined(ROOM)


def test_limit(world: World) -> None:
    """A full channel takes nobody else but moderators."""
    gather(world, "anna", "berta")
    world.hub.channels.amend(room(world), limit=2)
    carl = world.login("carl")
    assert told(carl.ask(Join(ROOM))) == ["channel join failed: channel full"]
    assert moderator(world).ask(Join(ROOM))[0] == Joined(ROOM)
    world.hub.channels.amend(room(world), limit=0)
    assert carl.ask(Join(ROOM))[0] == Joined(ROOM)


def test_next_room(world: World) -> None:
    """A full channel that is registered goes on in #room2 and #room3 under the same rules."""
    gather(world, "anna")
    modes = frozenset({Mode.REGISTERED})
    world.hub.channels.amend(room(world), limit=1, modes=modes, topic=b"news")
    for nick, name in (("berta", "#room2"), ("carl", "#room3")):
        joined, *_ = world.login(nick).ask(Join(ROOM))
        assert joined == Joined(name)
        charter = room(world, name).charter
        assert (charter.limit, charter.topic, charter.modes) == (1, b"news", frozenset())
    assert told(world.login("dora").ask(Join("#room3"))) == ["channel join failed: channel full"]
    anna = world.hub.channels.of("anna")
    assert [each.name for each in anna] == [ROOM]


def test_next_room_twice(world: World) -> None:
    """Who is in the next room already is told so."""
    gather(world, "anna")
    world.hub.channels.amend(room(world), limit=1, modes=frozenset({Mode.REGISTERED}))
    berta = world.login("berta")
    berta.send(Join(ROOM))
    hush(berta)
    sentence = "channel join failed: already joined channel #room2"
    assert told(berta.ask(Join(ROOM))) == [sentence]


def test_no_next_room_with_too_long_a_name() -> None:
    """Names do not grow without end."""
    world = World(max_channel_name=4)
    gather(world, "anna")
    world.hub.channels.amend(room(world), limit=1, modes=frozenset({Mode.REGISTERED}))
    assert told(world.login("berta").ask(Join(ROOM))) == ["channel join failed: channel full"]
    world.hub.channels.amend(room(world), modes=frozenset())
    world.end()


def test_registered_channel_gives_nobody_operator(world: World) -> None:
    """An empty registered channel is not there for the taking."""
    (anna,) = gather(world, "anna")
    world.hub.channels.amend(room(world), modes=frozenset({Mode.REGISTERED}))
    anna.send(Part(ROOM))
    assert room(world).members == {}
    hush(anna)
    assert anna.ask(Join(ROOM))[-1] == WELCOME
    assert not room(world).operators()


def test_operator_by_nick(world: World) -> None:
    """Who made a channel with a registered nick is operator again; a stranger's nick is not."""
    anna = login(world, "anna", Level.USER)
    berta = world.login("berta")
    anna.send(Join(ROOM), Part(ROOM), Join(ROOM))
    berta.send(Join(ROOM))
    anna.send(Part(ROOM))
    hush(anna, berta)
    sentence = b"Server napster set you as operator on channel #room"
    assert anna.ask(Join(ROOM))[-1] == Notice(sentence)
    world.hub.channels.amend(room(world), operators=("anna", "berta"))
    berta.send(Part(ROOM))
    hush(berta)
    assert berta.ask(Join(ROOM))[-1] == WELCOME


def test_moderator_learns_of_operators(world: World) -> None:
    """Moderators in a channel are told who becomes operator."""
    anna = login(world, "anna", Level.USER)
    mod = moderator(world)
    anna.send(Join(ROOM))
    mod.send(Join(ROOM))
    anna.send(Part(ROOM))
    hush(mod)
    anna.send(Join(ROOM))
    told_first, notice = mod.messages()
    assert told_first == MemberCame(ROOM, "anna", 0, 8)
    assert told([notice]) == ["Server napster set anna as operator on channel #room"]


def test_many_members(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Many members are told over several turns of the reactor."""
    world.hub.configure(attrs.evolve(world.hub.settings, channel_limit=0))
    conns = []
    for number in range(150):
        conn = world.login(f"user{number}", f"198.51.{number}.1")
        conn.send(Join(ROOM))
        world.clock.pump([0] * 20)
        conns.append(conn)
    hush(*conns)
    monkeypatch.setattr(slices, "_SLICE", 0)
    last = world.login("last")
    answers = last.ask(Join(ROOM))
    assert answers == [Joined(ROOM)]
    world.clock.pump([0] * 200)
    answers += last.messages()
    assert sum(isinstance(each, ListedMember) for each in answers) == 151
    assert answers[-1] == WELCOME
    for conn in conns:
        assert conn.messages() == [MemberCame(ROOM, "last", 0, 8)]
    conns[0].lose()
    world.clock.pump([0] * 200)
    assert last.messages() == [MemberLeft(ROOM, "user0", 0, 8)]
    for conn in conns:
        conn.lose()
    world.clock.pump([0] * 20_000)


def test_displaced_session_parts(world: World) -> None:
    """A login that takes the place of an older session starts in no channel."""
    anna = login(world, "anna", Level.USER)
    (berta,) = gather(world, "berta")
    anna.send(Join(ROOM))
    hush(berta)
    world.login("anna")
    assert berta.messages() == [MemberLeft(ROOM, "anna", 0, 8)]
    assert world.hub.channels.of("anna") == ()


def test_flood(world: World) -> None:
    """Coming and going counts as talking to others."""
    (anna,) = gather(world, "anna")
    berta = world.login("berta")
    berta.raw((encode(400, b"room") + encode(401, b"room")) * 50)
    world.clock.pump([0.05] * 100)
    assert len(anna.messages()) < 80
    assert b"Too many messages to others" in berta.frames()[-1][1]
