"""Many small files from one peer to another: each is arranged, fetched over TLS, checked and saved.

    python benchmarks/small_files.py [--files N] [--folder DIR]

Timed is from the request for all of them to the last one saved; CPU time is that of all threads.
"""

import argparse
import os
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import rivals
from several import Downloader

from napster.peer.control.place import ControlPlace

SIZE = 1000
AT_ONCE = 100
"""How many are asked for in one call."""


def offers(bob: Downloader, count: int) -> list[dict[str, object]]:
    """Wait until all files of alice's can be found; tell them as they are asked for."""
    while not ControlPlace(bob.state).address_file.exists():
        time.sleep(0.1)
    rows: list[dict[str, object]] = []
    while len(rows) < count:
        time.sleep(0.5)
        rows = bob.ask("GET", "browse?nick=alice").get("rows", [])
    return [
        {key: row[key] for key in ("name", "size", "md5", "content", "sources")} for row in rows
    ]


def fetch(bob: Downloader, wanted: list[dict[str, object]]) -> float:
    """Download all of it; returns in how many seconds."""
    begun = time.perf_counter()
    for at in range(0, len(wanted), AT_ONCE):
        bob.ask("POST", "downloads", {"wanted": wanted[at : at + AT_ONCE]})
    while True:
        states = Counter(each["state"] for each in bob.ask("GET", "downloads"))
        if states["failed"]:
            sys.exit(f"{states['failed']} downloads have failed")
        if states["done"] == len(wanted):
            return time.perf_counter() - begun
        time.sleep(0.5)


def main() -> None:
    """Measure once."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--files", type=int, default=1000)
    parser.add_argument("--folder", help="where to work; by default the temporary folder")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="napster-bench-", dir=options.folder) as name:
        folder = Path(name)
        (folder / "shared").mkdir()
        for number in range(options.files):
            (folder / "shared" / f"{number:06}.bin").write_bytes(os.urandom(SIZE))
        with (
            rivals.index(folder) as port,
            rivals.peer(folder, "alice", port, "--share", str(folder / "shared")) as (_, alice),
            rivals.peer(folder, "bob", port) as (state, bob),
        ):
            downloader = Downloader(state)
            wanted = offers(downloader, options.files)
            before = [rivals.cpu_seconds(pid) for pid in (alice, bob)]
            seconds = fetch(downloader, wanted)
            used = [rivals.cpu_seconds(pid) for pid in (alice, bob)]
    print(f"{options.files:,} files of {SIZE:,} bytes: {options.files / seconds:.1f} a second")
    for who, was, now in zip(("uploader", "downloader"), before, used, strict=True):
        print(f"  {who:10} {(now - was) / options.files * 1000:5.1f} ms of CPU time a file")


if __name__ == "__main__":
    main()
