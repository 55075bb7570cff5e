"""How exact and how fair the limits of uploads are, at 50 and at 1,000 transfers.

    python benchmarks/limits.py [--seconds N]

Readers take as fast as they can, and the kernel drops what they take. Exactness is the rate seen by
all of them together beside the limit; fairness is Jain's index of what each has got: 1 if all have
the same, 1/n if one has everything.
"""

import argparse
import selectors
import socket
import tempfile
import time
from pathlib import Path

import rivals
from uploading import Uploader, uploader

CASES = (
    (50, {"upload_limit": "20M"}, 20 * 2**20),
    (1000, {"upload_limit": "20M"}, 20 * 2**20),
    (50, {"upload_limit_per_user": "400K"}, 50 * 400 * 2**10),
    (1000, {"upload_limit_per_user": "20K"}, 1000 * 20 * 2**10),
)
SIZE = 2**28
WARM_UP = 3.0
BUFFER = bytearray(2**20)


def read(readers: list[socket.socket], seconds: float) -> tuple[float, list[int]]:
    """Read from all for a while; returns how long it was, and how many bytes each has got."""
    got = dict.fromkeys(readers, 0)
    with selectors.DefaultSelector() as selector:
        for each in readers:
            each.settimeout(0)
            selector.register(each, selectors.EVENT_READ)
        begun = time.perf_counter()
        while (now := time.perf_counter()) - begun < seconds:
            for key, _ in selector.select(0.1):
                reader = key.fileobj
                assert isinstance(reader, socket.socket)
                got[reader] += reader.recv_into(BUFFER, len(BUFFER), socket.MSG_TRUNC)
    return now - begun, list(got.values())


def jain(shares: list[int]) -> float:
    """Tell how fair shares are."""
    return sum(shares) ** 2 / (len(shares) * sum(share**2 for share in shares))


def measure(peer: Uploader, number: int, limit: int, seconds: float, name: str) -> None:
    """Read with so many readers, and print what they saw."""
    readers = [peer.connect(f"user{each}") for each in range(number)]
    try:
        read(readers, WARM_UP)
        before = rivals.cpu_seconds(peer.pid)
        took, got = read(readers, seconds)
        used = rivals.cpu_seconds(peer.pid) - before
    finally:
        for each in readers:
            each.close()
    rate = sum(got) / took
    print(
        f"{number:6,} readers  {name:32} {rate / 2**20:7.2f} MiB/s, {rate / limit:7.2%} of the"
        f" limit   Jain {jain(got):.4f}   CPU {used / took:4.0%}"
    )


def main() -> None:
    """Measure all cases."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--seconds", type=float, default=15.0, help="how long to measure each")
    options = parser.parse_args()
    for number, settings, limit in CASES:
        with tempfile.TemporaryDirectory(prefix="napster-bench-") as folder:
            name = " ".join(f"{key} = {value}" for key, value in settings.items())
            with uploader(Path(folder), SIZE, **settings) as peer:
                measure(peer, number, limit, options.seconds, name)


if __name__ == "__main__":
    main()
