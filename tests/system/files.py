"""Big files: made quickly, compared without holding them in memory."""

import filecmp
import os
import random
import time
from pathlib import Path

MIB = 2**20


def fill(path: Path, size: int, seed: int = 1) -> None:
    """Write a file of content that does not repeat, and that looks old."""
    source = random.Random(seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        for start in range(0, size, MIB):
            file.write(source.randbytes(min(MIB, size - start)))
    make_old(path)


def make_sparse(path: Path, size: int, seed: int = 1) -> None:
    """Make a file of holes with a little content at its start, its middle and its end."""
    source = random.Random(seed)
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("wb") as file:
        for start in (0, size // 2, size - 4096):
            file.seek(start)
            file.write(source.randbytes(4096))
    make_old(path)


def make_old(path: Path) -> None:
    """Make a file look as if it had been there for long: nobody waits for it to be whole."""
    os.utime(path, (time.time() - 3600,) * 2)


def same_content(one: Path, other: Path) -> bool:
    """Compare two files byte by byte."""
    filecmp.clear_cache()
    return filecmp.cmp(one, other, shallow=False)
