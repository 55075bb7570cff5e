"""Downloads from sources that can only be met at the relay of an index."""

import pytest

from napster.peer.api import DownloadState
from napster.peer.arrange import ArrangeError, Arrangement, RelayPlace
from napster.peer.security.tickets import Ticket
from tests.peer.downloads.helpers import (
    ADDRESS,
    PATH,
    PORT,
    PlayedPieces,
    World,
    content,
    content_id,
    source_of,
    wanted_of,
)

DATA = content(3_000_000)
TICKET = Ticket(bytes(16), "alice", PATH, bytes(32), ADDRESS, dials=True, uploads=False)
PLACE = RelayPlace("192.0.2.1", 8889, bytes(range(16)))


def want(world: World, port: int, ticket: Ticket | None = TICKET) -> tuple[int, PlayedPieces]:
    """Want a file of alice's, who has that data port; returns the download and the source."""
    world.arranger.answers["alice"] = Arrangement("alice", PATH, ADDRESS, port, b"", 8, ticket)
    alice = world.pieces.sources["alice"] = PlayedPieces(DATA)
    wanted = wanted_of(DATA, sources=[source_of("alice")], content=content_id(DATA))
    return world.add(wanted), alice


def test_neither_can_be_connected_to(world: World) -> None:
    """A ticket and no port mean the relay; it is told while the bytes come."""
    world.arranger.relay = PLACE
    number, alice = want(world, 0)
    assert ("relay", "alice", TICKET.secret) in world.arranger.calls
    assert world.pieces.met == [(TICKET, PLACE)]
    assert world.state_of(number) is DownloadState.RECEIVING
    assert world.status(number).reason == "from alice (by relay)"
    assert world.status(number).relayed
    alice.send_all()
    world.tick()
    assert world.state_of(number) is DownloadState.DONE
    assert (world.folder / "song.mp3").read_bytes() == DATA
    assert not world.status(number).relayed
    assert not world.arranger.asked("push")


def test_a_data_port_that_leads_nowhere(world: World) -> None:
    """Where there is a relay it is the second choice."""
    world.arranger.relay = PLACE
    world.pieces.unreachable.add("alice")
    number, alice = want(world, PORT)
    assert world.pieces.met == [(TICKET, PLACE)]
    alice.send_all()
    world.tick()
    assert world.state_of(number) is DownloadState.DONE


@pytest.mark.parametrize("ticket", [None, TICKET])
def test_no_relay(world: World, ticket: Ticket | None) -> None:
    """Without one, or without a ticket, a data port that leads nowhere is the reason."""
    world.arranger.relay = None if ticket else PLACE
    world.pieces.unreachable.add("alice")
    number, _ = want(world, PORT, ticket)
    assert world.pieces.met == []
    assert world.status(number).reason.startswith("alice: its port leads nowhere")


def test_a_relay_without_room(world: World) -> None:
    """The download waits, says why, and asks again."""
    world.arranger.relay = ArrangeError("the index has no relay for it: the relay is full")
    number, alice = want(world, 0)
    why = "the index has no relay for it: the relay is full"
    assert world.status(number).reason.startswith(why)
    world.arranger.relay = PLACE
    world.tick(60)
    alice.send_all()
    world.tick()
    assert world.state_of(number) is DownloadState.DONE


def test_a_push_that_does_not_come(world: World) -> None:
    """The index was wrong that this peer can be connected to: the relay is the second choice."""
    world.arranger.relay, world.pieces.awaited = PLACE, TICKET
    number, alice = want(world, 0, None)
    assert ("push", "alice", PATH) in world.arranger.calls
    world.tick(44)
    assert world.pieces.met == []
    world.tick(2)
    assert world.pieces.met == [(TICKET, PLACE)]
    alice.send_all()
    world.tick()
    assert world.state_of(number) is DownloadState.DONE


@pytest.mark.parametrize("ticket", [None, TICKET])
def test_a_push_that_no_relay_replaces(world: World, ticket: Ticket | None) -> None:
    """Without a relay, or a ticket, it is only waited for."""
    world.arranger.relay = None if ticket else PLACE
    world.pieces.awaited = ticket
    number, _ = want(world, 0, None)
    world.tick(46)
    assert world.pieces.met == []
    assert world.status(number).reason.startswith("alice: it did not connect here")
