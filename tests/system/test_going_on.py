"""Peers and indexes come and go; what can go on does."""

from pathlib import Path

from napster.peer.api import DownloadState
from tests.system.daemons import Network, Peer, network, until
from tests.system.files import MIB, fill, same_content
from tests.system.throttle import Throttle


def read_by(peer: Peer) -> int:
    """Tell how many bytes a process has read so far, from wherever."""
    lines = Path(f"/proc/{peer.pid}/io").read_text(encoding="ascii").splitlines()
    return int(next(line for line in lines if line.startswith("rchar")).split()[1])


def test_a_restart_hashes_nothing_twice(tmp_path: Path) -> None:
    """After a restart, in good order or not, everything is shared again and nothing is read."""
    with network(tmp_path) as net:
        alice = net.prepare("alice")
        fill(alice.share / "big.bin", 256 * MIB)
        net.join(alice, {f"{number}.txt": b"small" for number in range(50)})
        assert read_by(alice) > 256 * MIB
        for end in (alice.stop, alice.kill):
            end()
            alice.start()
            assert alice.status().library.files == 51
            assert read_by(alice) < 64 * MIB


def test_a_killed_peer_vanishes(tmp_path: Path) -> None:
    """The files of a peer whose process dies are gone from search at once."""
    with network(tmp_path) as net:
        alice, bob = net.peer("alice", {"song.mp3": b"la"}), net.peer("bob")
        assert bob.search("song").files == 1
        alice.kill()
        until(lambda: bob.search("song").files == 0, "the file is gone", 5.0)
        alice.start()
        assert bob.search("song").files == 1


def test_the_index_restarts(tmp_path: Path) -> None:
    """Downloads go on without the index; when it is back, so is everybody, by themselves."""
    with network(tmp_path) as net, Throttle(MIB) as gate:
        alice = slow_uploader(net, gate)
        fill(alice.share / "long.bin", 32 * MIB)
        net.join(alice, {"short.txt": b"short"})
        bob = net.peer("bob")
        (number,) = bob.get(bob.search("long").rows)
        until(lambda: bob.download(number).done > MIB, "the download has begun")
        net.index.kill()
        until(lambda: not bob.status().online, "the loss is noticed")
        before = bob.download(number).done
        until(lambda: bob.download(number).done > before, "the download goes on")
        gate.rate = 16 * MIB
        net.index.start()
        until(lambda: bob.is_ready() and alice.is_ready(), "both are back")
        assert bob.search("short").files == 1
        (path,) = bob.saved([number])
        assert same_content(path, alice.share / "long.bin")
        assert gate.passed < 33 * MIB


def slow_uploader(net: Network, gate: Throttle, **settings: object) -> Peer:
    """Prepare alice, whom others reach only through a gate."""
    alice = net.prepare("alice", public_port=gate.port, **settings)
    gate.target = alice.data_port
    return alice


def test_a_firewalled_peer_pushes(tmp_path: Path) -> None:
    """A peer that nobody can connect to connects itself; two of them cannot, and that is said."""
    with network(tmp_path) as net:
        alice = net.prepare("alice", firewalled=True)
        fill(alice.share / "song.mp3", 3 * MIB + 5)
        net.join(alice)
        bob, carol = net.peer("bob"), net.peer("carol", firewalled=True)
        (path,) = bob.fetch(bob.search("song").rows)
        assert same_content(path, alice.share / "song.mp3")
        (number,) = carol.get(carol.browse("alice").rows)
        until(lambda: "neither" in carol.download(number).reason, "it is said")
        assert "alice nor this peer can be connected to" in carol.download(number).reason


def test_slots_are_full(tmp_path: Path) -> None:
    """Who has to wait is told the place in the queue, and is served once there is a slot."""
    with network(tmp_path) as net, Throttle(MIB // 4) as gate:
        alice = slow_uploader(net, gate, upload_slots=1)
        fill(alice.share / "long.bin", 8 * MIB)
        net.join(alice, {"short.txt": b"short"})
        bob, carol = net.peer("bob"), net.peer("carol")
        (long,) = bob.get(bob.search("long").rows)
        until(lambda: bob.download(long).done, "the slot is taken")
        (short,) = carol.get(carol.search("short").rows)
        until(lambda: carol.download(short).state is DownloadState.QUEUED, "carol waits")
        assert carol.download(short).place == 1
        assert "place 1" in carol.napster("downloads").stdout
        assert [(each.nick, each.place) for each in alice.uploads()] == [
            ("bob", None),
            ("carol", 1),
        ]
        gate.rate = 8 * MIB
        bob.saved([long])
        (path,) = carol.saved([short])
        assert path.read_bytes() == b"short"


def test_one_daemon_or_none(tmp_path: Path) -> None:
    """Two daemons never work in one state folder; who asks one that was killed hears so."""
    with network(tmp_path) as net:
        alice = net.peer("alice", {"song.mp3": b"la"})
        done = alice.run(*alice.command)
        assert done.returncode == 1
        assert f"is in use by process {alice.pid}" in done.stderr
        assert alice.napster("browse", "alice").returncode == 0
        alice.kill()
        for words in (("get", "1"), ("downloads",), ("status",)):
            done = alice.napster(*words)
            assert done.returncode == 4
            assert len(done.stderr.splitlines()) == 1
            assert "does not answer; is it running?" in done.stderr
