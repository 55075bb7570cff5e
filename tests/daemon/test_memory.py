"""Memory that is free goes back to the system."""

from pathlib import Path

import pytest
import pytest_twisted

from napster.daemon import memory
from napster.daemon.memory import give_back

MANY = 40_000


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


@pytest_twisted.ensureDeferred
async def test_another_library(monkeypatch: pytest.MonkeyPatch) -> None:
    """A C library that cannot do it is left alone."""
    monkeypatch.setattr(memory.ctypes, "CDLL", lambda _: object())
    await give_back()
