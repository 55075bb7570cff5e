"""An installed napster gives twistd its commands, wherever twistd is started."""

import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = "from twisted.scripts.twistd import run; run()"


def twistd(folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run twistd in a folder from which nothing of ours can be imported by accident."""
    return subprocess.run(
        [sys.executable, "-P", "-c", PROGRAM, *words],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_twistd_lists_both(tmp_path: Path) -> None:
    """Both commands are among twistd's, with what they are."""
    done = twistd(tmp_path, "--help")
    commands = done.stdout.partition("Commands:")[2]
    assert "napster-index " in commands
    assert "napster-peer " in commands
    assert done.stderr == ""


@pytest.mark.parametrize("command", ["napster-index", "napster-peer"])
def test_help_of_each(tmp_path: Path, command: str) -> None:
    """Each command explains its options."""
    done = twistd(tmp_path, command, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    for option in ("--config=", "--state=", "--listen=", "--check"):
        assert option in done.stdout


def test_listing_imports_nothing(tmp_path: Path) -> None:
    """Listing the commands imports neither daemon: a broken one would break every twistd."""
    program = (
        "import sys; from twisted.application.service import IServiceMaker\n"
        "from twisted.plugin import getPlugins\n"
        "assert 'napster-peer' in [each.tapname for each in getPlugins(IServiceMaker)]\n"
        "print([name for name in sys.modules if name.startswith('napster')])\n"
    )
    done = subprocess.run(
        [sys.executable, "-P", "-c", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "[]\n"
