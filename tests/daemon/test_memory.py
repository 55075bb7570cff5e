"""Memory that is free goes back to the system."""

import subprocess
import sys
from pathlib import Path

import pytest
import pytest_twisted

from napster.daemon import memory
from napster.daemon.memory import give_back, keep_large_blocks_apart

MANY = 40_000
HASHING = """
import threading
from napster.daemon.memory import keep_large_blocks_apart
from napster.index.passwords import hash_password
from tests.daemon.test_memory import _resident

def grown_by_hashing():
    before = _resident()
    for _ in range(3):  # one thread after the other, each with two hashes
        thread = threading.Thread(target=lambda: [hash_password(b"secret") for _ in range(2)])
        thread.start()
        thread.join()
    return _resident() - before

if {apart}:
    keep_large_blocks_apart()
print(grown_by_hashing())
"""


def _resident() -> int:
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) * 1024


@pytest_twisted.ensureDeferred
async def test_give_back() -> None:
    """What was freed in between goes back, and what is in use stays as it is."""
    held = [bytes([number % 256]) * 5_000 for number in range(MANY)]
    kept = held[::8]
    held.clear()
    before = _resident()
    await give_back()
    assert before - _resident() > MANY * 5_000 // 4
    assert all(each == each[:1] * 5_000 for each in kept)


def test_large_blocks_do_not_stay_with_threads() -> None:
    """What a hash takes goes back, in a process that has asked for it; else it does not."""
    apart, not_apart = (
        int(subprocess.check_output([sys.executable, "-c", HASHING.format(apart=apart)]))
        for apart in (True, False)
    )
    assert apart < 8 << 20 < not_apart


@pytest_twisted.ensureDeferred
async def test_another_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """A C library that cannot do it is left alone."""
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda _: object())
    await give_back()
    keep_large_blocks_apart()
