"""The server under load: any that runs already, or an index of ours that is started here."""

import argparse
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from struct import Struct

import rivals

HELD = Struct("<d120s")
"""For how long something has held the reactor, in seconds of CPU time, and what it was."""

UNLIMITED = """\
max_users = 100000
max_shared = 10000000
stats_interval = 0
max_connections_per_address = 0
search_rate = 0
message_rate = 0
command_rate = 0
share_rate = 0
connections_per_minute = 0
registrations_per_minute = 0
"""


@dataclass
class Server:
    """A server by its address and process id; without one (0) its costs are not known."""

    host: str
    port: int
    pid: int

    def cpu(self) -> float:
        """Return the CPU seconds all its threads have used."""
        return rivals.cpu_seconds(self.pid) if self.pid else 0.0

    def resident(self) -> int:
        """Return the bytes it holds in memory."""
        if not self.pid:
            return 0
        lines = Path(f"/proc/{self.pid}/status").read_text().splitlines()
        return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) * 1024


class Held:
    """What held the reactor of an index longest."""

    def __init__(self, path: Path) -> None:
        self.path = path
        path.write_bytes(bytes(HELD.size))

    def longest(self) -> tuple[float, str]:
        """Return for how many seconds of CPU time, and what it was, since the last time."""
        with self.path.open("r+b") as file:
            seconds, what = HELD.unpack(file.read())
            file.seek(0)
            file.write(bytes(HELD.size))
        return seconds, what.rstrip(b"\0").decode()


class Ours:
    """An index of ours, which can be started again on the same state.

    With `held` its reactor is watched, which costs it a little.
    """

    def __init__(self, folder: Path, settings: str, held: Held | None = None) -> None:
        self._folder = folder
        self._held = held
        self._port = rivals.free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self.log = folder / "index.log"
        (folder / "index.toml").write_text(settings)

    def start(self) -> Server:
        """Start it and wait until it listens."""
        log = self.log
        program, *words = rivals.twistd(
            "napster-index",
            *("--config", str(self._folder / "index.toml")),
            *("--listen", f"tcp:{self._port}:interface=127.0.0.1"),
            *("--state", str(self._folder / "state")),
        )
        if self._held:
            watched = str(rivals.HERE / "watched_twistd.py")
            self._process = rivals.start(
                [sys.executable, watched, str(self._held.path), *words], log
            )
        else:
            self._process = rivals.start([program, *words], log)
        rivals.wait_for(self._port, self._process, log)
        return Server("127.0.0.1", self._port, self._process.pid)

    def stop(self) -> None:
        """End it as a system does, and wait until it is gone."""
        if self._process is not None:
            self._process.terminate()
            self._process.wait()
            self._process = None


@contextmanager
def ours(folder: Path, settings: str = UNLIMITED, held: Held | None = None) -> Iterator[Ours]:
    """Make an index that ends with the context; `settings` is its configuration file."""
    index = Ours(folder, settings, held)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # by itself it would leave servers behind
    try:
        yield index
    finally:
        index.stop()


def server_parser(about: str | None) -> argparse.ArgumentParser:
    """Begin a command line that names a server, and how many files users share there."""
    parser = argparse.ArgumentParser(
        description=about, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--start", action="store_true", help="start an index of ours")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8888)
    parser.add_argument("--pid", type=int, default=0, help="the server's process, for its CPU time")
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--user-files", type=int, default=5_000)
    return parser


@contextmanager
def chosen(options: argparse.Namespace, settings: str) -> Iterator[Server]:
    """Give the server that the command line names, or one of ours that ends with the context."""
    if not options.start:
        yield Server(options.host, options.port, options.pid)
        return
    with tempfile.TemporaryDirectory() as folder, ours(Path(folder), settings) as index:
        yield index.start()
