"""One of the hardships that take root, so that the others can be relied on to run."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.daemons import PATIENCE, ROOT


def may_mount() -> bool:
    """Tell whether this user may have mounts of its own."""
    words = ["unshare", "--mount", "mount", "-t", "tmpfs", "none", "/mnt"]
    return subprocess.run(words, capture_output=True, check=False).returncode == 0


def test_a_disk_that_is_too_small(tmp_path: Path) -> None:
    """A download that does not fit waits, and is saved once there is room."""
    if os.geteuid() or not may_mount():
        pytest.skip("mounting is not permitted here")
    command = (sys.executable, "-m", "tests.faults.hardship", "--folder", tmp_path / "f")
    done = subprocess.run(
        [*command, "too-small"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=2 * PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.startswith("ok    too-small "), done.stdout
