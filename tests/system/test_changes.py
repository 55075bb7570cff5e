"""What is searched for is what is on the disk, within seconds."""

import os
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.system.daemons import Network, Peer, network, until

AT_ONCE = 5.0
"""Within so many seconds a change on a local disk is to be searchable."""


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """Run a network for all of this module."""
    with network(tmp_path_factory.mktemp("changes"), search_rate=0) as running:
        yield running


@pytest.fixture(scope="module")
def alice(net: Network) -> Peer:
    """Share a few files."""
    files = {f"album/{name}.mp3": name.encode() for name in ("changing", "moving", "leaving")}
    return net.peer("alice", files)


@pytest.fixture(scope="module")
def bob(net: Network) -> Peer:
    """Search."""
    return net.peer("bob")


def found(bob: Peer, word: str) -> list[tuple[str, int]]:
    """Search for a word; return the folders and sizes of what is found."""
    return [(row.sources[0].folder, row.size) for row in bob.search(word).rows]


def test_a_new_file(alice: Peer, bob: Peer) -> None:
    """A file written into a new folder is found once it is whole."""
    folder = alice.share / "new" / "deep"
    folder.mkdir(parents=True)
    with (folder / "arriving.mp3").open("wb") as file:
        for _ in range(10):
            file.write(b"x" * 1000)
            file.flush()
            assert found(bob, "arriving") == []
            time.sleep(0.1)
    until(lambda: found(bob, "arriving") == [("share/new/deep", 10_000)], "it is found", AT_ONCE)


def test_a_changed_file(alice: Peer, bob: Peer) -> None:
    """A file of another content is found with its new size, and sent so."""
    (alice.share / "album" / "changing.mp3").write_bytes(b"changed, and longer")
    until(lambda: found(bob, "changing") == [("share/album", 19)], "the change is known", AT_ONCE)
    (path,) = bob.fetch(bob.search("changing").rows)
    assert path.read_bytes() == b"changed, and longer"


def test_a_moved_file(alice: Peer, bob: Peer) -> None:
    """A file is found where it is now, and nowhere else."""
    (alice.share / "other").mkdir()
    (alice.share / "album" / "moving.mp3").rename(alice.share / "other" / "moving.mp3")
    until(lambda: found(bob, "moving") == [("share/other", 6)], "the move is known", AT_ONCE)


def test_a_deleted_file(alice: Peer, bob: Peer) -> None:
    """A file that was deleted is not found any more."""
    assert found(bob, "leaving") == [("share/album", 7)]
    (alice.share / "album" / "leaving.mp3").unlink()
    until(lambda: found(bob, "leaving") == [], "it is gone", AT_ONCE)


def test_a_downloaded_file_is_not_shared_before_it_is_whole(
    net: Network, alice: Peer, tmp_path: Path
) -> None:
    """Whoever shares the downloads folder offers what is complete, and no partial file."""
    carol = net.peer("carol", downloads=str(net.folder / "carol" / "share"))
    (path,) = carol.fetch(carol.search("moving").rows)
    assert path.parent == carol.share
    owners = {"alice", "carol"}
    until(
        lambda: (
            {s.nick for row in alice.search("moving").rows for s in row.sources}
            == owners - {"alice"}
        ),
        "carol shares it as well",
        AT_ONCE,
    )
    assert [each.reason for each in carol.shares().refused] == []


def test_all_is_accounted_for(net: Network, alice: Peer, bob: Peer) -> None:
    """Whatever is on the disk is shared, or refused with a reason that is shown."""
    dave = net.prepare("dave")
    secret = net.folder / "outside.txt"
    secret.write_text("outside")
    names = {"fine.txt", ".hidden", "id_rsa", "wallet.dat", "song.mp3.part"}
    (dave.share / ".git").mkdir()
    (dave.share / "link.txt").symlink_to(secret)
    (dave.share / "folder").symlink_to(net.folder)
    (dave.share / "dangling").symlink_to("nowhere")
    os.mkfifo(dave.share / "pipe.mp3")
    net.join(dave, dict.fromkeys(names, b"content"))
    report = dave.shares()
    refused = {each.name: each.reason for each in report.refused}
    assert sum(share.files for share in report.shares) == 1
    assert len(refused) + 1 == len(list(dave.share.iterdir()))
    assert all(refused.values())
    shown = dave.napster("shares").stdout
    assert all(name in shown for name in refused)
    assert [row.name for row in bob.browse("dave").rows] == ["fine.txt"]
