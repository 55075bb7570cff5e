"""An honest client's searches beside a flooding client.

    python benchmarks/floods.py --start [--files N] [--seconds S] [--kinds KIND ...]
    python benchmarks/floods.py --port PORT --pid PID ...         any server that runs already

The server keeps its limits. Honest users search three times a second at random moments, each from
an address of its own, first alone, then beside one flooding client of each kind in turn, with a
pause in between; after every three kinds they are measured alone anew. Times are from a request to
the end of its answer, as the honest users see them; `cpu` is the part of one processor that the
server uses.
"""

import argparse
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from random import Random

from catalog_corpus import Corpus
from flood_client import KINDS, RICH
from load_client import Client, Loop, percentile, share
from load_corpus import usual_searches
from load_server import Server, chosen, server_parser

_RATE = 3.0
_SETTINGS = "max_shared = 1000000\n"
_ALONE_AGAIN = 3
_SETTLING = 2.0


class Honest:
    """Users who search now and then."""

    def __init__(self, loop: Loop, count: int, requests: Sequence[bytes]) -> None:
        self._loop = loop
        self._random = Random(1)
        self._requests = requests
        self._clients = [
            Client(loop, f"honest{number}", source=f"127.2.0.{number + 1}")
            for number in range(count)
        ]
        loop.run(lambda: all(client.online for client in self._clients))

    def search(self, seconds: float) -> list[float]:
        """Search for a while; returns how long each search took, in seconds."""
        now = time.perf_counter()
        end = now + seconds
        times: list[float] = []
        due = {client: now + self._pause() for client in self._clients}
        asked: dict[Client, float] = {}

        def ended(client: Client) -> None:
            times.append(time.perf_counter() - asked.pop(client))

        def over() -> bool:
            now = time.perf_counter()
            for client, at in due.items():
                if at <= now < end and client not in asked:
                    asked[client] = now
                    due[client] = now + self._pause()
                    client.search(self._random.choice(self._requests))
            return now >= end and not asked

        for client in self._clients:
            client.on_end = lambda client=client: ended(client)

        def until_next() -> float:
            waiting = (at for client, at in due.items() if client not in asked)
            return max(0.0, min((end, *waiting)) - time.perf_counter())

        self._loop.run(over, idle=until_next)
        return times

    def _pause(self) -> float:
        return self._random.expovariate(_RATE)


@contextmanager
def flooding(kind: str, server: Server) -> Iterator[None]:
    """Run a flooding client."""
    script = Path(__file__).with_name("flood_client.py")
    where = (server.host, str(server.port), "127.3.0.1")
    process = subprocess.Popen([sys.executable, str(script), kind, *where])
    try:
        yield
    finally:
        process.kill()
        process.wait()


class Bench:
    """Measures honest users, and prints it."""

    def __init__(self, server: Server, honest: Honest, seconds: float) -> None:
        self._server, self._honest, self._seconds = server, honest, seconds
        self._alone: list[float] = []
        self.worst = 0.0

    def alone(self) -> None:
        """Measure without a flood; figures from now on are compared with all of this."""
        self._alone += self._measured("alone")

    def beside(self, kind: str) -> None:
        """Measure beside a flooding client, after its first burst and with it."""
        with flooding(kind, self._server):
            times = self._measured(kind)
        ratio = percentile(times, 99) / percentile(self._alone, 99)
        self.worst = max(self.worst, ratio)
        print(f"{'':12}p99 is {ratio:.2f} times that alone")
        time.sleep(_SETTLING)

    def _measured(self, what: str) -> list[float]:
        cpu, begun = self._server.cpu(), time.perf_counter()
        times = self._honest.search(self._seconds)
        cpu = (self._server.cpu() - cpu) / (time.perf_counter() - begun)
        p50, p99 = (percentile(times, percent) * 1e3 for percent in (50, 99))
        most = max(times) * 1e3
        print(
            f"{what:12}{len(times):6} searches   p50 {p50:7.2f} ms   p99 {p99:7.2f} ms"
            f"   longest {most:7.2f} ms   cpu {cpu:4.0%}",
            flush=True,
        )
        return times


def rich(loop: Loop, corpus: Corpus, files: int, each: int) -> list[Client]:
    """Let users share all files; the first has as many as any."""
    clients = [
        Client(loop, f"{RICH[:-1]}{number}", source=f"127.1.0.{number + 1}")
        for number in range(files // each)
    ]
    loop.run(lambda: all(client.online for client in clients))
    share(loop, clients, [corpus.user(each) for _ in clients], 4)
    return clients


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = server_parser(__doc__)
    parser.add_argument("--honest", type=int, default=40, help="how many honest users")
    parser.add_argument("--seconds", type=float, default=20.0, help="how long to measure each")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=KINDS)
    return parser.parse_args()


def main() -> None:
    """Measure alone and beside each kind of flood."""
    options = read_options()
    corpus = Corpus()
    requests = usual_searches(corpus, 5_000, seed=1)
    with chosen(options, _SETTINGS) as server:
        loop = Loop(server.host, server.port)
        sharers = rich(loop, corpus, options.files, options.user_files)
        bench = Bench(server, Honest(loop, options.honest, requests), options.seconds)
        for number, kind in enumerate(options.kinds):
            if number % _ALONE_AGAIN == 0:
                bench.alone()
            bench.beside(kind)
        for sharer in sharers:
            sharer.close()
    print(f"worst: p99 is {bench.worst:.2f} times that alone")


if __name__ == "__main__":
    main()
