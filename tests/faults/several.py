"""Kill uploaders and downloader of a file that comes from three sources, and compare what arrives.

Run by hand from the root of a checkout:

    python -m tests.faults.several --kills 300 --size 64 --rate 8 --folder /var/tmp/campaign

It does as `tests.faults.campaign kills`, with three uploaders of the file, each behind a gate of
its own. After every third kill of the downloader the piece written last is zeroed on its disk, as a
power cut can do. What is fetched again is not judged: several sources have pieces under way.
"""

import argparse
import random
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import cast

import attrs

from napster.peer.library.hash import content_root, hash_stream
from tests.faults.campaign import Campaign
from tests.faults.command import campaign_parser, run, say
from tests.system.daemons import Daemon, Peer, network
from tests.system.files import MIB, fill, same_content
from tests.system.throttle import Throttle


@attrs.define
class SwarmCampaign(Campaign):
    """A network with several uploaders of one file, each behind a gate."""

    others: list[Peer]

    @property
    def victims(self) -> dict[str, Daemon]:
        """Whom it may hit."""
        more = {f"uploader {peer.nick}": peer for peer in self.others}
        return {"downloader": self.bob, "uploader alice": self.alice, **more}

    def begin(self) -> int:
        """Begin a download from all who have the file; return its number."""
        (row,) = self.bob.search(self.content.stem).rows
        assert row.content == content_id(self.content), row
        (download,) = self.bob.get([row])
        return download

    def finish(self, download: int) -> list[int]:
        """Wait for a download and check it."""
        path = self.arrived(download)
        verdicts = {each.verified for each in self.bob.downloads()}
        assert verdicts <= {"content checked"}, verdicts
        assert same_content(path, self.content), f"{path} is not what was shared"
        path.unlink()
        return []


class Downloader(Peer):
    """A downloader that finds some of its disk lost after some kills."""

    kills = 0
    zeroed = 0

    def kill(self, number: int = signal.SIGKILL) -> None:
        """End it; every third time the piece written last turns out never to have been written."""
        super().kill(number)
        self.kills += 1
        if self.kills % 3 == 0:
            self.zeroed += sum(map(zero_last_piece, self.downloads_folder.glob("*.part")))


def zero_last_piece(part: Path) -> bool:
    """Zero the piece that was marked last; tell whether there was one."""
    marks = part.with_name(part.name + ".marks").read_bytes()
    last = len(marks) - len(marks) % 40 - 40
    if last < 0:
        return False
    end = int.from_bytes(marks[last : last + 8], "little")
    start = (end - 1) // MIB * MIB
    with part.open("r+b") as file:
        file.seek(start)
        file.write(bytes(max(0, min(end, part.stat().st_size) - start)))
    return True


def content_id(path: Path) -> str:
    """Hash a file as a peer does."""
    with path.open("rb", buffering=0) as file:
        hashes = hash_stream(file, path.stat().st_size, lambda _: None)
    return content_root(hashes.size, hashes.pieces).hex()


@contextmanager
def swarm(folder: Path, size: int, rate: float, seed: int) -> Iterator[SwarmCampaign]:
    """Run an index, three uploaders of one file behind gates, and a downloader."""
    with network(folder) as net, ExitStack() as gates:
        uploaders = []
        for nick in ("alice", "carol", "dave"):
            gate = gates.enter_context(Throttle(rate))
            peer = net.prepare(nick, public_port=gate.port)
            gate.target = peer.data_port
            fill(peer.share / "long.bin", size, seed)
            uploaders.append(net.join(peer))
        bob = Downloader(net.folder / "bob", "bob", net.index.port)
        net.join(net.add(bob))
        alice, *others = uploaders
        content = alice.share / "long.bin"
        choice = random.Random(seed)
        yield SwarmCampaign(net, gate, alice, bob, choice, content, others)


def run_kills(options: argparse.Namespace) -> None:
    """Run the campaign and print what happened."""
    struck: Counter[str] = Counter()
    with swarm(options.folder, options.size * MIB, options.rate * MIB, options.seed) as played:
        for done in played.rounds(options.kills, options.each):
            say(str(done))
            struck += done.kills
        lost = cast("Downloader", played.bob).zeroed
        say(f"{struck.total()} kills, {dict(struck)}; {lost} times a piece zeroed")


def main() -> None:
    """Run what the command line asks for."""
    run(run_kills, campaign_parser(__doc__, kills=300, each=6, size=64, rate=8).parse_args())


if __name__ == "__main__":
    main()
