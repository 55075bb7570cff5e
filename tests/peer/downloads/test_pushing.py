"""Downloads from sources behind a firewall."""

import hashlib

import pytest
from twisted.internet.defer import Deferred

from napster.peer.api import DownloadState
from napster.peer.arrange import Arrangement, FirewalledError
from tests.peer.downloads.helpers import (
    ADDRESS,
    PATH,
    FakeTransport,
    World,
    content,
    wanted_of,
)

DATA = content(700_000)
MD5 = hashlib.md5(DATA[:299_008]).hexdigest()


def firewalled(nick: str = "alice") -> Arrangement:
    return Arrangement(nick, PATH, ADDRESS, 0, b"", 8)


@pytest.mark.parametrize("path", [PATH, b"song.mp3", b"C:\\other\\SONG.mp3"])
def test_a_push_is_asked_for_and_taken(world: World, path: bytes) -> None:
    """A firewalled source is asked to connect here, and may name only the file's base name."""
    world.arranger.answers["alice"] = firewalled()
    number = world.add(wanted_of(DATA, md5=MD5))
    assert world.arranger.calls[-1] == ("push", "alice", PATH)
    assert world.status(number).reason == "waits for alice to connect here"
    found = world.downloads.accept_push("ALICE", path, len(DATA))
    assert found is not None
    offset, receiver = found
    assert offset == 0
    transport = FakeTransport()
    receiver.connected(transport)
    receiver.received(DATA)
    world.tick()
    assert world.state_of(number) is DownloadState.DONE
    assert (world.folder / "song.mp3").read_bytes() == DATA


def test_a_push_goes_on_where_it_stopped(world: World) -> None:
    """A push that broke off is asked for again with an offset."""
    world.arranger.answers["alice"] = firewalled()
    number = world.add(wanted_of(DATA))
    _, receiver = world.downloads.accept_push("alice", PATH, len(DATA)) or pytest.fail("refused")
    receiver.connected(FakeTransport())
    receiver.received(DATA[:300_000])
    receiver.lost("connection reset")
    world.tick(5)
    offset, receiver = world.downloads.accept_push("alice", PATH, len(DATA)) or (0, receiver)
    assert offset == 300_000 - 65_536
    receiver.connected(FakeTransport())
    receiver.received(DATA[offset:])
    receiver.lost("closed")
    world.tick()
    assert world.state_of(number) is DownloadState.DONE


@pytest.mark.parametrize(
    ("nick", "path", "size"),
    [("bob", PATH, 700_000), ("alice", b"other.mp3", 700_000), ("alice", b"x\\song.mp3", 1)],
)
def test_pushes_nobody_asked_for_are_refused(
    world: World, nick: str, path: bytes, size: int
) -> None:
    """Only the user and file asked for are let in."""
    assert world.downloads.accept_push("alice", PATH, 700_000) is None
    world.arranger.answers["alice"] = firewalled()
    world.add(wanted_of(DATA))
    assert world.downloads.accept_push(nick, path, size) is None
    assert world.downloads.accept_push("alice", PATH, 700_000) is not None
    assert world.downloads.accept_push("alice", PATH, 700_000) is None


def test_a_push_that_does_not_come(world: World) -> None:
    """A source that was asked to push and does not is named after a while, and left alone."""
    world.arranger.answers["alice"] = firewalled()
    number = world.add(wanted_of(DATA))
    world.tick(46)
    assert "alice: it did not connect here within 45 s" in world.status(number).reason
    assert world.downloads.accept_push("alice", PATH, len(DATA)) is None


def test_a_push_of_another_size(world: World) -> None:
    """A pushed file of the wrong size is refused, and its source is not asked again."""
    world.arranger.answers["alice"] = firewalled()
    number = world.add(wanted_of(DATA))
    assert world.downloads.accept_push("alice", PATH, 5) is None
    world.tick()
    status = world.status(number)
    assert status.state is DownloadState.FAILED
    assert "it offers 5 bytes, 700000 were announced" in status.reason


def test_a_push_that_comes_before_the_answer(world: World) -> None:
    """A push is taken though the index never confirmed the question."""
    world.arranger.answers["alice"] = firewalled()
    world.arranger.push_answer = Deferred()
    number = world.add(wanted_of(DATA))
    _, receiver = world.downloads.accept_push("alice", PATH, len(DATA)) or pytest.fail("refused")
    receiver.connected(FakeTransport())
    receiver.received(DATA)
    world.tick()
    assert world.state_of(number) is DownloadState.DONE


def test_a_push_that_is_refused(world: World) -> None:
    """What the index answers to the question is the reason for waiting."""
    world.arranger.answers["alice"] = firewalled()
    world.arranger.push_answer = Deferred()
    number = world.add(wanted_of(DATA))
    world.arranger.push_answer.errback(FirewalledError("neither can be connected to"))
    world.tick()
    assert world.status(number).reason.startswith("neither can be connected to; next try in")
    assert world.downloads.accept_push("alice", PATH, len(DATA)) is None


def test_two_firewalls(world: World) -> None:
    """If neither side can be connected to, that is said, and tried again only now and then."""
    world.arranger.answers["alice"] = FirewalledError(
        "neither this peer nor alice can be connected to"
    )
    number = world.add(wanted_of(DATA))
    assert world.status(number).reason == (
        "neither this peer nor alice can be connected to; next try in 5:00"
    )


def test_a_data_port_that_cannot_be_reached(world: World) -> None:
    """A data port that does not answer is reported to the index, and to the user."""
    world.dialer.unreachable.add(ADDRESS)
    number = world.add(wanted_of(DATA))
    assert ("failed", "alice") in world.arranger.calls
    assert "cannot be connected to" in world.status(number).reason
    assert world.state_of(number) is DownloadState.WAITING


def test_an_unreachable_data_port_is_tried_ever_more_rarely(world: World) -> None:
    """A user who agrees and cannot be connected to is not asked every few seconds."""
    world.dialer.unreachable.add(ADDRESS)
    world.add(wanted_of(DATA))
    world.tick(3600)
    assert 5 <= world.arranger.asked("arrange") <= 12
