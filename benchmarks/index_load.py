"""A Napster server under load: what logins, shares, searches and departures cost it.

    python benchmarks/index_load.py --start [--files N] [--phases ...]         an index of ours
    python benchmarks/index_load.py --port PORT --pid PID [--files N] ...      any other server

Everything goes over sockets, from raw frames to finished replies, with a seeded corpus, so that two
servers get the same bytes. Times include the client, which takes its share of the machine; CPU is
what all threads of the server have used, and the figure to compare on a machine that is busy.

Phases, in this order:
  register     users share all files by message 100, sixteen at a time
  search       searches on 1 and on 8 connections, acknowledged at once
  delayed      the same with the kernel's delayed acknowledgements, as normal clients have them
  mixed        searches of all kinds: excluded words, prefixes, ranges; not every server knows them
  browse       lists of all files of a user
  leave        the end of a user's connection until a search without that user's files
  crowd        a quarter of all who share leave at once, while somebody searches
  directories  other users share by message 870
  idle         users who do nothing: what one holds in memory, and searches beside them
  return       all users come back at once after a restart (only with --start); `told` is how many
               searches meanwhile were answered with the note that peers are still registering

With --start --held every phase ends with what held the reactor longest, in CPU time of its thread.
"""

import argparse
import json
import resource
import tempfile
from contextlib import ExitStack
from pathlib import Path

from load_phases import PHASES, Bench
from load_server import Held, Server, ours, server_parser


def read_options() -> argparse.Namespace:
    """Read the command line."""
    parser = server_parser(__doc__)
    parser.add_argument("--held", action="store_true", help="tell what held its reactor longest")
    parser.add_argument("--phases", nargs="+", choices=PHASES, default=list(PHASES)[:-1])
    parser.add_argument("--directory-files", type=int, default=100_000)
    parser.add_argument("--parallel", type=int, default=16, help="users who share at a time")
    parser.add_argument("--searches", type=int, default=5_000, help="searches of each kind of run")
    parser.add_argument("--idle", type=int, nargs="+", default=[2_000], help="how many idle users")
    parser.add_argument("--returning", type=int, default=2_000)
    parser.add_argument("--returning-files", type=int, default=500, help="files of each of them")
    parser.add_argument("--registered", type=int, default=2_000, help="how many have a password")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--json", type=Path, help="where to write the figures")
    return parser.parse_args()


def main() -> None:
    """Load a server."""
    options = read_options()
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    with ExitStack() as stack:
        server, index, held = Server(options.host, options.port, options.pid), None, None
        if options.start:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
            held = Held(folder / "held") if options.held else None
            index = stack.enter_context(ours(folder, held=held))
            server = index.start()
        bench = Bench(options, server, index)
        for name, phase in PHASES.items():
            if name in options.phases:
                phase(bench)
                if held:
                    seconds, what = held.longest()
                    print(f"{'':40}longest step {seconds * 1e3:.2f} ms: {what}")
    if options.json:
        options.json.write_text(json.dumps(bench.report, indent=1))


if __name__ == "__main__":
    main()
