"""Taking a copy of the state to where a person wants it."""

import errno
from pathlib import Path

import pytest

from napster.cli.admin.copying import require_absent, take_away
from napster.peer.api import ApiError


def test_take_away(tmp_path: Path) -> None:
    """The file is moved whole, and only its owner can read it."""
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(b"x" * 3_000_000)
    assert take_away(source, target) == 3_000_000
    assert target.read_bytes() == b"x" * 3_000_000
    assert target.stat().st_mode & 0o777 == 0o600
    assert not source.exists()


def test_nothing_is_overwritten(tmp_path: Path) -> None:
    """A file that is there, or a link to one, is never written to."""
    source, target, link = (tmp_path / name for name in ("source", "target", "link"))
    source.write_bytes(b"new")
    target.write_bytes(b"old")
    link.symlink_to(target)
    for each in (target, link):
        with pytest.raises(ApiError, match="is there already; name another file"):
            require_absent(each)
    with pytest.raises(ApiError, match="target cannot be written: File exists"):
        take_away(source, target)
    assert target.read_bytes() == b"old"
    assert not source.exists()


def test_no_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A copy that does not fit leaves nothing behind."""
    source, target = tmp_path / "source", tmp_path / "target"
    source.write_bytes(b"x")

    def fail(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("shutil.copyfileobj", fail)
    with pytest.raises(ApiError, match="target cannot be written: No space left on device"):
        take_away(source, target)
    assert list(tmp_path.iterdir()) == []
