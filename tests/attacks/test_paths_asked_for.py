"""A request names any path on the disk; what is shared is swapped for something else."""

import os
from pathlib import Path

from napster.wire.messages.transfers import (
    DownloadError,
    DownloadReady,
    DownloadRequest,
    UploadRefused,
    UploadRequest,
)
from tests.attacks.conftest import SECRET, SONG
from tests.attacks.enemies import WickedIndex, Wire, call
from tests.system.daemons import Network, Peer, put, until

ELSEWHERE = (
    b"/etc/passwd",
    b"\\etc\\passwd",
    b"..\\secret",
    b"share\\..\\..\\secret",
    b"share\\..\\state\\token",
    b"share/../../secret",
    b"share\\%2E%2E\\%2E%2E\\secret",
    b"share\\.ssh\\authorized_keys",
    b"share\\id_rsa",
    b"share\\album",
    b"share",
    b"C:\\share\\song.mp3",
    b"share\\song.mp3\\",
    b"share\\\\song.mp3",
    b"share\\.\\song.mp3",
    b"",
    b"\\",
    b"\xff\xfe",
)


def line(path: bytes, nick: bytes = b"mallory") -> bytes:
    """Spell a request."""
    return nick + b' "' + path + b'" 0'


def test_data_port(alice: Peer) -> None:
    """Nothing but a shared file's virtual path leads to a file, not even its place on the disk."""
    places = (os.fsencode(alice.share / "song.mp3"), os.fsencode(alice.state / "token"))
    for path in (*ELSEWHERE, *places, b"share\\song.mp3"):
        answer = call(alice.data_port, b"GET", line(path))
        assert answer in {b"1FILE NOT FOUND", b"1INVALID REQUEST", b"1"}, path


def test_index(net: Network, alice: Peer) -> None:
    """The index arranges nothing that was not offered to it."""
    with Wire.connect(net.index.port) as mallory:
        mallory.log_in("mallory")
        for path in ELSEWHERE:
            mallory.say(DownloadRequest("alice", path))
            assert isinstance(mallory.hear(), DownloadError), path


def test_wicked_index(tmp_path: Path) -> None:
    """A peer refuses what it does not share, whoever arranges it."""
    with WickedIndex() as index:
        peer = Peer(tmp_path / "peer", "peer", index.port)
        put(peer.share / "song.mp3", SONG)
        peer.launch()
        try:
            link = index.let_in()
            with link:
                for path in ELSEWHERE:
                    link.say(UploadRequest("mallory", path))
                    assert link.until(UploadRefused) == UploadRefused("mallory", path)
        finally:
            peer.kill()


def agreed(net: Network, path: bytes) -> Wire:
    """Have alice agree to send a file to mallory."""
    mallory = Wire.connect(net.index.port)
    mallory.log_in("mallory")
    mallory.say(DownloadRequest("alice", path))
    mallory.until(DownloadReady)
    return mallory


def test_swapped_after_the_agreement(net: Network, alice: Peer, bob: Peer) -> None:
    """A file that became something else since it was hashed is refused, at once."""
    folders = {kind: alice.share / f"swapped {kind}" for kind in SWAPS}
    for folder in folders.values():
        put(folder / "file.txt", b"x" * len(SECRET))
        put(net.folder / folder.name / "file.txt", SECRET)
    known = len(folders) + len(told(bob))
    until(lambda: len(told(bob)) == known, "all are known")
    for kind, folder in folders.items():
        path = b"share\\" + folder.name.encode() + b"\\file.txt"
        with agreed(net, path):
            SWAPS[kind](folder, net.folder / folder.name)
            answer = call(alice.data_port, b"GET", line(path), seconds=5)
        assert answer in {b"1FILE NOT FOUND", b"1FILE NOT SHARED", b"1INVALID REQUEST"}, kind


def told(bob: Peer) -> set[bytes]:
    """List what the index knows of alice's files."""
    return {source.path for row in bob.browse("alice").rows for source in row.sources}


def swap_for_link(folder: Path, target: Path) -> None:
    """Put a link where the file was."""
    (folder / "file.txt").unlink()
    (folder / "file.txt").symlink_to(target / "file.txt")


def swap_for_pipe(folder: Path, _target: Path) -> None:
    """Put a pipe where the file was, which blocks whoever opens it."""
    (folder / "file.txt").unlink()
    os.mkfifo(folder / "file.txt")


def swap_for_file(folder: Path, target: Path) -> None:
    """Put another file where the file was, of the same size and date."""
    (target / "file.txt").rename(folder / "file.txt")


def swap_folder(folder: Path, target: Path) -> None:
    """Put a link where the folder was."""
    folder.rename(target.with_name("moved away"))
    folder.symlink_to(target)


SWAPS = {
    "link": swap_for_link,
    "pipe": swap_for_pipe,
    "file": swap_for_file,
    "folder": swap_folder,
}
