"""Commands as private messages to ChanServ."""

import pytest

from napster.index.channels.chanserv import _NUMBERS
from napster.wire.messages.chanops import ChannelBan, ChannelBansEnd
from napster.wire.messages.login import Notice
from napster.wire.messages.people import PrivateMessage
from tests.index.channels.people import ROOM, gather, room, told
from tests.index.harness import World


def test_commands(world: World) -> None:
    """What has a message of its own can be said in words, in any case."""
    anna, _ = gather(world, "anna", "berta")
    anna.send(
        PrivateMessage("chanserv", b"limit #room 7"),
        PrivateMessage("ChanServ", b"TOPIC room two words"),
        PrivateMessage("CHANSERV", b'  kick   room berta "too loud"'),
    )
    charter = room(world).charter
    assert (charter.limit, charter.topic) == (7, b"two words")
    assert list(room(world).members) == ["anna"]
    (last,) = told(anna.messages()[-1:])
    assert last == "anna kicked berta out of channel #room: too loud"


def test_lists_end(world: World) -> None:
    """A list asked for in words comes as one asked for by number."""
    (anna,) = gather(world, "anna")
    anna.send(PrivateMessage("chanserv", b"ban room x"))
    *_, ban, end = anna.ask(PrivateMessage("chanserv", b"banlist room"))
    assert ban == ChannelBan("x!*", "anna", b"", 5000, 0)
    assert end == ChannelBansEnd()


def test_help(world: World) -> None:
    """Help names every word."""
    answers = world.login("anna").ask(PrivateMessage("chanserv", b"help"))
    assert all(isinstance(each, PrivateMessage) and len(each.body()) <= 180 for each in answers)
    words = {word for each in answers for word in each.body().decode().split()}
    assert set(_NUMBERS) < words


@pytest.mark.parametrize("word", sorted(_NUMBERS))
def test_every_word_does_something(world: World, word: str) -> None:
    """Each word is a command that needs a channel."""
    answer = world.login("anna").ask(PrivateMessage("chanserv", word.encode()))
    assert isinstance(answer[0], Notice)
    assert b"a field is missing" in answer[0].text or b"permission denied" in answer[0].text


@pytest.mark.parametrize("text", [b"dance", b" ", b"\xff", b"ban\0 room x"])
def test_unknown(world: World, text: bytes) -> None:
    """What is no command is told."""
    (anna,) = gather(world, "anna")
    assert [type(each) for each in anna.tell(205, b"chanserv " + text)] == [Notice]
    assert room(world, ROOM).charter.bans == ()
