"""What holds in a channel: topic, level, limit, modes."""

from typing import Any

import pytest

from napster.index.channels.channel import Mode
from napster.index.levels import Level
from napster.wire.messages import Message
from napster.wire.messages.channels import Part, Topic
from napster.wire.messages.chanops import (
    ChannelLevel,
    ChannelLimit,
    ChannelMode,
    DropChannel,
    MuzzleInChannel,
    OldChannelLevel,
    Voice,
)
from napster.wire.messages.login import Notice
from tests.catalog.helpers import fired
from tests.index.channels.people import ROOM, gather, hush, login, moderator, room, told
from tests.index.harness import World, hold_up

DENIED = "permission denied: you are not operator of channel #room"


def test_read_topic(world: World) -> None:
    """Anybody reads the topic of a channel."""
    gather(world, "anna")
    welcome = Topic(ROOM, b"Welcome to the #room channel.")
    assert world.login("berta").ask(Topic("room")) == [welcome]


def test_set_topic(world: World) -> None:
    """All members see the new topic, operators also whose it is; quotes stay as they are."""
    anna, berta = gather(world, "anna", "berta")
    new = Topic(ROOM, b'say "hi"')
    sentence = Notice(b'anna set topic on #room: say "hi"')
    assert anna.ask(new) == [new, sentence]
    assert berta.messages() == [new]
    assert room(world).charter.topic == b'say "hi"'


def test_who_goes_while_a_topic_is_told(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """The topic that is told is the topic, though whoever set it goes meanwhile."""
    anna, berta, _ = gather(world, "anna", "berta", "carl")
    with monkeypatch.context() as slowly:
        hold_up(world, slowly)
        anna.send(Topic(ROOM, b"new"))
        anna.lose()
    world.clock.pump([0] * 5)
    assert berta.messages()[0] == Topic(ROOM, b"new")
    assert room(world).charter.topic == b"new"


def test_moderator_who_goes_while_a_change_is_told(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What a moderator did is kept all the same."""
    gather(world, "anna", "berta", "carl")
    mod = moderator(world)
    with monkeypatch.context() as slowly:
        hold_up(world, slowly)
        world.hub.network.broadcast(b"")
        mod.send(ChannelLimit(ROOM, 7))
        mod.lose()
    world.clock.pump([0] * 9)
    (row,) = fired(world.hub.records.audit.latest(10))
    assert "limit" in str(row)


def test_topic_is_cut_and_made_one_line(world: World) -> None:
    """A topic has 64 bytes, no broken character at its end, and no controls."""
    (anna,) = gather(world, "anna")
    anna.frame(410, b"#room a\r\nb\x1bc" + "é".encode() * 64)
    assert room(world).charter.topic.decode() == "a  b c" + "é" * 29


def test_no_topic(world: World) -> None:
    """Nothing but spaces takes the topic away."""
    (anna,) = gather(world, "anna")
    anna.frame(410, b"#room   ")
    assert room(world).charter.topic == b""


def test_topic_right(world: World) -> None:
    """Operators and moderators set it; all members where the mode says so; no others."""
    anna, berta = gather(world, "anna", "berta")
    denied = "topic change failed: you are not operator of channel #room"
    assert told(berta.ask(Topic(ROOM, b"mine"))) == [denied]
    mod = moderator(world)
    assert told(mod.ask(Topic(ROOM, b"order"))) == ["mod set topic on #room: order"]
    anna.send(ChannelMode(ROOM, ("+TOPIC",)))
    hush(berta)
    *_, answer = berta.ask(Topic(ROOM, b"mine"))
    assert answer == Notice(b"berta set topic on #room: mine")
    assert told(world.login("carl").ask(Topic(ROOM, b"no"))) == [denied]
    world.hub.network._members["berta"].change(muzzled=True)
    assert told(berta.ask(Topic(ROOM, b"again"))) == ["You are muzzled."]
    assert room(world).charter.topic == b"mine"


def test_topic_of_those_who_may_not_talk(world: World) -> None:
    """Where all members set the topic, those do not who may not talk there."""
    anna, berta = gather(world, "anna", "berta")
    anna.send(ChannelMode(ROOM, ("+TOPIC", "+MODERATED")))
    hush(anna)
    moderated = "permission denied: channel #room is moderated"
    assert told(berta.ask(Topic(ROOM, b"mine"))) == [moderated]
    anna.send(Voice(ROOM, ("berta",)))
    hush(anna, berta)
    assert len(berta.ask(Topic(ROOM, b"mine"))) == 2
    anna.send(MuzzleInChannel(ROOM, "berta"), MuzzleInChannel(ROOM, "anna"))
    hush(anna, berta)
    muzzled = "permission denied: muzzled on channel #room"
    assert told(berta.ask(Topic(ROOM, b"again"))) == [muzzled]
    assert room(world).charter.topic == b"mine"
    anna.send(Topic(ROOM, b"order"))
    assert room(world).charter.topic == b"order"


@pytest.mark.parametrize("kind", [ChannelLevel, OldChannelLevel])
def test_level(world: World, kind: Any) -> None:
    """The level is told, set by name or number, and no higher than one's own."""
    anna, berta = gather(world, "anna", "berta")
    assert told(berta.ask(kind("room"))) == ["Channel #room is level User"]
    assert told(berta.ask(kind(ROOM, "Leech"))) == [DENIED]
    assert told(anna.ask(kind(ROOM, "0"))) == ["anna set channel #room to level Leech"]
    assert room(world).charter.level is Level.LEECH
    (refused,) = told(anna.ask(kind(ROOM, "moderator")))
    assert refused == "channel level failed: it would be above your own level"
    (refused,) = told(anna.ask(kind(ROOM, "god")))
    assert refused.startswith("channel level failed: there is no such level; the levels are")
    sentence = "mod set channel #room to level Moderator"
    assert told(moderator(world).ask(kind(ROOM, "moderator"))) == [sentence]
    assert told(anna.messages()) == [sentence]


def test_admin_channel(world: World) -> None:
    """A moderator does not run a channel that is above the moderators."""
    gather(world, "anna")
    world.hub.channels.amend(room(world), level=Level.ADMIN)
    assert told(moderator(world).ask(ChannelLevel(ROOM, "User"))) == [DENIED]
    login(world, "admin", Level.ADMIN).send(ChannelLevel(ROOM, "User"))
    assert room(world).charter.level is Level.USER


def test_limit(world: World) -> None:
    """The limit is told and set, within bounds."""
    anna, berta = gather(world, "anna", "berta")
    assert told(berta.ask(ChannelLimit("room"))) == ["Channel #room has limit 200"]
    assert told(berta.ask(ChannelLimit(ROOM, 1))) == [DENIED]
    assert told(anna.ask(ChannelLimit(ROOM, 65_535))) == [
        "anna set limit on channel #room to 65535"
    ]
    for number in (b"65536", b"-1"):
        (refused,) = told(anna.tell(ChannelLimit.type, b"#room " + number))
        assert refused.endswith(f"'{number.decode()}' is not a number from 0 to 65535")
    assert [type(each) for each in anna.tell(826, b"#room -1")] == [Notice]
    assert room(world).charter.limit == 65_535


def test_modes(world: World) -> None:
    """Modes are told and set; those who run the channel learn what has changed."""
    anna, berta = gather(world, "anna", "berta")
    assert told(berta.ask(ChannelMode("room"))) == ["mode for channel #room"]
    assert told(berta.ask(ChannelMode(ROOM, ("+TOPIC",)))) == [DENIED]
    changes = ("+topic", "+INVITE", "-PRIVATE", "+MODERATED", "-MODERATED")
    sentence = "anna changed mode on channel #room: +INVITE +TOPIC"
    assert told(anna.ask(ChannelMode(ROOM, changes))) == [sentence]
    assert told(berta.ask(ChannelMode(ROOM))) == ["mode for channel #room +INVITE +TOPIC"]
    assert anna.ask(ChannelMode(ROOM, ("+TOPIC",))) == []
    assert told(anna.ask(ChannelMode(ROOM, ("-INVITE",))))[0].endswith(": -INVITE")


@pytest.mark.parametrize("change", ["TOPIC", "+", "+NONE", "*TOPIC", "", "+TOPI\u0130"])
def test_no_mode(world: World, change: str) -> None:
    """What is no change of a mode changes nothing, nor does anything beside it."""
    (anna,) = gather(world, "anna")
    changes = b' +INVITE "%b"' % change.encode("utf-8")
    (refused,) = told(anna.tell(10209, b"#room" + changes))
    assert refused.startswith("channel mode failed: ")
    assert room(world).charter.modes == frozenset()


def test_register(world: World) -> None:
    """Moderators have a channel kept, and kept no longer; operators do not."""
    (anna,) = gather(world, "anna")
    mod = moderator(world)
    refused = "channel mode failed: only moderators register channels"
    assert told(anna.ask(ChannelMode(ROOM, ("+REGISTERED",)))) == [refused]
    mod.send(ChannelMode(ROOM, ("+REGISTERED",)))
    anna.send(Topic(ROOM, b"kept"), Part(ROOM))
    assert world.channel_store.kept[ROOM].topic == b"kept"
    assert room(world).members == {}
    hush(mod)
    assert told(mod.ask(DropChannel(ROOM, b"nobody comes"))) == [
        "mod dropped channel #room: nobody comes"
    ]
    assert world.channel_store.kept == {}
    assert list(world.hub.channels) == []


def test_drop(world: World) -> None:
    """What is not registered cannot be dropped; a dropped channel stays while somebody is in."""
    (anna,) = gather(world, "anna")
    mod = moderator(world)
    assert told(mod.ask(DropChannel(ROOM))) == ["channel #room is not registered"]
    mod.send(ChannelMode(ROOM, ("+REGISTERED",)))
    (refused,) = told(anna.ask(DropChannel(ROOM))[-1:])
    assert "permission denied" in refused
    mod.send(DropChannel(ROOM))
    assert room(world).members
    assert world.channel_store.kept == {}


def test_what_is_not_registered_is_not_kept(world: World) -> None:
    """A passing channel leaves nothing behind."""
    (anna,) = gather(world, "anna")
    anna.send(Topic(ROOM, b"x"), ChannelLimit(ROOM, 5))
    assert world.channel_store.kept == {}


@pytest.mark.parametrize(
    "request_", [Topic(ROOM), ChannelLevel(ROOM), ChannelLimit(ROOM), ChannelMode(ROOM)]
)
def test_private(world: World, request_: Message) -> None:
    """Strangers do not learn whether a private channel exists."""
    nobody = world.login("nobody")
    before = nobody.ask(request_)
    gather(world, "anna")
    world.hub.channels.amend(room(world), modes=frozenset({Mode.PRIVATE}))
    assert nobody.ask(request_) == before == [Notice(b"Channel #room does not exist!")]


@pytest.mark.parametrize("number", [410, 823, 826, 10201, 10207, 10209])
@pytest.mark.parametrize("body", [b"", b"\0", b'"open', b"#nowhere", b"#nowhere x"])
def test_unreadable(world: World, number: int, body: bytes) -> None:
    """A command without a channel is answered with a sentence."""
    gather(world, "anna")
    assert [type(each) for each in moderator(world).tell(number, body)] == [Notice]
