"""An index of ours and another Napster server, searched in turns.

    python benchmarks/index_beside.py --port PORT --pid PID [--files N] [--rounds N]

Both get the same files. Then each round asks ours some searches, and the other server the same,
on one connection and on eight. The speed of a machine may change within minutes, but hardly within
a round; so the ratios of the rounds are what to look at.
"""

import argparse
import tempfile
from collections.abc import Sequence
from pathlib import Path

import rivals
from catalog_corpus import Corpus
from load_client import Client, Loop, log_in, search, share
from load_corpus import usual_searches
from load_server import Server, ours, server_parser

_MANY = 8
FIGURES = (("searches", "a second"), ("half of all within", "us"), ("CPU time a search", "us"))
"""What is measured in each round, and in what."""


class Filled:
    """A server that holds the files, and the users who search it."""

    def __init__(self, server: Server, users: Sequence[bytes], parallel: int) -> None:
        self._server = server
        self._loop = Loop(server.host, server.port)
        cpu = server.cpu()
        sharers = log_in(self._loop, (f"a{number}" for number in range(len(users))))
        share(self._loop, sharers, users, parallel)
        self.cpu = server.cpu() - cpu
        """Seconds it took to take the files in."""
        self._sharers = sharers
        self._seekers = log_in(self._loop, (f"s{number}" for number in range(_MANY)))

    def answer(self, requests: Sequence[bytes], connections: int) -> tuple[float, float, float]:
        """Search; returns the figures named by FIGURES."""
        seekers: list[Client] = self._seekers[:connections]
        cpu = self._server.cpu()
        answers = search(self._loop, seekers, requests)
        cpu = self._server.cpu() - cpu
        count = len(requests)
        return count / answers.took, answers.percentile(50) * 1e6, cpu / count * 1e6


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = server_parser(__doc__)
    parser.add_argument("--name", default="the other server")
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--searches", type=int, default=700, help="searches of a round")
    parser.add_argument("--parallel", type=int, default=16, help="users who share at a time")
    return parser.parse_args()


def main() -> None:
    """Fill both, search both in turns, and print the ratios."""
    options = read_options()
    corpus = Corpus()
    users = [corpus.user(options.user_files) for _ in range(options.files // options.user_files)]
    drawn = usual_searches(corpus, options.rounds * options.searches, seed=1)
    with tempfile.TemporaryDirectory() as folder, ours(Path(folder)) as index:
        other = Server(options.host, options.port, options.pid)
        both = [Filled(server, users, options.parallel) for server in (index.start(), other)]
        figures = [[each.cpu / options.files * 1e6] for each in both]
        rivals.report("CPU time a file", figures[0], {options.name: figures[1]}, "us")
        for connections in (1, _MANY):
            rounds = [
                [each.answer(drawn[at : at + options.searches], connections) for each in both]
                for at in range(0, len(drawn), options.searches)
            ]
            mine, theirs = (list(zip(*some, strict=True)) for some in zip(*rounds, strict=True))
            for place, (name, unit) in enumerate(FIGURES):
                title = f"{name}, {connections} at a time"
                rivals.report(title, mine[place], {options.name: theirs[place]}, unit)


if __name__ == "__main__":
    main()
