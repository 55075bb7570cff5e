"""What readers that do not read cost the peer, and what they take from one that does.

    python benchmarks/idle_readers.py [--tls] [--readers N] [--rounds N]

The readers ask for a file and read nothing. Their cost is what the peer's process has grown by, and
what the kernel holds for the peer's ends (`ss -tm`: received, queued, kept ready for more). Two
peers run, one of them with such readers: one more reader takes as fast as it can, from either in
turn. With `--tls` the file is asked for in pieces, encrypted, as in `pieces.py`.
"""

import argparse
import hashlib
import os
import re
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import attrs
import pieces
import rivals
from uploading import uploader

from napster.peer.security.keys import new_key
from napster.wire.pieces import PIECE_SIZE, Want

SIZE = 2**30
TLS_SIZE = 2**28
SETTLE = 5.0
BUFFER = bytearray(2**22)
SMALL = 2**14
HELD = re.compile(r"skmem:\(r(\d+),rb\d+,t\d+,tb\d+,f(\d+),w(\d+),o(\d+)")


@attrs.frozen
class Sender:
    """A peer that sends: `ask` begins to read as a user by that number, `fetch` reads all."""

    pid: int
    port: int
    ask: Callable[[int], socket.socket]
    fetch: Callable[[int], float]
    """Returns MB/s."""


@contextmanager
def clear(folder: Path) -> Iterator[Sender]:
    """Run a peer that sends a file of nothing in the clear, as to a program of 1999."""

    def fetch(number: int) -> float:
        with peer.connect(f"fast{number}") as reader:
            begun, left = time.perf_counter(), SIZE + len(str(SIZE))
            while left > 0:
                left -= reader.recv_into(BUFFER, len(BUFFER), socket.MSG_TRUNC)
            return SIZE / (time.perf_counter() - begun) / 1e6

    with uploader(folder, SIZE) as peer:
        yield Sender(
            peer.pid, peer.port, lambda number: peer.connect(f"user{number}", buffer=SMALL), fetch
        )


@contextmanager
def encrypted(folder: Path) -> Iterator[Sender]:
    """Run a data port that sends pieces over TLS."""

    def ask(number: int) -> socket.socket:
        connection = reader.open(port, secrets[number], SMALL)
        connection.sendall(Want(1, 0, TLS_SIZE // PIECE_SIZE).frame())
        return connection

    def fetch(number: int) -> float:
        return reader.pieces(port, TLS_SIZE, secrets[-1 - number])

    (folder / pieces.NAME).write_bytes(os.urandom(TLS_SIZE))
    secrets = [hashlib.sha256(b"%d" % each).digest()[:16] for each in range(pieces.MOST)]
    key = new_key()
    reader = pieces.Reader(key, folder)
    with pieces.sender(folder, secrets, key) as (pid, port, _):
        yield Sender(pid, port, ask, fetch)


def resident(pid: int) -> int:
    """Tell how many bytes of memory a process has."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096


def held_by_kernel(port: int) -> int:
    """Tell how many bytes the kernel holds for the connections that a port has accepted."""
    command = ["ss", "-tmnH", "state", "established", f"sport = :{port}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return sum(sum(map(int, found)) for found in HELD.findall(done.stdout))


def main() -> None:
    """Measure once."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--tls", action="store_true", help="in pieces, encrypted")
    parser.add_argument("--readers", type=int, default=1000)
    parser.add_argument("--rounds", type=int, default=5)
    options = parser.parse_args()
    run = encrypted if options.tls else clear
    with ExitStack() as stack:
        folders = [
            Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="napster-bench-")))
            for _ in range(2)
        ]
        alone, beset = (stack.enter_context(run(folder)) for folder in folders)
        for each in (alone, beset):
            each.fetch(0)
        before = resident(beset.pid)
        idle = [beset.ask(number) for number in range(options.readers)]
        time.sleep(SETTLE)
        costs = resident(beset.pid) - before, held_by_kernel(beset.port)
        speeds: tuple[list[float], list[float]] = ([], [])
        for number in range(1, options.rounds + 1):
            speeds[0].append(beset.fetch(number))
            speeds[1].append(alone.fetch(number))
        for each in idle:
            each.close()
    process, kernel = (cost / options.readers / 1024 for cost in costs)
    print(f"{options.readers:,} readers that do not read cost, each:")
    print(f"  process {process:6.1f} KiB")
    print(f"  kernel  {kernel:6.1f} KiB")
    rivals.report("one that reads beside them", speeds[0], {"alone": speeds[1]}, "MB/s")


if __name__ == "__main__":
    main()
