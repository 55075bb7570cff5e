"""A share on a disk that hardly answers: whoever is sent a file from it waits, and nobody else."""

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from napster.peer.api import DownloadState
from tests.system.daemons import network, until
from tests.system.files import MIB, fill, same_content

BLKIO = Path("/sys/fs/cgroup/blkio")
"""Where a process can be held to so many bytes a second of a disk (cgroup version 1)."""
RATE = 2**16
WATCHED = 10.0
"""For so many seconds it is looked whether the daemon answers."""
PROMPT = 1.0
"""Within so many seconds it does."""


def is_possible() -> bool:
    """Tell whether disks can be made slow here."""
    return os.access(BLKIO / "blkio.throttle.read_bps_device", os.W_OK)


@contextmanager
def slowed(pid: int, folder: Path) -> Iterator[None]:
    """Have a process read the disk of a folder at no more than RATE."""
    device = folder.stat().st_dev
    group = BLKIO / f"napster-{pid}"
    limit = group / "blkio.throttle.read_bps_device"
    group.mkdir()
    try:
        limit.write_text(f"{os.major(device)}:{os.minor(device)} {RATE}")
        (group / "cgroup.procs").write_text(str(pid))
        yield
    finally:
        limit.write_text(f"{os.major(device)}:{os.minor(device)} 0")
        (BLKIO / "cgroup.procs").write_text(str(pid))
        group.rmdir()


def forget(path: Path) -> None:
    """Have the kernel keep nothing of a file in memory."""
    with path.open("rb") as file:
        os.fsync(file.fileno())
        os.posix_fadvise(file.fileno(), 0, 0, os.POSIX_FADV_DONTNEED)


def slow_disk(folder: Path) -> str:
    """Send from a slow disk, in the clear and over TLS: the daemon goes on with all else."""
    return "; ".join(_send(folder / policy, policy) for policy in ("off", "prefer"))


def _send(folder: Path, policy: str) -> str:
    with network(folder, search_rate=0) as net:
        alice, bob = net.prepare("alice", encryption=policy), net.prepare("bob", encryption=policy)
        fill(alice.share / "cold.bin", 2 * MIB)
        fill(alice.share / "warm.bin", 8 * MIB)
        net.join(alice)
        net.join(bob)
        cold, warm = sorted(bob.browse("alice").rows, key=lambda row: str(row.name))
        forget(alice.share / "cold.bin")
        with slowed(alice.pid, alice.share):
            (slow,) = bob.get([cold])
            until(lambda: bool(alice.uploads()), "the slow one is sent")
            began, longest = time.monotonic(), 0.0
            (quick,) = bob.get([warm])
            while time.monotonic() - began < WATCHED:
                asked = time.monotonic()
                alice.status()
                longest = max(longest, time.monotonic() - asked)
                time.sleep(0.1)
            assert longest < PROMPT, f"the daemon did not answer for {longest:.1f} s"
            assert bob.download(quick).state is DownloadState.DONE, "the other file waits, too"
            state = bob.download(slow).state.value
        for path in bob.saved([slow, quick]):
            assert same_content(path, alice.share / path.name)
        return (
            f"encryption {policy}: answers within {longest * 1000:.0f} ms, the other file saved "
            f"while the slow one was {state}, which was saved in the end"
        )
