"""Throwing members out, and keeping users out."""

from typing import Any

import pytest

from napster.index.channels.channel import Ban
from napster.index.levels import Level
from napster.wire.messages import Message
from napster.wire.messages.channels import Join, MemberLeft, Part
from napster.wire.messages.chanops import (
    BanFromChannel,
    ChannelBan,
    ChannelBansEnd,
    ClearChannel,
    ClearChannelBans,
    DropChannel,
    KickFromChannel,
    ListChannelBans,
    MuzzleInChannel,
    OldKickFromChannel,
    Op,
    UnbanFromChannel,
    UnmuzzleInChannel,
)
from napster.wire.messages.login import Notice
from napster.wire.messages.people import PrivateMessage
from tests.index.channels.people import ROOM, gather, hush, login, moderator, room, told
from tests.index.harness import Conn, World

DENIED = "permission denied: you are not operator of channel #room"


@pytest.mark.parametrize("kind", [KickFromChannel, OldKickFromChannel])
def test_kick(world: World, kind: Any) -> None:
    """Who is thrown out gets 401 and a sentence, the others 407, the operators a sentence."""
    anna, berta, carl = gather(world, "anna", "berta", "carl")
    left = MemberLeft(ROOM, "berta", 0, 8)
    assert anna.ask(kind("room", "BERTA", b"too loud")) == [
        left,
        Notice(b"anna kicked berta out of channel #room: too loud"),
    ]
    assert berta.messages() == [
        Part(ROOM),
        Notice(b"You were kicked from channel #room by anna: too loud"),
    ]
    assert carl.messages() == [left]
    assert berta.ask(Join(ROOM))[0].body() == b"#room"


def test_kick_without_reason(world: World) -> None:
    """A reason is not needed, and a long one is cut."""
    anna, berta, _ = gather(world, "anna", "berta", "carl")
    anna.send(KickFromChannel(ROOM, "berta"), KickFromChannel(ROOM, "carl", b"x" * 500))
    assert berta.messages()[1] == Notice(b"You were kicked from channel #room by anna")
    assert len(anna.messages()[-1].body()) == len("anna kicked carl out of channel #room: ") + 64


def test_who_may_kick(world: World) -> None:
    """Operators their like, moderators users, nobody somebody higher, members only leeches."""
    anna, berta = gather(world, "anna", "berta")
    anna.frame(823, b"#room leech")
    leech, mod = login(world, "leech", Level.LEECH), moderator(world)
    for conn in (leech, mod):
        conn.send(Join(ROOM))
    hush(anna, berta, leech, mod)
    higher = "permission denied: {} has your level or a higher one"
    for conn, nick in ((berta, "anna"), (anna, "mod"), (leech, "berta"), (berta, "mod")):
        assert told(conn.ask(KickFromChannel(ROOM, nick))) == [higher.format(nick)]
    berta.send(KickFromChannel(ROOM, "leech"))
    anna.send(KickFromChannel(ROOM, "berta"))
    mod.send(KickFromChannel(ROOM, "anna"))
    assert list(room(world).members) == ["mod"]


def test_kick_from_outside(world: World) -> None:
    """A moderator need not be there; a user has to, and so has who is thrown out."""
    (anna,) = gather(world, "anna")
    stranger, mod = world.login("stranger"), moderator(world)
    assert told(stranger.ask(KickFromChannel(ROOM, "anna"))) == ["You are not on channel #room"]
    assert told(anna.ask(KickFromChannel(ROOM, "mod"))) == ["mod is not in channel #room"]
    sentence = "mod kicked anna out of channel #room"
    assert told(mod.ask(KickFromChannel(ROOM, "anna"))) == [sentence]
    assert list(world.hub.channels) == []


def test_channel_above_the_level(world: World) -> None:
    """In a channel above one's level one throws nobody out, though one be there."""
    anna, _ = gather(world, "anna", "berta")
    world.hub.channels.amend(room(world), level=Level.MODERATOR)
    text = "permission denied: channel #room is above your level"
    assert told(anna.ask(KickFromChannel(ROOM, "berta"))) == [text]
    assert told(anna.ask(ClearChannel(ROOM))) == [text]


def test_elite(world: World) -> None:
    """The highest level throws anybody out, its like included."""
    elite, other = (login(world, nick, Level.ELITE) for nick in ("elite", "other"))
    other.send(Join(ROOM))
    elite.send(KickFromChannel(ROOM, "other"))
    assert other.messages()[-2] == Part(ROOM)


def test_clear(world: World) -> None:
    """Everybody goes whom the operator outranks, but the operator."""
    anna, berta, carl = gather(world, "anna", "berta", "carl")
    mod = moderator(world)
    mod.send(Join(ROOM))
    hush(anna, berta, carl, mod)
    assert anna.ask(ClearChannel("room", b"closing time"))[0] == Notice(
        b"anna cleared channel #room: closing time"
    )
    assert Part(ROOM) in berta.messages()
    assert list(room(world).members) == ["anna", "mod"]
    dora = world.login("dora")
    assert told(dora.ask(ClearChannel(ROOM))) == ["You are not on channel #room"]
    dora.send(Join(ROOM))
    hush(dora)
    refused = "permission denied: nobody in channel #room is below you"
    assert told(dora.ask(ClearChannel(ROOM))) == [refused]
    anna.send(KickFromChannel(ROOM, "dora"))
    mod.send(ClearChannel(ROOM))
    assert list(room(world).members) == ["mod"]


@pytest.mark.parametrize(
    ("request_", "without"),
    [
        (KickFromChannel(ROOM, "berta", b"BUY"), KickFromChannel(ROOM, "berta")),
        (OldKickFromChannel(ROOM, "berta", b"BUY"), OldKickFromChannel(ROOM, "berta")),
        (ClearChannel(ROOM, b"BUY"), ClearChannel(ROOM)),
        (BanFromChannel(ROOM, "eve", b"BUY"), BanFromChannel(ROOM, "eve")),
        (UnbanFromChannel(ROOM, "carl", b"BUY"), UnbanFromChannel(ROOM, "carl")),
        (MuzzleInChannel(ROOM, "berta", b"BUY"), MuzzleInChannel(ROOM, "berta")),
        (UnmuzzleInChannel(ROOM, "carl", b"BUY"), UnmuzzleInChannel(ROOM, "carl")),
        (DropChannel(ROOM, b"BUY"), DropChannel(ROOM)),
    ],
)
def test_reasons_of_the_muzzled(world: World, request_: Message, without: Message) -> None:
    """Who is muzzled keeps order without a word; with one nothing is done and nobody told."""
    mod = moderator(world)
    dora, berta = gather(world, "dora", "berta")
    mod.send(Join(ROOM), Op(ROOM, ("mod",)))
    mod.send(BanFromChannel(ROOM, "carl"))
    world.hub.channels.amend(room(world), muzzles=("carl",))
    world.hub.network._members["mod"].change(muzzled=True)
    hush(mod, dora, berta)
    before, members = room(world).charter, set(room(world).members)
    assert told(mod.ask(request_)) == ["You are muzzled; do this without a reason"]
    assert dora.messages() == berta.messages() == []
    assert (room(world).charter, set(room(world).members)) == (before, members)
    mod.send(without)
    assert (room(world).charter, set(room(world).members)) != (before, members)


def test_ban(world: World) -> None:
    """A ban is listed with who set it, when and why, and can be lifted."""
    anna, berta = gather(world, "anna", "berta")
    sentence = "anna banned *!192.0.2.* from #room: too loud"
    assert told(anna.ask(BanFromChannel("room", "192.0.2.", b"too loud"))) == [sentence]
    anna.send(BanFromChannel(ROOM, "carl"))
    hush(anna)
    assert anna.ask(ListChannelBans("room")) == [
        ChannelBan("*!192.0.2.*", "anna", b"too loud", 5000, 0),
        ChannelBan("carl!*", "anna", b"", 5000, 0),
        ChannelBansEnd(),
    ]
    assert berta.ask(ListChannelBans(ROOM)) == [Notice(DENIED.encode()), ChannelBansEnd()]
    assert told(anna.ask(UnbanFromChannel(ROOM, "CARL", b"calm now"))) == [
        "anna unbanned CARL!* from #room: calm now"
    ]
    assert told(anna.ask(ClearChannelBans(ROOM))) == ["anna cleared the ban list on #room"]
    assert room(world).charter.bans == ()


def test_ban_faults(world: World) -> None:
    """A ban that is there, is not there, or means nothing."""
    anna, berta = gather(world, "anna", "berta")
    assert told(anna.ask(ClearChannelBans(ROOM))) == ["There are no bans"]
    assert told(anna.ask(UnbanFromChannel(ROOM, "x"))) == [
        "channel unban failed: there is no ban of x!*"
    ]
    anna.send(BanFromChannel(ROOM, "x"))
    hush(anna)
    assert told(anna.ask(BanFromChannel(ROOM, "X!*"))) == [
        "channel ban failed: X!* is banned already"
    ]
    assert told(anna.ask(BanFromChannel(ROOM, "1.2"))) == [
        "a mask is a nick, an address, or nick!address"
    ]
    bans = tuple(Ban(f"u{number}!*", "anna", b"", 1) for number in range(256))
    world.hub.channels.amend(room(world), bans=bans)
    (refused,) = told(anna.ask(BanFromChannel(ROOM, "y")))
    assert refused == "channel ban failed: a channel has at most 256 bans"
    for request in (BanFromChannel(ROOM, "y"), UnbanFromChannel(ROOM, "y"), ClearChannelBans(ROOM)):
        assert told(berta.ask(request)) == [DENIED]


def test_kick_of_one_who_does_not_read() -> None:
    """A member for whom too much waits goes at the kick altogether, and only once."""
    world = World(write_queue=65_536, message_rate=0)
    anna, berta = gather(world, "anna", "berta")
    fill(berta, anna)
    anna.send(KickFromChannel(ROOM, "berta", b"x" * 60))
    assert berta.aborted
    left = [each for each in anna.messages() if isinstance(each, MemberLeft)]
    assert left == [MemberLeft(ROOM, "berta", 0, 8)]
    world.end()


def test_op_of_one_who_does_not_read() -> None:
    """A channel whose last member goes while it is being changed ends, and is not kept."""
    world = World(write_queue=65_536, message_rate=0)
    (berta,) = gather(world, "berta")
    mod = moderator(world)
    fill(berta, mod)
    hush(mod)
    assert told(mod.ask(Op(ROOM, ("berta",))))[-1] == "Channel #room does not exist!"
    assert berta.aborted
    assert list(world.hub.channels) == []
    assert world.channel_store.kept == {}
    world.end()


def fill(conn: Conn, sender: Conn) -> None:
    """Let as much wait for somebody who does not read as the index bears."""
    conn.transport.producer.pauseProducing()
    outbox = conn.protocol._session.outbox
    while len(outbox) < 65_536 - 20:
        length = min(150, 65_536 - 20 - len(outbox))
        sender.send(PrivateMessage("berta", b"x" * length))
    assert not conn.aborted


@pytest.mark.parametrize("number", [420, 422, 423, 424, 820, 829, 10202])
@pytest.mark.parametrize("body", [b"", b"\0", b'"open', b"#nowhere", b"#nowhere x"])
def test_unreadable(world: World, number: int, body: bytes) -> None:
    """A command without a channel is answered with a sentence; a list ends all the same."""
    (anna,) = gather(world, "anna")
    end = [ChannelBansEnd] if number == 420 else []
    assert [type(each) for each in anna.tell(number, body)] == [Notice, *end]
