"""Whether a shared folder is there at all. Blocking: for use in threads."""

import os
import stat

import attrs

from napster.peer.library.beneath import SharedTree
from napster.peer.library.shelf import RootState


@attrs.frozen
class Presence:
    """How a shared folder was found: its state, device and inode, and what kind of disk it is on.

    One that is empty may be the place of a disk that is not mounted.
    """

    state: RootState
    identity: tuple[int, int] | None = None
    is_empty: bool = False
    is_remote: bool = False


def inspect(tree: SharedTree) -> Presence:
    """Look whether a shared folder is there."""
    tree.mounts.refresh()
    try:
        status = tree.root.path.stat()
        if not stat.S_ISDIR(status.st_mode):
            return Presence(RootState.MISSING)
        identity = (status.st_dev, status.st_ino)
        is_remote = tree.mounts.is_remote(status.st_dev)
        with os.scandir(tree.root.path) as entries:
            return Presence(RootState.READY, identity, next(entries, None) is None, is_remote)
    except FileNotFoundError:
        return Presence(RootState.MISSING)
    except OSError:
        return Presence(RootState.UNREADABLE)
