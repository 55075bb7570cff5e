"""Files that outlive a crash: whole or not there, never replaced by accident. Blocking."""

import contextlib
import errno
import os
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from napster.peer.downloads.paths import MAX_NAME, shown

_SYNCS = 16
"""How many files are synced at once."""
_NO_HARD_LINKS = {errno.EPERM, errno.ENOTSUP, errno.EOPNOTSUPP, errno.EMLINK, errno.ENOSYS}


def said(error: OSError) -> str:
    """Say what the operating system says, and of which file."""
    name = error.filename if isinstance(error.filename, str) else ""
    return f"{shown(name)}: {error.strerror}" if name else error.strerror or str(error)


def longest_name(folder: Path) -> int:
    """Tell how many bytes the name of a file in a folder may have. Raises OSError."""
    return min(MAX_NAME, os.pathconf(folder, "PC_NAME_MAX"))


def write_whole(path: Path, spare: Path, content: bytes, *, sync: bool = True) -> None:
    """Replace a file so that a crash leaves the old or the new content. Raises OSError.

    Without `sync` that holds for a power cut only after `sync_files`. `spare` is a name beside it
    that may be used on the way. A power cut may bring the old content back; `sync_folder` sees to
    that where it matters.
    """
    with spare.open("wb") as file:
        file.write(content)
        file.flush()
        if sync:
            os.fsync(file.fileno())
    spare.replace(path)


def sync_files(paths: Sequence[Path]) -> None:
    """Make sure that what is in files is on the disk; those that are gone are left out.

    Several are synced at once, since most disks do that as fast as one. Raises OSError.
    """
    with ThreadPoolExecutor(min(_SYNCS, len(paths)) or 1) as threads:
        list(threads.map(_sync, paths))


def _sync(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError), path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(folder: Path) -> None:
    """Make sure that the names in a folder are on the disk. Raises OSError."""
    number = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(number)
    finally:
        os.close(number)


def move_new(source: Path, target: Path) -> None:
    """Give a file another name in its folder. Raises FileExistsError if that is taken, OSError.

    A crash leaves the file under the old name, the new one, or both.
    """
    try:
        os.link(source, target, follow_symlinks=False)
    except OSError as error:
        if error.errno not in _NO_HARD_LINKS:
            raise
        _move_over_placeholder(source, target)
    else:
        source.unlink()


def _move_over_placeholder(source: Path, target: Path) -> None:
    """Move where there are no hard links: over an empty file that was new, so nobody else's."""
    os.close(os.open(target, os.O_CREAT | os.O_EXCL | os.O_WRONLY | os.O_CLOEXEC, 0o600))
    try:
        source.replace(target)
    except OSError:
        with contextlib.suppress(OSError):  # the first error is the one to tell
            target.unlink()
        raise


def make_folders(folder: Path, below: Path, mode: int) -> None:
    """Make a folder and those between it and `below`; `mode` holds whatever the umask is."""
    if folder == below or folder.is_dir():
        return
    make_folders(folder.parent, below, mode)
    folder.mkdir(exist_ok=True)
    with contextlib.suppress(PermissionError):  # some disks know no modes
        folder.chmod(mode)


def same_file(one: Path, other: Path) -> bool:
    """Tell whether two names lead to one file; False if either is missing."""
    try:
        return one.samefile(other)
    except FileNotFoundError:
        return False
