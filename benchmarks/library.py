"""A library of many small files: what scanning it, restarting and remembering cost.

    python benchmarks/library.py [--files N] [--size BYTES] [--folder DIR]

Makes N small files, 100 to a folder, and lets a library look through them twice: the first time it
hashes all, the second time, in a new process, it remembers them. DIR should be on a disk that keeps
up (default: /dev/shm), since what is measured is the library. The longest hold is CPU time of the
reactor's thread, memory is what the process holds more than before it began.
"""

import argparse
import gc
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from catalog import resident
from twisted.internet import reactor

from napster.daemon import process
from napster.daemon.database import Database
from napster.peer.library.library import Library
from napster.peer.library.progress import Phase
from napster.peer.library.remember import SCHEMA
from napster.peer.library.roots import ShareRoot

_PER_FOLDER = 100
_PATIENCE = 1800


class Turns:
    """Turns the reactor, and measures each turn in CPU time of this thread."""

    def __init__(self) -> None:
        reactor.startRunning()
        self.longest = 0.0
        self._end = time.monotonic() + _PATIENCE

    def until(self, done) -> None:
        """Turn until something is so."""
        while not done():
            if time.monotonic() > self._end:
                sys.exit("the library takes too long")
            start = time.thread_time()
            reactor.runUntilCurrent()
            reactor.doIteration(min(0.05, reactor.timeout() or 0.05))
            self.longest = max(self.longest, time.thread_time() - start)

    def wait(self, deferred) -> None:
        """Turn until a Deferred has fired."""
        ended = []
        deferred.addBoth(ended.append)
        self.until(lambda: ended)


def look(folder: Path, state: Path, files: int) -> dict[str, float]:
    """Let a library look through a folder until all is shared."""
    process.use_monotonic_time(reactor)
    gc.collect()
    gc.freeze()  # as a peer does when it starts
    before, turns = resident(), Turns()
    database = Database(reactor, state / "library.db", SCHEMA)
    library = Library(reactor, [ShareRoot(b"Files", folder)], database)
    turns.wait(database.open())
    began = time.monotonic()
    library.startService()
    turns.until(
        lambda: library.progress().phase is Phase.WATCHING and library.report().files == files
    )
    took, held = time.monotonic() - began, resident() - before
    longest = turns.longest
    turns.wait(library.stopService())
    turns.wait(database.close())
    return {"seconds": took, "bytes a file": held / files, "longest hold, ms": longest * 1e3}


def make(folder: Path, files: int, size: int) -> None:
    """Make files, all different."""
    for first in range(0, files, _PER_FOLDER):
        inner = folder / f"{first // 10_000:04}" / f"Folder {first:08}"
        inner.mkdir(parents=True)
        for number in range(first, min(first + _PER_FOLDER, files)):
            content = str(number).encode().ljust(size, b".")
            (inner / f"{number:08} a file of this library.dat").write_bytes(content)


def main() -> None:
    """Make a library and have it looked through twice."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n\n")[0])
    parser.add_argument("--files", type=int, default=100_000)
    parser.add_argument("--size", type=int, default=1000)
    parser.add_argument("--folder", type=Path, default=Path("/dev/shm"))
    parser.add_argument("--look", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.look:
        print(json.dumps(look(options.look / "files", options.look, options.files)))
        return
    place = Path(tempfile.mkdtemp(dir=options.folder))
    try:
        make(place / "files", options.files, options.size)
        for name in ("first scan", "restart"):
            command = [sys.executable, __file__, "--look", str(place), "--files"]
            answer = subprocess.run(
                [*command, str(options.files)], check=True, capture_output=True, text=True
            )
            figures = json.loads(answer.stdout.splitlines()[-1])
            print(
                f"{name:12}", *(f"{key}: {value:,.1f}" for key, value in figures.items()), sep="  "
            )
    finally:
        shutil.rmtree(place)


if __name__ == "__main__":
    main()
