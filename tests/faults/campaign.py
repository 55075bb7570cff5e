"""Kill daemons at random moments of big downloads, and see that what arrives is right.

Run by hand from the root of a checkout; it takes minutes, and disk space of three times the size:

    python -m tests.faults.campaign kills --kills 30 --size 1024 --folder /var/tmp/campaign
    python -m tests.faults.campaign sizes --folder /var/tmp/campaign

`kills` downloads a file of --size MiB again and again through a gate that lets --rate MiB/s pass,
and sends SIGKILL to the downloader, the uploader or the index at random moments, also while they
start or recover from the kill before, until --kills were sent. Each file that arrives is compared
byte by byte. The gate knows from which offset each connection wanted the file and how much it got,
so it is known how many bytes were fetched again after each kill; more than 1 MiB is a fault.

`sizes` downloads files of 2^32+1 bytes and of 5 GiB, with holes, without a gate.

Either ends with status 1 at the first fault. --seed repeats the same choice of moments.
"""

import argparse
import random
import time
from collections import Counter
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import attrs

from napster.peer.api import DownloadState
from tests.faults.command import campaign_parser, run, say
from tests.system.daemons import Daemon, Network, Peer, network, until
from tests.system.files import MIB, fill, make_sparse, same_content
from tests.system.throttle import Passage, Throttle

MOST_AGAIN = MIB
"""So many bytes may be fetched again after a kill, at most."""
SIZES = {"a little over 32 bits": 2**32 + 1, "sparse 5 GiB": 5 * 2**30}
_LONGEST_PAUSE = 3.0
RECOVERY = 600.0


def fetched_again(passages: list[Passage], size: int) -> list[int]:
    """Tell for each connection but the first how many of its bytes had come before."""
    talk = len(f"1{size}")
    asked = [each for each in passages if each.offset is not None and each.passed > talk]
    return [
        (before.offset or 0) + before.passed - talk - (after.offset or 0)
        for before, after in pairwise(asked)
    ]


@attrs.define
class Round:
    """What happened to one download."""

    number: int
    kills: Counter[str]
    seconds: float
    again: list[int]

    def __str__(self) -> str:
        killed = ", ".join(f"{name} {count}" for name, count in sorted(self.kills.items()))
        most = max(self.again, default=0)
        return (
            f"round {self.number}: {self.kills.total()} kills ({killed or 'none'}) in "
            f"{self.seconds:.0f} s, {len(self.again)} times resumed, content right; "
            f"fetched again {sum(self.again):,} bytes, at most {most:,} at once"
        )


class Killer:
    """Kills one daemon after the other and starts it again."""

    def __init__(self, victims: dict[str, Daemon], choice: random.Random) -> None:
        self._victims = victims
        self._choice = choice

    def strike(self) -> str:
        """Wait a while, kill somebody, wait a while, and start what was killed; tell who it was."""
        time.sleep(self._choice.uniform(0.05, _LONGEST_PAUSE))
        name = self._choice.choice(sorted(self._victims))
        self._victims[name].kill()
        time.sleep(self._choice.uniform(0, 0.5))
        self._victims[name].launch()
        return name


@attrs.define
class Campaign:
    """A network with a gate before the uploader."""

    net: Network
    gate: Throttle
    alice: Peer
    bob: Peer
    choice: random.Random
    content: Path

    @property
    def victims(self) -> dict[str, Daemon]:
        """Whom it may hit."""
        return {"downloader": self.bob, "uploader": self.alice, "index": self.net.index}

    def begin(self) -> int:
        """Begin a download; return its number."""
        self.gate.passages.clear()
        (download,) = self.bob.get(self.bob.browse("alice").rows)
        return download

    def rounds(self, kills: int, each: int) -> Iterator[Round]:
        """Download until so many kills were sent, some `each` in a download."""
        number, left = 0, kills
        while left > 0:
            number += 1
            done = self.play(number, min(each, left))
            left -= done.kills.total()
            yield done

    def play(self, number: int, kills: int) -> Round:
        """Download once with at most so many kills. Raises AssertionError for a fault."""
        began = time.monotonic()
        download = self.begin()
        struck = self._kill_during(download, kills)
        until(self._all_ready, "everybody is back", RECOVERY)
        again = self.finish(download)
        return Round(number, struck, time.monotonic() - began, again)

    def finish(self, download: int) -> list[int]:
        """Wait for a download, check it, and tell what was fetched again after each break."""
        path = self.arrived(download)
        assert same_content(path, self.content), f"{path} is not what was shared"
        path.unlink()
        again = fetched_again(self.gate.passages, self.content.stat().st_size)
        assert max(again, default=0) <= MOST_AGAIN, f"fetched again: {again}"
        return again

    def arrived(self, download: int) -> Path:
        """Wait until a download is done; tell where the file is."""
        until(lambda: self._is_done(download), "all has been downloaded", RECOVERY)
        failed = [each for each in self.bob.downloads() if each.state is not DownloadState.DONE]
        assert not failed, failed
        return self.bob.downloads_folder / self.content.name

    def _kill_during(self, download: int, kills: int) -> Counter[str]:
        killer = Killer(self.victims, self.choice)
        struck: Counter[str] = Counter()
        while struck.total() < kills and not self._is_done(download):
            struck[killer.strike()] += 1
            self._wait_for_progress(download)
        return struck

    def _wait_for_progress(self, download: int) -> None:
        """Every other time, let the download come to something before the next kill."""
        if self.choice.random() < 0.5:
            return
        until(self.bob.answers, "the downloader answers", RECOVERY)
        before = sum(each.done for each in self.bob.downloads())
        until(
            lambda: (
                sum(each.done for each in self.bob.downloads()) > before or self._is_done(download)
            ),
            "the download goes on",
            RECOVERY,
        )

    def _is_done(self, download: int) -> bool:
        """Tell whether it has ended; after a restart the peer does not list it any more."""
        if not self.bob.answers():
            return False
        found = [each.state for each in self.bob.downloads() if each.id == download]
        return found in ([], [DownloadState.DONE], [DownloadState.FAILED])

    def _all_ready(self) -> bool:
        return all(victim.is_ready() for victim in self.victims.values())


def run_kills(options: argparse.Namespace) -> None:
    """Run the campaign of kills and print what happened."""
    struck: Counter[str] = Counter()
    again: list[int] = []
    with network(options.folder) as net, Throttle(options.rate * MIB) as gate:
        alice = net.prepare("alice", public_port=gate.port)
        gate.target = alice.data_port
        content = alice.share / "long.bin"
        fill(content, options.size * MIB, options.seed)
        net.join(alice)
        choice = random.Random(options.seed)
        campaign = Campaign(net, gate, alice, net.peer("bob"), choice, content)
        for done in campaign.rounds(options.kills, options.each):
            say(str(done))
            struck += done.kills
            again += done.again
    killed = ", ".join(f"{count} of the {name}" for name, count in sorted(struck.items()))
    say(
        f"{struck.total()} kills: {killed}; {len(again)} times resumed; fetched again on average "
        f"{sum(again) // max(1, len(again)):,} bytes, at most {max(again, default=0):,}"
    )


def run_sizes(options: argparse.Namespace) -> None:
    """Download big files and print how long it took."""
    with network(options.folder) as net:
        alice = net.prepare("alice")
        for name, size in SIZES.items():
            make_sparse(alice.share / name, size)
        began = time.monotonic()
        alice.launch()
        until(alice.is_ready, "all is hashed", RECOVERY)
        say(f"hashed in {time.monotonic() - began:.0f} s")
        bob = net.peer("bob")
        for row in bob.browse("alice").rows:
            began = time.monotonic()
            (path,) = bob.fetch([row], RECOVERY)
            seconds = time.monotonic() - began
            assert same_content(path, alice.share / path.name), f"{path} is not what was shared"
            rate = row.size / seconds / MIB
            say(f"{path.name}: {row.size} bytes right, {seconds:.0f} s, {rate:.0f} MiB/s")
            path.unlink()


def main() -> None:
    """Run what the command line asks for."""
    parser = campaign_parser(__doc__, kills=30, each=8, size=1024, rate=48)
    kinds = {"kills": run_kills, "sizes": run_sizes}
    parser.add_argument("kind", choices=kinds)
    options = parser.parse_args()
    run(kinds[options.kind], options)


if __name__ == "__main__":
    main()
