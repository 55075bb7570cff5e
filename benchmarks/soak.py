"""An index under mixed load for a long time: whether it keeps its memory, and whether all works.

    python benchmarks/soak.py [--minutes M] [--settle M] [--users N]

Users of a fixed number of nicks, half of them registered, come, share files, search, list, chat and
go, some without a word. Beside them clients send malformed frames, and a flooding client of each
kind has its turn. The index keeps its limits. Its memory is looked at every second. In some floods
it holds more for a moment, so what counts is the median of each round in which all have had their
turn; the slope, told with its standard error, is that of the line that fits these best.
"""

import argparse
import heapq
import math
import resource
import socket
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from itertools import count, cycle, groupby
from pathlib import Path
from random import Random
from struct import pack

from catalog_corpus import Corpus
from flood_client import KINDS
from floods import flooding
from load_client import LOGIN, REGISTER, SEARCH, Client, Loop, frame
from load_corpus import by_directory, usual_searches
from load_server import Ours, Server, ours

_SETTINGS = "max_connections_per_address = 50\n"
_SAMPLE = 1.0
_LEAST = 3
"""So many rounds make a slope with an error."""
_SHOWN = 10.0
_FLOOD, _PAUSE = 5.0, 5.0
_LIBRARIES = 60
_ROOMS = 8
_NUMBERS = (2, 6, 100, 102, 200, 203, 205, 207, 211, 214, 215, 400, 402, 500, 600, 603, 607, 608)
_MORE_NUMBERS = (619, 620, 626, 700, 750, 751, 824, 827, 830, 870, 10203, 20001, 20016, 65535)
_FAILURES = (" error ", " critical ", "Traceback")


class Guest(Client):
    """A client that may be thrown out."""

    program = "soak 1 +ext1"

    def lost(self, reason: str) -> None:
        """Take it as it comes."""
        del reason
        self.close()

    def vanish(self) -> None:
        """End the connection without a word, as a host that breaks down."""
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, pack("ii", 1, 0))
        self.close()


class Soak:
    """All who use the index, each with the time of its next act."""

    def __init__(self, server: Server, options: argparse.Namespace) -> None:
        self.random = Random(options.seed)
        self.counts: Counter[str] = Counter()
        self.samples: list[tuple[float, int]] = []
        """When the index held how many bytes, in seconds since the beginning."""
        self._begun = time.monotonic()
        self._server, self._users = server, options.users
        self._loop = Loop(server.host, server.port)
        corpus = Corpus(options.seed)
        self._searches = usual_searches(corpus, 5_000, options.seed)
        self._libraries = [corpus.user(self.random.randint(50, 1_500)) for _ in range(_LIBRARIES)]
        self._due: list[tuple[float, int, Callable[[], float]]] = []
        self._order = count()
        self._numbers = count()
        self._kinds = cycle(KINDS)

    def begin(self) -> None:
        """Let everybody come, some after the others."""
        for number in range(self._users):
            self._after(self.random.uniform(0, 20), User(self, number, self._users).act)
        self._after(5, self._malform)
        self._after(_SAMPLE, self._sample)

    def _after(self, seconds: float, act: Callable[[], float]) -> None:
        heapq.heappush(self._due, (time.monotonic() + seconds, next(self._order), act))

    def run(self, seconds: float) -> None:
        """Let everybody act for a while, beside a flooding client for a part of it."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            kind = next(self._kinds)
            self.counts[f"flood: {kind}"] += 1
            with flooding(kind, self._server):
                self._act_until(time.monotonic() + _FLOOD)
            self._act_until(time.monotonic() + _PAUSE)

    def _act_until(self, end: float) -> None:
        def over() -> bool:
            while self._due[0][0] <= time.monotonic():
                act = heapq.heappop(self._due)[2]
                self._after(act(), act)
            return time.monotonic() >= end

        self._loop.run(over, idle=lambda: max(0.0, min(self._due[0][0], end) - time.monotonic()))

    def client(self, nick: str, number: int = LOGIN, host: int = 0) -> Guest:
        """Connect somebody from an address of a house."""
        self.counts["logins"] += 1
        source = f"127.4.{host % 4}.{host // 4 % 50 + 1}"
        return Guest(self._loop, nick, number=number, source=source)

    def search(self) -> bytes:
        """Draw a search."""
        return self.random.choice(self._searches)

    def library(self) -> bytes:
        """Draw what somebody shares, as messages 100 or 870."""
        frames = self.random.choice(self._libraries)
        return by_directory(frames) if self.random.random() < 0.3 else frames

    def _sample(self) -> float:
        """See how much memory the index holds."""
        self.samples.append((time.monotonic() - self._begun, self._server.resident()))
        return _SAMPLE

    def _malform(self) -> float:
        """Connect, send what makes no sense, and go."""
        self.counts["malformed"] += 1
        host = next(self._numbers)
        client = self.client(f"bad{host % 50}", host=host)
        client.send(b"".join(self._nonsense() for _ in range(20)))
        self._after(5.0, self._ending(client))
        return self.random.uniform(0.2, 1.0)

    def _ending(self, client: Guest) -> Callable[[], float]:
        def act() -> float:
            if not client.closed:
                client.close()
            return 1e9

        return act

    def _nonsense(self) -> bytes:
        """Draw a frame of a known number with a body that is not, or bytes that are no frame."""
        draw = self.random
        number = draw.choice((*_NUMBERS, *_MORE_NUMBERS))
        body = draw.choice(
            (
                draw.randbytes(draw.randint(0, 300)),
                b'"' * draw.randint(0, 9) + b" 1 2 3",
                b"-1 99999999999999999999 \0",
                b'FILENAME CONTAINS "' + draw.randbytes(20),
                b'"C:\\a\\" "b.mp3" 0 1 2',
                b"\1\4\0\1" + draw.randbytes(10),
            )
        )
        whole = frame(number, body)
        return whole if draw.random() < 0.97 else whole[: draw.randint(1, len(whole))]


class User:
    """Somebody who comes and goes."""

    def __init__(self, soak: Soak, number: int, users: int) -> None:
        self._soak, self._number, self._users = soak, number, users
        self._client: Guest | None = None
        self._acts = {
            self._search: 10,
            self._say: 4,
            self._write: 3,
            self._ask: 3,
            self._list: 1,
            self._share: 1,
            self._unshare: 1,
            self._go: 1,
        }

    def act(self) -> float:
        """Do one thing; returns the seconds until the next."""
        client = self._client
        if client is None or client.closed:
            return self._come()
        if client.online:
            (act,) = self._soak.random.choices(list(self._acts), list(self._acts.values()))
            self._soak.counts[act.__name__.strip("_")] += 1
            act(client)
        return self._soak.random.expovariate(1.0)

    def _come(self) -> float:
        registered = self._number % 2
        number = REGISTER if registered and self._soak.random.random() < 0.1 else LOGIN
        self._client = client = self._soak.client(f"user{self._number}", number, self._number)
        client.send(self._soak.library() + frame(400, self._room()))
        return self._soak.random.uniform(1, 3)

    def _room(self) -> bytes:
        return b"#room%d" % self._soak.random.randrange(_ROOMS)

    def _somebody(self) -> bytes:
        return b"user%d" % self._soak.random.randrange(self._users)

    def _search(self, client: Guest) -> None:
        client.send(frame(SEARCH, self._soak.search()))

    def _say(self, client: Guest) -> None:
        room = self._room()
        client.send(frame(400, room) + frame(402, room + b" hello") + frame(401, self._room()))

    def _write(self, client: Guest) -> None:
        client.send(frame(205, self._somebody() + b" how are you?"))

    def _ask(self, client: Guest) -> None:
        client.send(frame(603, self._somebody()) + frame(207, self._somebody()) + frame(617))

    def _list(self, client: Guest) -> None:
        client.send(frame(211, self._somebody()))

    def _share(self, client: Guest) -> None:
        client.send(self._soak.library())

    def _unshare(self, client: Guest) -> None:
        client.send(frame(110))

    def _go(self, client: Guest) -> None:
        client.vanish() if self._soak.random.random() < 0.5 else client.close()


def rounds(samples: list[tuple[float, int]], settle: float) -> list[tuple[float, float]]:
    """Return the median of each whole round that begins after some seconds, and when it begins."""
    length = len(KINDS) * (_FLOOD + _PAUSE)
    by_round = groupby(samples, lambda sample: sample[0] // length)
    medians = [
        (number * length, statistics.median(size for _, size in some)) for number, some in by_round
    ]
    return [each for each in medians[:-1] if each[0] >= settle]


def slope(medians: list[tuple[float, float]]) -> tuple[float, float]:
    """Return by which part of itself memory would grow in an hour, and the standard error."""
    times, sizes = zip(*medians, strict=True)
    line = statistics.linear_regression(times, sizes)
    left = sum((size - line.intercept - line.slope * time) ** 2 for time, size in medians)
    error = math.sqrt(left / (len(medians) - 2) / (statistics.pvariance(times) * len(medians)))
    mean = statistics.mean(sizes)
    return line.slope / mean * 3600, error / mean * 3600


def memory(medians: list[tuple[float, float]], settle: float) -> str:
    """Tell in one line what became of memory after so many minutes."""
    if len(medians) < _LEAST:
        return f"memory: too few whole rounds of floods after {settle:g} minutes to tell a slope"
    growth, error = slope(medians)
    sizes = [size / 1e6 for _, size in medians]
    return (
        f"memory: {growth:+.2%} (+- {error:.2%}) an hour after {settle:g} minutes,"
        f" between {min(sizes):.1f} and {max(sizes):.1f} MB by the round"
    )


def failures(index: Ours) -> list[str]:
    """Return the lines of the log that tell of a failure."""
    lines = index.log.read_text(errors="replace").splitlines()
    return [line for line in lines if any(mark in line for mark in _FAILURES)]


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--minutes", type=float, default=30.0)
    parser.add_argument("--settle", type=float, default=10.0, help="minutes before the slope")
    parser.add_argument("--users", type=int, default=150)
    parser.add_argument("--seed", type=int, default=1)
    return parser.parse_args()


def main() -> None:
    """Run, and tell what became of it."""
    options = read_options()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with tempfile.TemporaryDirectory() as folder, ours(Path(folder), _SETTINGS) as index:
        server = index.start()
        soak = Soak(server, options)
        soak.begin()
        end = time.monotonic() + options.minutes * 60
        while time.monotonic() < end:
            soak.run(_SHOWN)
            passed, size = soak.samples[-1]
            print(f"{passed / 60:5.1f} min   {size / 1e6:7.1f} MB", flush=True)
        failed = failures(index)
        kept = rounds(soak.samples, options.settle * 60)
        print("\n".join(f"{what:20}{times:9,}" for what, times in sorted(soak.counts.items())))
        print(memory(kept, options.settle))
        print(
            f"{server.cpu():.0f} s of CPU time, {len(failed)} logged failures",
            *failed[:20],
            sep="\n",
        )
    sys.exit(bool(failed))


if __name__ == "__main__":
    main()
