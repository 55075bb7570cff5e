"""The files of the demo: some hundreds of small ones, one large, with names from many places."""

import hashlib
import os
from pathlib import Path

from napster.cli.demo.interruption import Interruption

SMALL_FILES = 300
SMALL_FOLDER = "Songs"
LARGE_SIZE = 256 * 2**20
_BLOCK = 4 * 2**20

LARGE_NAME = "Næturtónleikar - live concert.bin"
_TITLES = (
    "Песня о море",
    "夜の歌",
    "Café del mar",
    "Vögguvísa nr. 3",
    "Ωδή στη χαρά",
    "أغنية الليل",
    "Straße & Mädchen",
    "100% 'real' [take 2]",
    "🎵 hum",
    "plain old song",
)


def make_files(folder: Path, interruption: Interruption) -> int:
    """Make the files below a folder that does not exist yet; returns their size together."""
    folder.mkdir(parents=True)
    for number in range(SMALL_FILES):
        interruption.check()
        place = folder / SMALL_FOLDER / f"Album {number // 100 + 1}"
        place.mkdir(parents=True, exist_ok=True)
        title = _TITLES[number % len(_TITLES)]
        (place / f"{number:03} {title}.txt").write_bytes(os.urandom(100 + 37 * number))
    _write_random(folder / LARGE_NAME, LARGE_SIZE, interruption)
    return sum(file.stat().st_size for file in all_files(folder).values())


def _write_random(path: Path, size: int, interruption: Interruption) -> None:
    with path.open("xb") as file:
        for _ in range(size // _BLOCK):
            interruption.check()
            file.write(os.urandom(_BLOCK))


def all_files(folder: Path) -> dict[Path, Path]:
    """List the files below a folder: where each lies in it, and its path."""
    return {file.relative_to(folder): file for file in folder.rglob("*") if file.is_file()}


def digests(folder: Path, interruption: Interruption) -> dict[Path, str]:
    """Hash the files below a folder: where each lies in it, and its SHA-256."""
    found = {}
    for place, path in all_files(folder).items():
        interruption.check()
        with path.open("rb") as file:
            found[place] = hashlib.file_digest(file, "sha256").hexdigest()
    return found
