"""No path leads out of a shared folder, and nothing but a regular file is ever opened."""

import os
import socket
from pathlib import Path

import pytest

from napster.peer.library.beneath import has_vanished

from .helpers import place


def test_opens_a_file(tmp_path: Path) -> None:
    """A file deep in the folder is opened and its state told."""
    (tmp_path / "a" / "b").mkdir(parents=True)
    (tmp_path / "a" / "b" / "c").write_bytes(b"content")
    inner = place(tmp_path, b"a", b"b")
    with inner.open_file(b"c") as stream:
        assert stream.read() == b"content"
        stamp = inner.stamp_of(b"c", stream)
    status = (tmp_path / "a" / "b" / "c").stat()
    assert (stamp.size, stamp.mtime_ns) == (7, status.st_mtime_ns)
    assert (stamp.device, stamp.inode) == (status.st_dev, status.st_ino)


def test_root_may_be_a_link(tmp_path: Path) -> None:
    """The owner may name a link as the shared folder."""
    (tmp_path / "real").mkdir()
    (tmp_path / "real" / "f").write_bytes(b"x")
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with place(tmp_path / "link").open_file(b"f") as stream:
        assert stream.read() == b"x"


def test_links_are_not_followed(tmp_path: Path) -> None:
    """Neither a file nor a folder on the way may be a link, wherever it leads."""
    shared = tmp_path / "shared"
    (shared / "inside").mkdir(parents=True)
    (shared / "inside" / "f").write_bytes(b"x")
    (tmp_path / "secret").write_bytes(b"secret")
    (shared / "file").symlink_to(tmp_path / "secret")
    (shared / "out").symlink_to(tmp_path)
    (shared / "in").symlink_to("inside")
    for parts, name in (((), b"file"), ((b"out",), b"secret"), ((b"in",), b"f")):
        with pytest.raises(OSError, match=r"levels|directory") as caught:
            place(shared, *parts).open_file(name)
        assert has_vanished(caught.value)


def test_only_regular_files(tmp_path: Path) -> None:
    """A fifo does not block; a folder, a socket and a device are no files."""
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind(str(tmp_path / "socket"))
        for name in (b"fifo", b"folder", b"socket"):
            with pytest.raises(OSError, match=r"regular|No such device"):
                place(tmp_path).open_file(name)
    with pytest.raises(OSError, match="regular"):
        place(Path("/dev")).open_file(b"null")


def test_no_descriptor_is_left_open(tmp_path: Path) -> None:
    """Failing on the way closes what was opened."""
    (tmp_path / "a").mkdir()
    before = set(Path("/proc/self/fd").iterdir())
    for parts in ((b"a", b"missing"), (b"missing",), (b"a",), ()):
        with pytest.raises(OSError, match=r"regular|No such file"):
            place(tmp_path, *parts).open_file(b"a")
    assert set(Path("/proc/self/fd").iterdir()) == before


def test_time_beyond_all_tables(tmp_path: Path) -> None:
    """A date that some file systems keep and SQLite cannot is cut, not a crash."""
    (tmp_path / "f").write_bytes(b"")
    os.utime(tmp_path / "f", ns=(0, 2**63 + 10**18))
    with place(tmp_path).open_file(b"f") as stream:
        assert place(tmp_path).stamp_of(b"f", stream).mtime_ns <= 2**63 - 1
