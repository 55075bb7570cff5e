"""A folder for friends only, with real daemons and the real command."""

import os
import signal
from collections.abc import Iterator

import pytest

from tests.system.daemons import Network, Peer, network, until

PHOTO = "share/sea.jpg"


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """Run a network for all of this module."""
    with network(tmp_path_factory.mktemp("access"), search_rate=0) as running:
        yield running


@pytest.fixture(scope="module")
def alice(net: Network) -> Peer:
    """Share photos with bob."""
    alice = net.prepare("alice", friends=["bob"])
    restrict(alice)
    return net.join(alice, {"sea.jpg": b"the sea"})


@pytest.fixture(scope="module")
def bob(net: Network) -> Peer:
    """Be a friend."""
    return net.peer("bob")


@pytest.fixture(scope="module")
def carol(net: Network) -> Peer:
    """Be no friend."""
    return net.peer("carol")


def restrict(alice: Peer) -> None:
    """Write that the photos are for friends."""
    alice.configure(**alice.settings)
    with (alice.folder / "config.toml").open("a", encoding="utf-8") as file:
        file.write('access = {share = "friends"}\n')


def test_a_share_for_friends(alice: Peer, bob: Peer, carol: Peer) -> None:
    """It is not found, not listed, and sent to friends only."""
    assert not bob.search("sea").rows
    assert not bob.browse("alice").rows
    status = alice.status().library
    assert (status.files, status.registered, status.restricted) == (1, 0, 1)
    assert "friends" in alice.napster("shares").stdout
    got = bob.napster("get", "--unlisted", "7", "alice", PHOTO)
    assert got.returncode == 0, got.stderr
    assert (bob.downloads_folder / "sea.jpg").read_bytes() == b"the sea"
    carol.napster("get", "--unlisted", "7", "--no-wait", "alice", PHOTO)
    until(lambda: "does not share the file" in carol.downloads()[0].reason, "carol is refused")
    assert "it is not shared with this user" in alice.log
    assert carol.napster("cancel", "--all").returncode == 0


def test_the_share_is_opened_and_closed(alice: Peer, carol: Peer) -> None:
    """A reload is enough; a ban keeps one user away from what all others may have."""
    alice.configure(**alice.settings, banned_users=["carol"])
    os.kill(alice.pid, signal.SIGHUP)
    rows = until(lambda: carol.search("sea").rows, "it is found")
    (number,) = carol.get(rows)
    until(lambda: "this user is banned" in alice.log, "carol is refused")
    assert carol.download(number).done == 0
    restrict(alice)
    os.kill(alice.pid, signal.SIGHUP)
    until(lambda: not carol.search("sea").rows, "it is not found any more")
