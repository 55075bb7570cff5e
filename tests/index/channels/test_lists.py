"""Which channels there are, and who is in one."""

import pytest

from napster.index.channels.channel import Mode
from napster.wire.messages import Message
from napster.wire.messages.channels import (
    ListChannels,
    ListChannelsFully,
    ListedChannel,
    ListedChannelFully,
    ListedName,
    ListNames,
    NamesEnd,
)
from napster.wire.messages.login import Notice
from tests.index.channels.people import ROOM, gather, hush, moderator, room
from tests.index.harness import World


def test_both_forms(world: World) -> None:
    """Each channel has its line, and each list ends with an empty body of its own number."""
    gather(world, "anna", "berta")
    gather(world, "carl", channel="#Other")
    world.hub.channels.amend(room(world), topic=b'say "hi"')
    asker = world.login("asker")
    assert asker.ask(ListChannels()) == [
        ListedChannel(ROOM, 2, b'say "hi"'),
        ListedChannel("#Other", 1, b"Welcome to the #Other channel."),
        ListChannels(),
    ]
    first, second, end = asker.ask(ListChannelsFully())
    assert first == ListedChannelFully(ROOM, 2, 1, 1, 200, b"say 'hi'")
    assert second.body() == b'#Other 1 1 1 200 "Welcome to the #Other channel."'
    assert end == ListChannelsFully()
    assert asker.ask(ListChannels(), ListChannelsFully())[-1].frame() == b"\0\0\x3b\x03"


def test_registered_in_the_list(world: World) -> None:
    """A channel that is kept is listed as such, with nobody in it."""
    (anna,) = gather(world, "anna")
    world.hub.channels.amend(room(world), modes=frozenset({Mode.REGISTERED}), limit=5)
    anna.lose()
    line, _ = world.login("asker").ask(ListChannelsFully())
    assert line == ListedChannelFully(ROOM, 0, 0, 1, 5, b"Welcome to the #room channel.")


@pytest.mark.parametrize("request_", [ListChannels(), ListChannelsFully()])
def test_private(world: World, request_: Message) -> None:
    """A private channel is listed to its members and to moderators only."""
    (anna,) = gather(world, "anna")
    world.hub.channels.amend(room(world), modes=frozenset({Mode.PRIVATE}))
    assert world.login("berta").ask(request_) == [request_]
    assert len(anna.ask(request_)) == len(moderator(world).ask(request_)) == 2


def test_long_list(world: World) -> None:
    """Hundreds of channels are told without a pause for others being left out."""
    mod = moderator(world)
    for number in range(300):
        mod.frame(400, b"c%d" % number)
        world.clock.advance(1)
    hush(mod)
    assert len(mod.ask(ListChannels())) == 301


def test_names(world: World) -> None:
    """Members and moderators learn who is there."""
    anna, _ = gather(world, "anna", "berta")
    names = [ListedName(ROOM, "anna", 0, 8), ListedName(ROOM, "berta", 0, 8), NamesEnd()]
    assert anna.ask(ListNames("room")) == names
    assert moderator(world).ask(ListNames(ROOM)) == names
    answer = world.login("carl").ask(ListNames(ROOM))
    assert answer == [Notice(b"you're not on channel #room"), NamesEnd()]


@pytest.mark.parametrize("body", [b"", b"\0", b'"open', b"nowhere"])
def test_names_of_nothing(world: World, body: bytes) -> None:
    """A list that cannot be given ends all the same."""
    answer = world.login("anna").tell(830, body)
    assert [type(each) for each in answer] == [Notice, NamesEnd]
