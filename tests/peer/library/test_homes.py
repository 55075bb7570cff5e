"""Whose home a folder is."""

import os
import pwd
from pathlib import Path

from napster.peer.library.homes import Homes


def entry(uid: int, home: Path | str) -> pwd.struct_passwd:
    """Make an entry of the user database."""
    return pwd.struct_passwd(("name", "x", uid, uid, "", str(home), "/bin/sh"))


def test_homes(tmp_path: Path) -> None:
    """Own and others' homes are told apart, wherever they lie; the system's users have none."""
    for name in ("own", "bob", "daemon", "other"):
        (tmp_path / name).mkdir()
    entries = [
        entry(1000, tmp_path / "own"),
        entry(1001, tmp_path / "bob"),
        entry(33, tmp_path / "daemon"),
        entry(1002, tmp_path / "gone"),
        entry(1003, "/"),
        entry(65534, tmp_path / "other"),
    ]
    homes = Homes(1000, lambda: entries)
    status = {each.name: each.stat() for each in tmp_path.iterdir()}
    assert homes.is_own(status["own"])
    assert not homes.is_of_another(status["own"])
    assert homes.is_of_another(status["bob"])
    assert not homes.is_own(status["bob"])
    for nobody in (status["daemon"], status["other"], Path("/").stat()):
        assert not homes.is_of_another(nobody)


def test_roots_home_is_another_users() -> None:
    """The user 0 counts, though the number is low."""
    root = Path(pwd.getpwuid(0).pw_dir)
    assert Homes(4711).is_of_another(root.stat()) or not os.access(root, os.F_OK)
