"""Talking in channels."""

import pytest

from napster.index.channels.channel import Mode
from napster.wire.messages import Message
from napster.wire.messages.channels import Emote, Emoted, Said, Say
from napster.wire.messages.chanops import TellOps
from napster.wire.messages.login import Notice
from tests.index.channels.people import ROOM, gather, hush, moderator, room, told
from tests.index.harness import World

WAYS = [
    (Say("room", b"hi"), Said(ROOM, "berta", b"hi")),
    (Emote("room", b"hi"), Emoted(ROOM, "berta", b"hi")),
]
ways = pytest.mark.parametrize(("request_", "heard"), WAYS)


@ways
def test_everybody_hears(world: World, request_: Message, heard: Message) -> None:
    """What is said reaches all members, the speaker included, and nobody else."""
    anna, berta = gather(world, "anna", "berta")
    carl = world.login("carl")
    assert berta.ask(request_) == anna.messages() == [heard]
    assert carl.messages() == []


def test_bytes(world: World) -> None:
    """Text goes through byte for byte, leading spaces too."""
    anna, _ = gather(world, "anna", "berta")
    text = b'  caf\xe9 \xc3\xa9 "x" \r\n\x01'
    assert anna.ask(Say(ROOM, text)) == [Said(ROOM, "anna", text)]


def test_quotes_in_what_somebody_does(world: World) -> None:
    """An emote is always quoted, and quotes inside end nothing."""
    (anna,) = gather(world, "anna")
    assert (
        anna.tell(824, b'#room "says "hi" loudly"')[0].body() == b"#room anna \"says 'hi' loudly\""
    )
    assert anna.tell(824, b"#room waves to all")[0].body() == b'#room anna "waves to all"'


@pytest.mark.parametrize("number", [402, 824])
def test_long(world: World, number: int) -> None:
    """Old programs do not survive more than 180 bytes; who said more is told."""
    anna, berta = gather(world, "anna", "berta")
    text = "é".encode() * 200
    heard, notice = anna.tell(number, b"#room " + text)
    assert 178 <= len(heard.body()) <= 180
    heard.body().strip(b'"').decode()
    assert berta.messages() == [heard]
    (sentence,) = told([notice])
    assert sentence.startswith("Your message was too long; #room got 16")


def test_names_longer_than_a_message() -> None:
    """Where names alone fill a message, nothing of the text is left, and nothing breaks."""
    world = World(max_message=64, max_channel_name=64)
    (anna,) = gather(world, "a" * 19, channel="#" + "c" * 64)
    heard, _ = anna.ask(Say("#" + "c" * 64, b"hello"))
    assert heard == Said("#" + "c" * 64, "a" * 19)
    world.end()


@ways
def test_strangers(world: World, request_: Message, heard: Message) -> None:
    """Who is not in a channel does not talk in it, whatever the level, there or not."""
    assert told(world.login("carl").ask(request_)) == ["You are not a member of channel room"]
    (anna,) = gather(world, "anna")
    mod = moderator(world)
    assert told(mod.ask(request_)) == ["You are not a member of channel room"]
    assert anna.messages() == []


@ways
def test_muzzled(world: World, request_: Message, heard: Message) -> None:
    """Who is muzzled by a moderator talks nowhere."""
    anna, berta = gather(world, "anna", "berta")
    world.hub.network._members["berta"].change(muzzled=True)
    assert told(berta.ask(request_)) == ["You are muzzled."]
    world.hub.network._members["anna"].change(muzzled=True)
    assert told(anna.ask(TellOps(ROOM, b"hi"))) == ["You are muzzled."]
    assert anna.messages() == []


@ways
def test_muzzled_here(world: World, request_: Message, heard: Message) -> None:
    """Who is muzzled in a channel does not talk there, voice or not."""
    anna, berta = gather(world, "anna", "berta")
    room(world).change_member("berta", voice=True)
    world.hub.channels.amend(room(world), muzzles=("Berta",))
    assert told(berta.ask(request_)) == ["permission denied: muzzled on channel #room"]
    assert anna.messages() == []


@ways
def test_moderated(world: World, request_: Message, heard: Message) -> None:
    """In a moderated channel operators, moderators and voiced members talk."""
    anna, berta = gather(world, "anna", "berta")
    world.hub.channels.amend(room(world), modes=frozenset({Mode.MODERATED}))
    assert told(berta.ask(request_)) == ["permission denied: channel #room is moderated"]
    room(world).change_member("berta", voice=True)
    assert berta.ask(request_) == [heard]
    mod = moderator(world)
    mod.frame(400, b"room")
    hush(mod)
    assert len(mod.ask(request_)) == len(anna.ask(request_)[-1:]) == 1
    assert [type(each) for each in berta.messages()][-2:] == [type(heard)] * 2


def test_to_operators(world: World) -> None:
    """Operators and moderators in the channel hear it, as old programs know it."""
    anna, berta = gather(world, "anna", "berta")
    mod = moderator(world)
    mod.frame(400, b"room")
    hush(anna, berta, mod)
    assert told(anna.ask(TellOps("room", b"look out"))) == ["anna [ops/#room]: look out"]
    assert told(mod.messages()) == ["anna [ops/#room]: look out"]
    denied = "permission denied: you are not operator of channel #room"
    assert told(berta.ask(TellOps(ROOM, b"hi"))) == [denied]
    outside = moderator(world, "mod2")
    assert outside.ask(TellOps(ROOM, b"hi")) == []
    assert told(anna.messages()) == ["mod2 [ops/#room]: hi"]


@pytest.mark.parametrize("number", [402, 824, 10208])
@pytest.mark.parametrize("body", [b"", b"\0", b'"open', b"#room", b"#room ", b"#nowhere hi"])
def test_unreadable(world: World, number: int, body: bytes) -> None:
    """Words without a channel or a text are answered with a sentence, and nobody hears them."""
    anna, berta = gather(world, "anna", "berta")
    assert [type(each) for each in anna.tell(number, body)] == [Notice]
    assert berta.messages() == []


def test_empty_quotes(world: World) -> None:
    """An emote of nothing is none."""
    (anna,) = gather(world, "anna")
    assert [type(each) for each in anna.tell(824, b'#room ""')] == [Notice]
