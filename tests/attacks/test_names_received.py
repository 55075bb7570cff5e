"""A name from the wire tries to leave the downloads folder, or to take another's place."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from napster.cli.folders import each_offer
from napster.cli.picks import wanted
from napster.daemon.codec import dump, load_all
from napster.peer.api import DownloadStatus, FoundFile, SearchPage
from tests.attacks.enemies import Source, file, honest
from tests.system.daemons import Network, Peer, put

EVIL = b"evil content"
NAMES = (
    b"..\\..\\escaped",
    b"../../escaped",
    b"/tmp/escaped-from-napster",
    b"\\tmp\\escaped-from-napster",
    b"C:\\Windows\\escaped",
    b"C:escaped",
    b"..",
    b"...",
    b"a\\..",
    b"a\\.",
    b"a\\",
    b".bashrc",
    b"x\\.ssh\\authorized_keys",
    b"con",
    b"NUL.txt",
    b"trailing dot.",
    b"trailing space ",
    b"%2E%2E%2Fescaped",
    b"%00hidden",
    b"line\nbreak",
    b"\x1b[2Jclear",
    b"token.part.napster",
    b"evil.part",
    b"\xe2\x80\xaegpj.exe",
    b"x" * 600,
)
FOLDERS = ("..", "../..", "/tmp/escaped", "a/../../..", ".ssh", "nul", "~", "\\..\\..")
OWN = "bob's own"


@pytest.fixture(name="offers")
def _offers(net: Network, bob: Peer) -> Iterator[list[FoundFile]]:
    """List what mallory offers, while he serves it."""
    with Source(net.index.port, "mallory", honest(EVIL)) as mallory:
        mallory.share(*(file(name, len(EVIL)) for name in NAMES))
        page: SearchPage = bob.browse("mallory")
        yield list(each_offer(page))


def elsewhere(net: Network, bob: Peer) -> set[Path]:
    """List all files that a download could have made but in the downloads folder."""
    near = {path for path in net.folder.rglob("*") if bob.downloads_folder not in path.parents}
    numbers = bob.state / "last-download"  # written with the first download
    return near - {numbers} | set(Path("/tmp").glob("escaped*"))


def test_folders(net: Network, bob: Peer, offers: list[FoundFile]) -> None:
    """A folder to save into is never another than one below the downloads folder."""
    before = elsewhere(net, bob)
    files = [wanted(row, folder) for row, folder in zip(offers, FOLDERS, strict=False)]
    begun = bob.ask("POST", "downloads", {"wanted": dump(files)})
    for path in bob.saved([each.id for each in load_all(DownloadStatus, begun)]):
        below = path.resolve().relative_to(bob.downloads_folder.resolve())
        assert not [part for part in below.parts if part.startswith(".")]
    assert elsewhere(net, bob) == before


def test_files(net: Network, bob: Peer, offers: list[FoundFile]) -> None:
    """Every name becomes that of a new file in the downloads folder, and not a hidden one."""
    for name in ("escaped", "_.bashrc", "con"):
        put(bob.downloads_folder / name, OWN.encode())
    before = elsewhere(net, bob)
    saved = bob.fetch(offers)
    assert len(saved) == len(NAMES)  # equal content under one safe name is one file
    assert {path.parent for path in saved} == {bob.downloads_folder}
    assert {path.read_bytes() for path in saved} == {EVIL}
    for path in saved:
        assert not path.name.startswith(".")
        assert "\n" not in path.name
        assert "\x1b" not in path.name
    for name in ("escaped", "_.bashrc", "con"):
        assert (bob.downloads_folder / name).read_text() == OWN
    assert elsewhere(net, bob) == before


def test_a_folder_that_leads_out(net: Network, bob: Peer, offers: list[FoundFile]) -> None:
    """A link in the downloads folder is no way out of it."""
    (bob.downloads_folder / "out").symlink_to(net.folder)
    answer = bob.refused("POST", "downloads", {"wanted": dump([wanted(offers[0], "out")])})
    assert "leads out of the downloads folder" in answer
