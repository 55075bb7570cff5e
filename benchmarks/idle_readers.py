"""What readers that do not read cost the peer, and what they take from one that does.

    python benchmarks/idle_readers.py [--readers N]

The readers ask for a file and read nothing. Their cost is what the peer's process has grown by, and
what the kernel holds for the peer's ends (`ss -tm`: received, queued, kept ready for more).
Then one more reader takes as fast as it can, as one did before the others came.
"""

import argparse
import re
import socket
import subprocess
import tempfile
import time
from pathlib import Path

from uploading import Uploader, uploader

SIZE = 2**30
SETTLE = 5.0
BUFFER = bytearray(2**22)
HELD = re.compile(r"skmem:\(r(\d+),rb\d+,t\d+,tb\d+,f(\d+),w(\d+),o(\d+)")


def resident(pid: int) -> int:
    """Tell how many bytes of memory a process has."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * 4096


def held_by_kernel(port: int) -> int:
    """Tell how many bytes the kernel holds for the connections that a port has accepted."""
    command = ["ss", "-tmnH", "state", "established", f"sport = :{port}"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return sum(sum(map(int, found)) for found in HELD.findall(done.stdout))


def fetch(peer: Uploader, nick: str) -> float:
    """Read the whole file as fast as it comes; returns MB/s."""
    with peer.connect(nick) as reader:
        begun, left = time.perf_counter(), SIZE + len(str(SIZE))
        while left > 0:
            left -= reader.recv_into(BUFFER, len(BUFFER), socket.MSG_TRUNC)
        return SIZE / (time.perf_counter() - begun) / 1e6


def main() -> None:
    """Measure once."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--readers", type=int, default=1000)
    number = parser.parse_args().readers
    with (
        tempfile.TemporaryDirectory(prefix="napster-bench-") as folder,
        uploader(Path(folder), SIZE) as peer,
    ):
        alone = max(fetch(peer, f"fast{each}") for each in range(3))
        before = resident(peer.pid)
        idle = [peer.connect(f"user{each}", buffer=2**14) for each in range(number)]
        time.sleep(SETTLE)
        process, kernel = resident(peer.pid) - before, held_by_kernel(peer.port)
        beside = max(fetch(peer, f"later{each}") for each in range(3))
        for each in idle:
            each.close()
    print(f"{number:,} readers that do not read cost, each:")
    print(f"  process {process / number / 1024:6.1f} KiB")
    print(f"  kernel  {kernel / number / 1024:6.1f} KiB")
    print(f"one that reads: {alone:,.0f} MB/s alone, {beside:,.0f} MB/s beside them")


if __name__ == "__main__":
    main()
