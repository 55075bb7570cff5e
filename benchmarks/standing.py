"""What standing searches cost those who register files.

    python benchmarks/standing.py --start [--files N] [--searches N]
    python benchmarks/standing.py --port PORT --pid PID ...    an index of ours that runs already

Users share all files, some at a time, first beside users who only listen, then beside the same
users with standing searches; rounds of both alternate. CPU is what all threads of the index use
until everybody who shares is answered, the telling of those who wait included.

People leave a search standing when it finds nothing or little: so searches of the usual kinds are
tried on half of the files first, and those are left that find at most --known files.
"""

import argparse
import statistics
from collections.abc import Sequence
from struct import pack

from catalog_corpus import Corpus
from load_client import Client, Loop, ask, frame, log_in, share, totals
from load_corpus import usual_searches
from load_server import UNLIMITED, Server, chosen, server_parser

WATCH, WATCHING, WATCHED = 20016, 20018, 20019
_EACH = 50
_SETTINGS = f"{UNLIMITED}max_standing = {_EACH}\n"


class Watcher(Client):
    """Leaves searches standing, and counts what it is told."""

    program = "load 1 +ext1"

    def __init__(self, loop: Loop, nick: str) -> None:
        self.answers = self.told = 0
        super().__init__(loop, nick)

    def watch(self, requests: Sequence[bytes]) -> None:
        """Leave searches."""
        fields = (
            pack("<BHIBH", 1, 4, number, 2, len(request)) + request
            for number, request in enumerate(requests)
        )
        self.send(b"".join(frame(WATCH, body) for body in fields))

    def _take(self, number: int, body: bytes) -> None:
        self.answers += number == WATCHING
        self.told += number == WATCHED
        super()._take(number, body)


def watchers(loop: Loop, requests: Sequence[bytes], *, standing: bool) -> list[Watcher]:
    """Log in who waits, and leave the searches, or none."""
    parts = [requests[at : at + _EACH] for at in range(0, len(requests), _EACH)]
    made = [Watcher(loop, f"w{number}") for number in range(len(parts))]
    loop.run(lambda: all(each.online for each in made))
    if standing:
        for watcher, part in zip(made, parts, strict=True):
            watcher.watch(part)
        loop.run(lambda: sum(each.answers for each in made) >= len(requests))
    return made


def register(loop: Loop, server: Server, users: Sequence[bytes], parallel: int) -> float:
    """Let users come, share everything and go; returns CPU seconds."""
    clients = log_in(loop, (f"u{number}" for number in range(len(users))))
    begun = server.cpu()
    share(loop, clients, users, parallel)
    used = server.cpu() - begun
    for client in clients:
        client.close()
    return used


def searches(
    loop: Loop, options: argparse.Namespace, corpus: Corpus, users: Sequence[bytes]
) -> list[bytes]:
    """Share files, which stay there, and return searches that find few of them."""
    clients = log_in(loop, (f"b{number}" for number in range(len(users))))
    share(loop, clients, users, options.parallel)
    (seeker,) = log_in(loop, ["seeker"])
    drawn = usual_searches(corpus, 20 * options.searches, seed=1)
    found: dict[bytes, None] = {}
    for request in drawn:
        if len(found) < options.searches and ask(loop, seeker, request) <= options.known:
            found[request] = None
    seeker.close()
    return list(found)


def one_round(
    loop: Loop, server: Server, options: argparse.Namespace, requests: list[bytes], corpus: Corpus
) -> tuple[float, float, int]:
    """Measure without and with standing searches; returns both, and how much was told."""
    count = options.files // options.user_files
    found = []
    told = 0
    for standing in (False, True):
        users = [corpus.user(options.user_files) for _ in range(count)]
        waiting = watchers(loop, requests, standing=standing)
        used = register(loop, server, users, options.parallel)
        found.append(used / (count * options.user_files) * 1e6)
        totals(loop, waiting[0])
        told = sum(each.told for each in waiting)
        for each in waiting:
            each.close()
    return found[0], found[1], told


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = server_parser(__doc__)
    parser.add_argument("--searches", type=int, default=10_000)
    parser.add_argument("--known", type=int, default=0, help="files that a search may find before")
    parser.add_argument("--parallel", type=int, default=16, help="users who share at a time")
    parser.add_argument("--rounds", type=int, default=5)
    return parser.parse_args()


def main() -> None:
    """Measure, and print each round and the medians."""
    options = read_options()
    corpus = Corpus()
    with chosen(options, _SETTINGS) as server:
        loop = Loop(server.host, server.port)
        half = options.files // options.user_files // 2
        users = [corpus.user(options.user_files) for _ in range(half)]
        requests = searches(loop, options, corpus, users)
        print(f"{len(requests):,} standing searches")
        rounds = []
        for _ in range(options.rounds):
            without, beside, told = one_round(loop, server, options, requests, corpus)
            rounds.append((without, beside))
            print(f"{without:6.2f} us a file without, {beside:6.2f} us with; {told:,} files told")
    without, beside = (statistics.median(column) for column in zip(*rounds, strict=True))
    ratio = statistics.median(a / b for a, b in rounds)
    print(f"median: {without:.2f} us without, {beside:.2f} us with")
    print(f"registration keeps {ratio:.0%} of its speed")


if __name__ == "__main__":
    main()
