"""Inviting users to channels."""

import gc
from typing import Any

import pytest

from napster.index.channels.channel import Mode
from napster.index.levels import Level
from napster.wire.messages.channels import (
    AcceptInvitation,
    DeclineInvitation,
    Invitation,
    Invite,
    Join,
    Joined,
    Part,
)
from napster.wire.messages.chanops import InviteToChannel
from napster.wire.messages.login import Notice
from napster.wire.messages.social import Ignore
from tests.index.channels.people import ROOM, gather, hush, moderator, room, told
from tests.index.harness import World

INVITED = Notice(b"anna invited you to channel #room")


def test_invite_in_words(world: World) -> None:
    """An invitation by 10210 is a sentence that TekNap knows; it opens an invite-only channel."""
    (anna,) = gather(world, "anna")
    anna.frame(10209, b"#room +INVITE")
    berta = world.login("berta")
    assert told(berta.ask(Join(ROOM))) == ["channel join failed: invite only"]
    hush(anna)
    sentence = "anna invited berta to channel #room"
    assert told(anna.ask(InviteToChannel("room", "BERTA"))) == [sentence]
    assert berta.messages() == [INVITED]
    assert berta.ask(Join(ROOM))[0] == Joined(ROOM)
    assert berta.ask(Part(ROOM), Join(ROOM))[-1] == Notice(b"channel join failed: invite only")


def test_invite_by_430(world: World) -> None:
    """An invitation by 430 comes as 430 as well, with a topic that its quotes do not break."""
    (anna,) = gather(world, "anna")
    world.hub.channels.amend(room(world), topic=b'say "hi"')
    berta = world.login("berta")
    anna.send(Invite("berta", "room"))
    assert berta.messages() == [INVITED, Invitation("anna", ROOM, b"say 'hi'", 0, b"Hello!")]


def test_accept(world: World) -> None:
    """431 is as good as 400, and tells who has invited."""
    (anna,) = gather(world, "anna")
    berta = world.login("berta")
    anna.send(Invite("berta", "room"))
    hush(anna, berta)
    assert berta.ask(AcceptInvitation("anna", "#room"))[0] == Joined(ROOM)
    assert told(anna.messages()[1:]) == ["berta accepted your invitation to channel #room"]
    hush(berta)
    assert told(berta.ask(AcceptInvitation("anna", ROOM))) == [
        "channel join failed: already joined channel #room"
    ]


def test_accept_without_invitation(world: World) -> None:
    """431 by one who was not invited tells nobody anything, and opens no door."""
    (anna,) = gather(world, "anna")
    anna.frame(10209, b"#room +INVITE")
    hush(anna)
    berta = world.login("berta")
    (refused,) = told(berta.ask(AcceptInvitation("anna", ROOM)))
    assert refused == "channel join failed: invite only"
    assert anna.messages() == []
    assert berta.ask(AcceptInvitation("anna", "#new"))[0] == Joined("#new")


def test_decline(world: World) -> None:
    """432 takes the invitation back and tells who has invited, once."""
    (anna,) = gather(world, "anna")
    berta = world.login("berta")
    anna.send(Invite("berta", "room"))
    hush(anna, berta)
    assert berta.tell(432, b'anna #room "topic" 0 Hello!') == []
    assert told(anna.messages()) == ["berta declined your invitation to channel #room"]
    refused = "Nobody has invited you to channel {}"
    for name in (ROOM, "#nowhere"):
        assert told(berta.ask(DeclineInvitation("anna", name))) == [refused.format(name)]


@pytest.mark.parametrize(
    "invite", [lambda nick: Invite(nick, ROOM), lambda nick: InviteToChannel(ROOM, nick)]
)
def test_faults(world: World, invite: Any) -> None:
    """Who invites has to be in, who is invited has not; each is invited once, and may ignore it."""
    anna, carl = gather(world, "anna", "carl")
    berta = world.login("berta")
    assert told(berta.ask(invite("anna"))) == ["You are not a member of channel #room"]
    assert told(anna.ask(invite("nobody"))) == ["User nobody is not currently online."]
    assert told(anna.ask(invite("carl"))) == ["carl is already in channel #room"]
    assert told(moderator(world).ask(invite("berta"))) == ["mod invited berta to channel #room"]
    hush(anna, berta)
    again = "berta has been invited to channel #room already"
    assert told(carl.ask(invite("berta"))) == [again]
    dora = world.login("dora")
    dora.send(Ignore("anna"))
    assert told(anna.ask(invite("dora"))) == ["dora is ignoring you"]
    world.hub.network._members["carl"].change(muzzled=True)
    assert told(carl.ask(invite("dora"))) == ["You are muzzled."]
    hush(dora)
    assert dora.messages() == []


def test_private_channel_stays_unknown(world: World) -> None:
    """Inviting to a private channel does not tell a stranger that there is one."""
    gather(world, "anna")
    world.hub.channels.amend(room(world), modes=frozenset({Mode.PRIVATE}))
    answer = told(world.login("berta").ask(Invite("anna", ROOM)))
    assert answer == ["Channel #room does not exist!"]


def test_invitations_end(world: World) -> None:
    """An invitation is for this channel and this visit, not for a later one of the same name."""
    (anna,) = gather(world, "anna")
    berta = world.login("berta")
    anna.send(Invite("berta", ROOM), Part(ROOM), Join(ROOM))
    gc.collect()
    anna.frame(10209, b"#room +INVITE")
    hush(berta)
    assert told(berta.ask(Join(ROOM))) == ["channel join failed: invite only"]
    anna.send(Invite("berta", ROOM))
    berta.lose()
    assert not world.hub.channels._invitations
    assert told(world.login("berta").ask(Join(ROOM))) == ["channel join failed: invite only"]


def test_leech_is_not_let_in_by_an_invitation(world: World) -> None:
    """An invitation opens no channel above one's level."""
    (anna,) = gather(world, "anna")
    world.register("leech")
    leech = world.login("leech")
    world.hub.network._members["leech"].change(level=Level.LEECH)
    anna.send(Invite("leech", ROOM))
    hush(leech)
    assert told(leech.ask(Join(ROOM))) == ["channel join failed: requires level User"]


@pytest.mark.parametrize("number", [430, 431, 432, 10210])
@pytest.mark.parametrize("body", [b"", b"\0", b'"open', b"anna", b"#nowhere", b"x #no\x01where"])
def test_unreadable(world: World, number: int, body: bytes) -> None:
    """An invitation without its two fields is answered with a sentence."""
    gather(world, "anna")
    assert [type(each) for each in world.login("berta").tell(number, body)] == [Notice]
