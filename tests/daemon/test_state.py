"""A state folder belongs to one daemon at a time and to one user."""

import errno
import fcntl
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from napster.daemon.state import StateError, StateFolder


def test_create_is_private(tmp_path: Path) -> None:
    """A new folder is for its owner only; an old one stays as it is."""
    state = StateFolder(tmp_path / "a" / "b")
    state.check()
    state.create()
    assert stat.S_IMODE(state.path.stat().st_mode) == 0o700
    state.path.chmod(0o750)
    state.create()
    assert stat.S_IMODE(state.path.stat().st_mode) == 0o750


def test_one_at_a_time(tmp_path: Path) -> None:
    """The second is told the first one's number, and may have the folder afterwards."""
    first, second = StateFolder(tmp_path), StateFolder(tmp_path)
    first.lock()
    for attempt in (second.check, second.lock):
        with pytest.raises(StateError, match=f"is in use by process {os.getpid()};"):
            attempt()
    first.unlock()
    first.unlock()
    second.check()
    second.lock()
    second.unlock()


def test_lock_outlives_a_fork(tmp_path: Path) -> None:
    """A lock taken before a fork is held by the child when the parent has gone."""
    program = (
        "import os, sys, pathlib\n"
        "from napster.daemon.state import StateFolder\n"
        "state = StateFolder(pathlib.Path(sys.argv[1]))\n"
        "state.lock()\n"
        "if os.fork(): os._exit(0)\n"
        "state.lock(); print(os.getpid(), flush=True); sys.stdin.read()\n"
    )
    child = subprocess.Popen(
        [sys.executable, "-c", program, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert child.stdout
    number = child.stdout.readline().strip()
    assert child.wait() == 0
    with pytest.raises(StateError, match=f"process {number};"):
        StateFolder(tmp_path).lock()
    child.communicate()


def test_killed_daemon_leaves_no_lock(tmp_path: Path) -> None:
    """A lock file without a living holder is no obstacle."""
    (tmp_path / "lock").write_text("1\n")
    state = StateFolder(tmp_path)
    state.check()
    state.lock()
    assert (tmp_path / "lock").read_text() == f"{os.getpid()}\n"
    state.unlock()


def test_file_in_its_place(tmp_path: Path) -> None:
    """A file where the folder should be is named."""
    file = tmp_path / "file"
    file.touch()
    with pytest.raises(StateError, match="is not a folder"):
        StateFolder(file).check()
    with pytest.raises(StateError, match="cannot be created"):
        StateFolder(file / "state").create()


def test_unwritable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder this user may not write is named."""
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(StateError, match="cannot be written"):
        StateFolder(tmp_path).check()


def test_closed_above(tmp_path: Path, closed: Path) -> None:
    """A folder below one that this user may not enter is named, as is one below a file."""
    (tmp_path / "file").touch()
    for folder in (closed / "state", tmp_path / "file" / "state"):
        with pytest.raises(StateError, match=f"^{folder} cannot be looked into: "):
            StateFolder(folder).check()


def test_vanished(tmp_path: Path) -> None:
    """A folder that is not there cannot be locked."""
    with pytest.raises(StateError, match="lock cannot be opened"):
        StateFolder(tmp_path / "absent").lock()


def test_no_locks(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file system without locks is told, and nothing is left open."""

    def fail(*_: object) -> None:
        raise OSError(errno.ENOLCK, "No locks available")

    monkeypatch.setattr(fcntl, "flock", fail)
    with pytest.raises(StateError, match="cannot be locked: No locks available"):
        StateFolder(tmp_path).lock()


def test_take_back(tmp_path: Path) -> None:
    """What was made for a start that is refused goes again, folders above too, and nothing old."""
    state = StateFolder(tmp_path / "a" / "b")
    state.create()
    state.lock()
    state.take_back()
    assert list(tmp_path.iterdir()) == []
    old = StateFolder(tmp_path)
    old.create()
    old.lock()
    old.take_back()
    assert [each.name for each in tmp_path.iterdir()] == ["lock"]
    old.lock()
    old.unlock()
