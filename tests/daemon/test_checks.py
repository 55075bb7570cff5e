"""What is wrong with a folder or a secret is said with what to do."""

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


@pytest.mark.parametrize(("mode", "count"), [(0o600, 0), (0o400, 0), (0o640, 1), (0o604, 1)])
def test_secret_file(tmp_path: Path, mode: int, count: int) -> None:
    """A secret that group or others can read is refused."""
    file = tmp_path / "password"
    file.touch()
    file.chmod(mode)
    problems = list(checks.secret_file("password_file", file))
    assert len(problems) == count
    assert all(f"chmod 600 {file}" in each.text for each in problems)


def test_missing_secret(tmp_path: Path) -> None:
    """A secret that is not there is told."""
    (problem,) = checks.secret_file("password_file", tmp_path / "absent")
    assert "No such file" in problem.text
