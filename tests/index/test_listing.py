"""Browsing straight from user to user."""

import pytest

from napster.wire.messages.login import Notice
from napster.wire.messages.searching import (
    DirectBrowse,
    DirectBrowseAccept,
    DirectBrowseError,
    DirectBrowseReady,
    DirectBrowseRequest,
)
from tests.index.harness import World, file

ADDRESS = int.from_bytes(bytes([192, 0, 2, 1]), "little")


def test_direct_browse(world: World) -> None:
    """The owner is asked and agrees; the asker learns where to connect."""
    anna, berta = world.login("anna"), world.login("berta")
    anna.send(file())
    assert berta.ask(DirectBrowse("Anna")) == []
    assert anna.messages() == [DirectBrowseRequest("berta")]
    assert anna.ask(DirectBrowseAccept("berta")) == []
    assert berta.messages() == [DirectBrowseReady("anna", ADDRESS, 6699)]


def test_firewalled_owner(world: World) -> None:
    """A firewalled owner is told where to bring the list."""
    anna, berta = world.login("anna", port=0), world.login("berta")
    anna.send(file())
    berta.send(DirectBrowse("anna"))
    assert anna.messages() == [DirectBrowseRequest("berta", ADDRESS, 6699)]


def test_faults(world: World) -> None:
    """Nobody there, nothing shared, nobody reachable: 642 says which."""
    world.login("anna")
    world.login("carl", port=0).send(file())
    berta = world.login("berta", port=0)
    assert berta.ask(DirectBrowse("nobody"), DirectBrowse("anna"), DirectBrowse("carl")) == [
        DirectBrowseError("nobody", b"the user is not online"),
        DirectBrowseError("anna", b"the user shares no files"),
        DirectBrowseError("carl", b"both of you are firewalled"),
    ]


def test_unasked_acceptance(world: World) -> None:
    """Agreeing to what nobody asked is told, and so is agreeing twice."""
    anna, berta = world.login("anna"), world.login("berta")
    anna.send(file())
    assert anna.ask(DirectBrowseAccept("berta")) == [Notice(b"berta has not asked for your files")]
    berta.send(DirectBrowse("anna"))
    anna.messages()
    assert anna.ask(DirectBrowseAccept("berta")) == []
    assert len(anna.ask(DirectBrowseAccept("berta"))) == 1
    assert len(berta.messages()) == 1


def test_list_request_is_no_file_request(world: World) -> None:
    """An open request for a list cannot be answered as one for a file without a name."""
    anna, berta = world.login("anna"), world.login("berta")
    anna.send(file())
    berta.send(DirectBrowse("anna"))
    anna.messages()
    assert [type(each) for each in anna.tell(608, b'berta ""')] == [Notice]


def test_owner_gone(world: World) -> None:
    """Whoever waits for the list of somebody who goes is told."""
    anna, berta = world.login("anna"), world.login("berta")
    anna.send(file())
    berta.send(DirectBrowse("anna"))
    anna.lose()
    assert berta.messages() == [DirectBrowseError("anna", b"the user has gone")]


@pytest.mark.parametrize("number", [640, 641])
@pytest.mark.parametrize("body", [b"", b" ", b'"open', b"\0"])
def test_unreadable(world: World, number: int, body: bytes) -> None:
    """A request without a nick is answered with a sentence."""
    assert [type(each) for each in world.login("anna").tell(number, body)] == [Notice]
