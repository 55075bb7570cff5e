"""A short campaign of kills: whoever dies in a download, it goes on and the content is right."""

import random
from pathlib import Path

from tests.faults.campaign import Campaign, fetched_again
from tests.faults.several import swarm
from tests.system.daemons import network, until
from tests.system.files import MIB, fill
from tests.system.throttle import Passage, Throttle

SIZE = 48 * MIB


def test_every_daemon_is_killed_once(tmp_path: Path) -> None:
    """Downloader, uploader and index die in one download; little is fetched again."""
    with network(tmp_path) as net, Throttle(12 * MIB) as gate:
        alice = net.prepare("alice", public_port=gate.port)
        gate.target = alice.data_port
        content = alice.share / "long.bin"
        fill(content, SIZE)
        net.join(alice)
        bob = net.peer("bob")
        campaign = Campaign(net, gate, alice, bob, random.Random(1), content)
        (download,) = bob.get(bob.browse("alice").rows)
        for victim in (net.index, bob, alice):
            before = bob.download(download).done
            until(lambda: bob.download(download).done > before + MIB, "the download goes on")  # noqa: B023  # used at once
            victim.kill()
            victim.start()
        campaign.finish(download)
        assert len(gate.passages) >= 3


def test_what_is_fetched_again() -> None:
    """It is counted from the offsets asked for and the bytes that passed."""
    passages = [
        Passage(b'GETbob "a" 0', 1 + 3 + 500),
        Passage(b"", 1),
        Passage(b'GETbob "a" 400', 1 + 3 + 100),
        Passage(b'GETbob "a" 500', 1 + 3 + 200),
    ]
    assert fetched_again(passages, 700) == [100, 0]


def test_uploaders_and_downloader_are_killed(tmp_path: Path) -> None:
    """With three uploaders of one file, kills and lost disk blocks cost time, and nothing else."""
    with swarm(tmp_path, 24 * MIB, 4 * MIB, seed=1) as campaign:
        done = campaign.play(1, 4)
        assert 1 <= done.kills.total() <= 4
