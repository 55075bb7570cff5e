"""Operators, voices and muzzles."""

from typing import Any

import pytest

from napster.index.channels.channel import Mode
from napster.index.levels import Level
from napster.wire.messages import Message
from napster.wire.messages.channels import Join, Part, Said, Say
from napster.wire.messages.chanops import (
    Deop,
    ListOps,
    MuzzleInChannel,
    Op,
    UnmuzzleInChannel,
    Unvoice,
    Voice,
)
from napster.wire.messages.login import Notice
from napster.wire.messages.people import PrivateMessage
from tests.index.channels.people import ROOM, gather, hush, login, moderator, room, told
from tests.index.harness import World

DENIED = "permission denied: you are not operator of channel #room"


def listed(messages: list[Message]) -> list[bytes]:
    """Return the lines that ChanServ told."""
    assert all(isinstance(each, PrivateMessage) and each.nick == "ChanServ" for each in messages)
    return [each.text for each in messages if isinstance(each, PrivateMessage)]


def test_op(world: World) -> None:
    """An operator makes others; a nick that is not registered is one until it leaves."""
    anna, berta = gather(world, "anna", "berta")
    sentence = "anna set berta as operator on channel #room"
    assert told(anna.ask(Op("room", ("berta",)))) == [sentence]
    assert told(berta.messages()) == ["anna set you as operator on channel #room"]
    berta.send(Part(ROOM), Join(ROOM))
    assert room(world).operators() == {"anna"}
    assert room(world).charter.modes == frozenset()


def test_rank_of_oneself(world: World) -> None:
    """What somebody does to the own rank is told once."""
    (anna,) = gather(world, "anna")
    assert told(anna.ask(Voice(ROOM, ("anna",)))) == ["anna gave you voice on channel #room"]
    answer = "anna removed you as operator on channel #room"
    assert told(anna.ask(Deop(ROOM, ("anna",)))) == [answer]


def test_op_of_somebody_registered(world: World) -> None:
    """A registered nick stays operator, and can be made one while away."""
    (anna,) = gather(world, "anna")
    world.register("Berta")
    assert told(anna.ask(Op(ROOM, ("berta",)))) == ["anna set berta as operator on channel #room"]
    assert room(world).charter.operators == ("Berta",)
    world.login("Berta").send(Join(ROOM))
    assert room(world).operators() == {"anna", "berta"}


def test_op_by_a_moderator(world: World) -> None:
    """A channel whose operators a moderator appoints is kept."""
    gather(world, "anna", "berta")
    mod = moderator(world)
    mod.send(Op(ROOM, ("berta", "mod")))
    assert world.channel_store.kept[ROOM].operators == ("mod",)
    assert room(world).has(Mode.REGISTERED)


def test_op_of_nobody(world: World) -> None:
    """Somebody who is not here and not registered cannot be operator."""
    (anna,) = gather(world, "anna")
    world.login("berta")
    for nick in ("berta", "nobody"):
        text = f"{nick} is not in channel #room, and not registered"
        assert told(anna.ask(Op(ROOM, (nick,)))) == [text]


def test_too_many_operators(world: World) -> None:
    """A channel has so many operators by nick."""
    (anna,) = gather(world, "anna")
    nicks = tuple(f"op{number}" for number in range(256))
    world.hub.channels.amend(room(world), operators=nicks)
    world.register("one-more")
    assert told(anna.ask(Op(ROOM, ("one-more",)))) == ["a channel has at most 256 operators"]
    assert told(anna.ask(Op(ROOM, nicks[:33]))) == ["one command is about at most 32 users"]


def test_deop(world: World) -> None:
    """An operator takes the rank of another, for good."""
    anna = login(world, "anna", Level.USER)
    berta = login(world, "berta", Level.USER)
    anna.send(Join(ROOM))
    berta.send(Join(ROOM))
    anna.send(Op(ROOM, ("berta",)))
    hush(anna, berta)
    sentence = "berta removed anna as operator on channel #room"
    assert told(berta.ask(Deop(ROOM, ("ANNA",)))) == [sentence.replace("anna", "ANNA")]
    assert told(anna.messages()) == ["berta removed you as operator on channel #room"]
    assert room(world).charter.operators == ("berta",)
    assert told(berta.ask(Deop(ROOM, ("anna",)))) == ["anna is not operator of channel #room"]
    assert told(anna.ask(Deop(ROOM, ("berta",)))) == [DENIED]


def test_deop_of_somebody_away(world: World) -> None:
    """The rank is taken from a nick that is not here."""
    (anna,) = gather(world, "anna")
    world.hub.channels.amend(room(world), operators=("Olga",))
    anna.send(Deop(ROOM, ("olga",)))
    assert room(world).charter.operators == ()


@pytest.mark.parametrize("request_", [ListOps("room"), Op("room"), Deop("room")])
def test_list_of_operators(world: World, request_: Message) -> None:
    """Operators by nick and those of this visit are told, each once, as OpenNap tells them."""
    anna, berta = gather(world, "anna", "berta")
    world.hub.channels.amend(room(world), operators=("Anna", "Olga"))
    assert listed(anna.ask(request_)) == [
        b"Operators for channel #room:",
        b"anna",
        b"Olga",
        b"END of operators for channel #room (2 total)",
    ]
    assert told(berta.ask(request_)) == [DENIED]


def test_voice(world: World) -> None:
    """A voice is given and taken; the list tells who has one."""
    anna, berta = gather(world, "anna", "berta")
    sentence = "anna gave berta voice on channel #room"
    assert told(anna.ask(Voice("room", ("BERTA",)))) == [sentence]
    assert told(berta.messages()) == ["anna gave you voice on channel #room"]
    assert listed(anna.ask(Voice(ROOM)))[1:-1] == [b"berta"]
    sentence = "anna took voice from berta on channel #room"
    assert told(anna.ask(Unvoice(ROOM, ("berta",)))) == [sentence]
    assert told(berta.messages()) == ["anna took voice from you on channel #room"]
    assert listed(anna.ask(Unvoice(ROOM))) == [
        b"Voiced users on channel #room:",
        b"END of voiced users on channel #room (0 total)",
    ]
    assert told(anna.ask(Voice(ROOM, ("nobody",)))) == ["nobody is not in channel #room"]
    assert told(berta.ask(Voice(ROOM, ("berta",)))) == [DENIED]


def test_muzzle(world: World) -> None:
    """A member is forbidden to talk here, with a reason, and allowed again."""
    anna, berta = gather(world, "anna", "berta")
    sentence = "anna muzzled berta on channel #room: too loud"
    assert told(anna.ask(MuzzleInChannel("room", "Berta", b"too loud"))) == [sentence]
    assert told(berta.messages()) == ["anna muzzled you on channel #room: too loud"]
    assert room(world).charter.muzzles == ("berta",)
    assert told(anna.ask(UnmuzzleInChannel(ROOM, "berta"))) == [
        "anna unmuzzled berta on channel #room"
    ]
    assert room(world).charter.muzzles == ()
    assert told(anna.ask(UnmuzzleInChannel(ROOM, "berta"))) == [
        "berta is not muzzled on channel #room"
    ]


def test_muzzle_outlasts_a_visit(world: World) -> None:
    """Who is muzzled does not talk after leaving and coming back, until allowed, here or away."""
    anna, berta = gather(world, "anna", "berta")
    anna.send(MuzzleInChannel(ROOM, "berta"))
    berta.send(Part(ROOM), Join(ROOM))
    hush(anna, berta)
    assert told(berta.ask(Say(ROOM, b"hi"))) == ["permission denied: muzzled on channel #room"]
    berta.lose()
    hush(anna)
    assert told(anna.ask(MuzzleInChannel(ROOM, "berta"))) == ["berta is not in channel #room"]
    assert told(anna.ask(UnmuzzleInChannel(ROOM, "BERTA", b"sorry"))) == [
        "anna unmuzzled BERTA on channel #room: sorry"
    ]
    berta = login(world, "berta")
    berta.send(Join(ROOM))
    hush(berta)
    assert berta.ask(Say(ROOM, b"hi")) == [Said(ROOM, "berta", b"hi")]


def test_most_muzzles(world: World) -> None:
    """So many can be muzzled, no more."""
    anna, _ = gather(world, "anna", "berta")
    world.hub.channels.amend(room(world), muzzles=tuple(f"user{n}" for n in range(256)))
    assert told(anna.ask(MuzzleInChannel(ROOM, "berta"))) == ["a channel has at most 256 muzzles"]


def test_muzzle_of_somebody_higher(world: World) -> None:
    """An operator does not silence a moderator; a moderator silences an operator."""
    (anna,) = gather(world, "anna")
    mod = moderator(world)
    mod.send(Join(ROOM))
    hush(anna, mod)
    refused = "permission denied: mod has your level or a higher one"
    assert told(anna.ask(MuzzleInChannel(ROOM, "mod"))) == [refused]
    mod.send(MuzzleInChannel(ROOM, "anna"))
    assert room(world).charter.muzzles == ("anna",)


def test_rank_of_one_who_left_meanwhile(world: World) -> None:
    """While an account is looked up the channel can end, and then nobody gets a rank in it."""
    (anna,) = gather(world, "anna")
    found: Any = world.accounts.find

    def find(nick: str) -> Any:
        world.hub.channels.leave(room(world), "anna")
        return found(nick)

    world.accounts.find = find
    assert told(anna.ask(Op(ROOM, ("anna",)))) == ["Channel #room does not exist!"]
    assert list(world.hub.channels) == []


@pytest.mark.parametrize("number", [10204, 10205, 10206, 10211, 10212, 10213, 10214])
@pytest.mark.parametrize("body", [b"", b"\0", b'"open', b"#nowhere x", b"#room nobody"])
def test_unreadable(world: World, number: int, body: bytes) -> None:
    """A command without a channel, or about somebody not there, is answered with a sentence."""
    anna, _ = gather(world, "anna", "berta")
    answer = anna.tell(number, body)
    if (number, body) != (10206, b"#room nobody"):
        assert [type(each) for each in answer] == [Notice]
