"""Fixtures of the tests of what daemons stand on."""

import errno
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.daemon.running import Twistd, running


@pytest.fixture
def twistd(tmp_path: Path) -> Iterator[Twistd]:
    """Give a test real twistd processes of its own."""
    with running(tmp_path) as found:
        yield found


@pytest.fixture
def closed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Make a folder that nobody may enter, not even root, who would run the tests otherwise."""
    folder = tmp_path / "closed"
    folder.mkdir()
    look = os.stat

    def refuse(path: Any, *words: Any, **named: Any) -> os.stat_result:
        if str(path).startswith(f"{folder}/"):
            raise PermissionError(errno.EACCES, "Permission denied", str(path))
        return look(path, *words, **named)

    monkeypatch.setattr(os, "stat", refuse)
    return folder
