"""Files of every size and name, one and many, arrive at another peer as they are."""

import hashlib
import json
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

from napster.peer.api import FoundFile, SearchPage
from napster.peer.library.names import names_of
from tests.system.daemons import Peer, network, put

SIZES = (0, 1, 5, 299_007, 299_008, 299_009, 300_000, 2**20 - 1, 2**20, 2**20 + 1)
COUNTS = {"one": 1, "hundred": 100, "many": 2000}

KEPT = (
    "two  words.txt",
    "it's.txt",
    'so "quoted".txt',
    "back\\slash.txt",
    "100% %41.txt",
    "-dash; $(touch x) `y` & ~.txt",
    unicodedata.normalize("NFC", "Ünïcode ñ.txt"),
    "日本語 кириллица 🎵🏴‍☠️.txt",
    "no extension",
    "x" * 251 + ".txt",
    "🎵" * 62 + "abc.txt",
)
"""Names that a downloaded file has again."""

STRANGE = (
    b"new\nline.txt",
    b"tab\tbell\x07escape\x1b[31m.txt",
    b"not \xff\xfe UTF-8.txt",
    b"dot.",
    b"space ",
    b"con.txt",
    b"C:drive.txt",
    unicodedata.normalize("NFC", "Ångström é.txt").encode(),
    unicodedata.normalize("NFD", "Ångström é.txt").encode(),
    b"Case.txt",
    b"case.txt",
    b"CASE.txt",
)
"""Names that have to be another, or may be, for the sake of other systems or other files."""

EMPTY = ("Scans/inner", "0/empty", '0/so "quoted"')
"""Folders in a shared one that hold nothing."""

NAMES = (*(name.encode() for name in KEPT), *STRANGE)


def content(size: int) -> bytes:
    """Make content of a size that no other size has at its beginning."""
    if size == 5:
        return b"12345"
    return hashlib.shake_128(str(size).encode()).digest(size)


@pytest.fixture(scope="module")
def peers(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Peer, Peer]]:
    """Run alice, who shares all of it, and bob, who wants it."""
    with network(tmp_path_factory.mktemp("files")) as net:
        files = {f"sizes/{size} bytes.bin": content(size) for size in SIZES}
        for folder, count in COUNTS.items():
            for number in range(count):
                name = f"{folder}/{number % 20}/file {number}.txt"
                files[name] = f"{folder} {number}".encode()
        alice = net.prepare("alice")
        for name in NAMES:
            put(
                alice.share / "names" / Path(name.decode("utf-8", "surrogateescape")),
                b"I am " + name,
            )
        for name in (*EMPTY, ".hidden/inner", "../beside"):
            (alice.share / "one" / name).mkdir(parents=True)
        net.join(alice, files)
        yield alice, net.peer("bob")


def rows_in(page: SearchPage, folder: str) -> list[FoundFile]:
    """Pick the rows of one folder."""
    return [row for row in page.rows if row.sources[0].folder.startswith(folder)]


def original(alice: Peer, row: FoundFile) -> Path:
    """Find the file on its owner's disk that a row stands for."""
    _share, *parts = names_of(row.sources[0].path)
    return alice.share.joinpath(*(part.decode("utf-8", "surrogateescape") for part in parts))


def test_sizes(peers: tuple[Peer, Peer]) -> None:
    """Files from nothing to a little more than a piece arrive byte for byte."""
    _, bob = peers
    rows = rows_in(bob.browse("alice"), "share/sizes")
    saved = bob.fetch(rows)
    assert sorted(row.size for row in rows) == sorted(SIZES)
    for row, path in zip(rows, saved, strict=True):
        assert path.name == f"{row.size} bytes.bin"
        assert path.read_bytes() == content(row.size)


def test_names(peers: tuple[Peer, Peer]) -> None:
    """Every name a disk can hold is shared, found, and saved under a name of its own."""
    alice, bob = peers
    rows = rows_in(bob.browse("alice"), "share/names")
    saved = bob.fetch(rows)
    assert len({path.name for path in saved}) == len(NAMES)
    assert {path.parent for path in saved} == {bob.downloads_folder}
    for row, path in zip(rows, saved, strict=True):
        assert path.read_bytes() == original(alice, row).read_bytes()
        if original(alice, row).name in KEPT:
            assert path.name == original(alice, row).name
    assert {original(alice, row).read_bytes() for row in rows} == {b"I am " + n for n in NAMES}


def test_everything_is_told(peers: tuple[Peer, Peer]) -> None:
    """The index knows of exactly what is on the disk."""
    alice, bob = peers
    total = len(NAMES) + len(SIZES) + sum(COUNTS.values())
    assert alice.status().library.files == total
    assert bob.browse("alice").files == total
    assert bob.status().indexes[0].files == total
    assert "duplicate" not in alice.log


@pytest.mark.parametrize("folder", COUNTS)
def test_folder(peers: tuple[Peer, Peer], folder: str) -> None:
    """`napster get --folder` brings a folder with all below it, as it is."""
    alice, bob = peers
    done = bob.napster("get", "--folder", "--json", "alice", f"share/{folder}", seconds=240)
    assert done.returncode == 0, done.stderr
    assert len(json.loads(done.stdout)) == COUNTS[folder]
    assert tree(bob.downloads_folder / folder) == tree(alice.share / folder)


def test_empty_folders(peers: tuple[Peer, Peer]) -> None:
    """They come with the folder that holds them, and not with some of its files."""
    _, bob = peers
    for to, chosen in (("whole", ()), ("some", ("--only", "*.txt"))):
        words = ("--folder", "--to", str(bob.downloads_folder / to), *chosen, "alice", "share/one")
        done = bob.napster("get", *words, seconds=60)
        assert done.returncode == 0, done.stderr
    made = [path for path in (bob.downloads_folder / "whole").rglob("*") if path.is_dir()]
    inner = {str(path.relative_to(bob.downloads_folder / "whole/one")) for path in made}
    assert inner == {".", "0", "Scans", *EMPTY}
    assert tree(bob.downloads_folder / "some") == {"one/0/file 0.txt": b"one 0"}
    assert not (bob.downloads_folder / "some/one/Scans").exists()


def tree(folder: Path) -> dict[str, bytes]:
    """Read everything below a folder."""
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}
