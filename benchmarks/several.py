"""One file from four peers at once, whose lines let 50, 50, 50 and 10 MB/s through.

    python benchmarks/several.py [--size MIB] [--rounds N] [--folder DIR] [--scale PART]

Each round downloads the file four times into a peer of its own: from the fastest alone; from all
four; from four of 50 MB/s of which one is killed in the middle; and from four of which one has
another content under the same name. Lines are gates of their own processes (`gate.py`). Timed is
what the gates see: from the first connection to the last byte, so whatever it takes to find the
sources, arrange, verify and to take over the end counts, and the final sync to the disk does not.
`--scale 0.1` makes lines of 5, 5, 5 and 1 MB/s of them, for a machine that has other things to do.
"""

import argparse
import http.client
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import attrs
import rivals
from transfer import NAME, make_file

from napster.peer.control.place import ControlPlace
from napster.peer.library.hash import content_root, hash_stream

NICKS = ("alice", "carol", "dave", "erin")
MB = 10**6


@attrs.define
class Uploader:
    """A peer behind a gate."""

    nick: str
    pid: int
    gate: subprocess.Popen[str]
    passed: int = 0
    first: float = 0.0
    last: float = 0.0

    def close_gate(self) -> None:
        """Take down what the gate has seen."""
        self.gate.terminate()
        told = json.loads(self.gate.communicate()[0])
        self.passed, self.first, self.last = told["bytes"], told["first"], told["last"]


@contextmanager
def uploaders(
    folder: Path, index_port: int, rates: Sequence[float], shares: Sequence[Path]
) -> Iterator[list[Uploader]]:
    """Run peers that share folders, behind gates of so many MB/s."""
    with ExitStack() as stack:
        made = []
        for nick, rate, share in zip(NICKS, rates, shares, strict=False):
            port, target = rivals.free_port(), rivals.free_port()
            words = [
                sys.executable,
                str(rivals.HERE / "gate.py"),
                str(port),
                str(target),
                str(rate),
            ]
            gate = subprocess.Popen(words, stdout=subprocess.PIPE, text=True)
            stack.callback(gate.kill)
            config = folder / f"{nick}.toml"
            config.write_text(f"public_port = {port}\n", encoding="ascii")
            options = ("--config", str(config), "--share", str(share))
            peer = rivals.peer(folder, nick, index_port, *options, port=target)
            made.append(Uploader(nick, stack.enter_context(peer)[1], gate))
        yield made


@attrs.define
class Downloader:
    """A peer that downloads, asked as the command line asks it."""

    state: Path

    def ask(self, method: str, call: str, body: object = None) -> Any:
        """Call the control API."""
        place = ControlPlace(self.state).read()
        port = int(place.endpoint.rpartition(":")[2])
        connection = http.client.HTTPConnection("127.0.0.1", port)
        headers = {
            "Authorization": f"Bearer {place.token}",
            "Content-Type": "application/json",
        }
        raw = None if body is None else json.dumps(body)
        connection.request(method, f"/api/{call}", raw, headers)
        answer = json.loads(connection.getresponse().read())
        connection.close()
        return answer

    def begin(self, content: str, count: int) -> None:
        """Begin to download the file from all who share one of its name, once all can be found."""
        while not ControlPlace(self.state).address_file.exists():
            time.sleep(0.05)
        rows = [self._offer(nick) for nick in NICKS[:count]]
        keys = ("name", "size", "md5")
        sources = [source for row in rows for source in row["sources"]]
        wanted = {key: rows[0][key] for key in keys} | {"sources": sources, "content": content}
        self.ask("POST", "downloads", {"wanted": [wanted]})

    def _offer(self, nick: str) -> dict[str, Any]:
        """Find the file of a user, as soon as that user has offered it."""
        while True:
            answer = self.ask("GET", f"browse?nick={nick}")
            if rows := answer.get("rows"):  # none before both have logged in
                return dict(rows[0])
            time.sleep(0.2)

    def wait(self, until: int | None = None) -> dict[str, Any]:
        """Wait until so many bytes are here, or all is over; tell how it is."""
        while True:
            (status,) = self.ask("GET", "downloads")
            if status["state"] in {"done", "failed"}:
                return dict(status)
            if until is not None and status["done"] >= until:
                return dict(status)
            time.sleep(0.02)


@attrs.define
class Bench:
    """The file, and where everything is."""

    folder: Path
    size: int
    content: str

    def run(self, rates: Sequence[float], *, kill: bool = False, lie: bool = False) -> float:
        """Download once; returns the rate as a part of what was possible."""
        right, wrong = self.folder / "shared", self.folder / "forged"
        shares = [right] * len(rates)
        if lie:
            shares[1] = wrong
        with tempfile.TemporaryDirectory(dir=self.folder) as name, ExitStack() as stack:
            place = Path(name)
            port = stack.enter_context(rivals.index(place))
            played = stack.enter_context(uploaders(place, port, rates, shares))
            bob = Downloader(stack.enter_context(rivals.peer(place, "bob", port))[0])
            bob.begin(self.content, len(rates))
            killed = self._kill(bob, played[0]) if kill else None
            status = bob.wait()
            if (status["state"], status["verified"]) != ("done", "content checked"):
                sys.exit(f"the download ended as {status}")
            for each in played:
                each.close_gate()
            return self._judge(played, rates, killed, lie=lie)

    def _kill(self, bob: Downloader, victim: Uploader) -> float:
        bob.wait(self.size // 2)
        os.kill(victim.pid, 9)
        return time.monotonic()

    def _judge(
        self, played: Sequence[Uploader], rates: Sequence[float], killed: float | None, *, lie: bool
    ) -> float:
        """Compare the seconds it took with those it would have taken without any loss."""
        took = max(each.last for each in played) - min(each.first for each in played)
        if lie:
            honest = [rate for place, rate in enumerate(rates) if place != 1]
            return self.size / MB / sum(honest) / took
        if killed is None:
            return self.size / MB / sum(rates) / took
        until = killed - min(each.first for each in played)
        others = sum(rates[1:])
        left = self.size / MB - until * sum(rates)
        return (until + left / others) / took


def main() -> None:
    """Run all rounds and print the figures."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--size", type=int, default=1024, help="MiB, by default 1024")
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--folder", help="where to work; by default the temporary folder")
    parser.add_argument("--scale", type=float, default=1.0)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="napster-bench-", dir=options.folder) as name:
        folder = Path(name)
        for share in ("shared", "forged"):
            (folder / share).mkdir()
            make_file(folder / share / NAME, options.size << 20)
        size = options.size << 20
        with (folder / "shared" / NAME).open("rb", buffering=0) as file:
            hashes = hash_stream(file, size, lambda _: None)
        bench = Bench(folder, size, content_root(size, hashes.pieces).hex())
        slow, fast = 10 * options.scale, 50 * options.scale
        cases = {
            f"{fast:g} MB/s alone": lambda: bench.run([fast]),
            f"{fast:g}, {fast:g}, {fast:g} and {slow:g} MB/s": lambda: bench.run(
                [fast] * 3 + [slow]
            ),
            "four of the fast, one killed in the middle": lambda: bench.run([fast] * 4, kill=True),
            "four of the fast, one of them lies": lambda: bench.run([fast] * 4, lie=True),
        }
        found: dict[str, list[float]] = {case: [] for case in cases}
        for _ in range(options.rounds):
            for case, run in cases.items():
                found[case].append(run())
        for case, parts in found.items():
            low, high = min(parts), max(parts)
            print(f"{case:44}{statistics.median(parts):6.1%} of the sum ({low:.1%} to {high:.1%})")


if __name__ == "__main__":
    main()
