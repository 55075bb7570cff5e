"""What is wrong with a folder is said with what to do."""

import os
from pathlib import Path

import pytest

from napster.daemon import checks
from napster.daemon.checks import Problem


def test_folder(tmp_path: Path) -> None:
    """A folder that exists is right; a missing one and a file are not."""
    file = tmp_path / "file"
    file.touch()
    assert list(checks.folder("share", tmp_path)) == []
    (missing,) = checks.folder("share", tmp_path / "absent")
    assert missing == Problem(
        "share", f"{tmp_path}/absent does not exist; create it or name another one"
    )
    (wrong,) = checks.folder("share", file)
    assert "is not a folder" in wrong.text


def test_unreadable_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A folder this user may not list is told."""
    monkeypatch.setattr(os, "access", lambda *_: False)
    (problem,) = checks.folder("share", tmp_path)
    assert "cannot be read" in problem.text


def test_closed_above(closed: Path) -> None:
    """A folder below one that this user may not enter is told, not taken for missing."""
    (problem,) = checks.folder("share", closed / "music")
    assert problem.text == (
        f"{closed}/music cannot be looked into: Permission denied; name another one"
    )


def test_program() -> None:
    """A program is found by its path or in the search path."""
    assert list(checks.program("on_finished", "/bin/sh")) == []
    assert list(checks.program("on_finished", "sh")) == []
    (problem,) = checks.program("on_finished", "/etc/passwd")
    assert problem.text.startswith("/etc/passwd is no program that this user can run")
