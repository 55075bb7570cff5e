"""File systems are known by what the kernel lists."""

import os
from pathlib import Path

from napster.peer.library.beneath import Place, SharedTree
from napster.peer.library.mounts import Mounts

from .helpers import root

LIST = """\
22 27 0:21 / /proc rw,relatime - proc proc rw
27 1 254:1 / / rw,relatime - ext4 /dev/vda rw
30 27 8:17 / /media/a\\040stick rw,nosuid shared:3 - exfat /dev/sdb1 rw
31 27 0:60 / /net rw - nfs4 server:/export rw
32 27 0:61 / /s rw - fuse.sshfs user@host: rw
a line that is cut sho
"""


def mounts(text: str = LIST) -> Mounts:
    found = Mounts(lambda: text)
    found.refresh()
    return found


def test_kinds() -> None:
    """Numbers are fleeting on some file systems, others change from afar, local ones neither."""
    seen = {
        (major, minor): (
            mounts().numbers_are_stable(os.makedev(major, minor)),
            mounts().is_remote(os.makedev(major, minor)),
        )
        for major, minor in ((254, 1), (8, 17), (0, 60), (0, 61), (9, 9))
    }
    assert seen == {
        (254, 1): (True, False),
        (8, 17): (False, False),
        (0, 60): (True, True),
        (0, 61): (False, True),
        (9, 9): (True, False),
    }


def test_this_machine() -> None:
    """The real list can be read."""
    real = Mounts()
    real.refresh()
    assert not real.is_remote(Path("/").stat().st_dev)


def test_fleeting_numbers_are_replaced(tmp_path: Path) -> None:
    """Where inode numbers mean nothing, a file is known by its path."""
    (tmp_path / "f").write_bytes(b"x")
    status = (tmp_path / "f").stat()
    line = f"1 1 {os.major(status.st_dev)}:{os.minor(status.st_dev)} / / rw - vfat x rw\n"
    stick = Place(SharedTree(root(tmp_path), mounts(line)))
    stamp = stick.stamp(b"f", status)
    assert stamp.inode != status.st_ino
    assert stamp == stick.stamp(b"f", status)
    assert stamp != stick.child(b"d").stamp(b"f", status)
