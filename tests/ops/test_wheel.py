"""The wheel has everything in it: installed elsewhere, all commands are found and answer."""

import shutil
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LITTER = shutil.ignore_patterns(".*", "build", "dist", "*.egg-info", "__pycache__", "dropin.cache")


@pytest.fixture(scope="module")
def programs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build a wheel from a copy of the tree and install it in a fresh environment."""
    folder = tmp_path_factory.mktemp("wheel")
    shutil.copytree(ROOT, folder / "source", ignore=LITTER)
    pip = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "wheel", "--no-deps", "--wheel-dir", folder, folder / "source"], check=True
    )
    (wheel,) = folder.glob("napster-*.whl")
    venv.create(folder / "environment", with_pip=True)
    programs = folder / "environment" / "bin"
    subprocess.run(
        [programs / "python", *pip[1:], "install", "--only-binary", ":all:", wheel], check=True
    )
    return programs


def run(program: Path, folder: Path, *words: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [program, *words],
        cwd=folder,
        env={"PATH": "/usr/bin:/bin", "HOME": str(folder)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


def test_plugins(programs: Path, tmp_path: Path) -> None:
    """`twistd --help` lists both daemons."""
    done = run(programs / "twistd", tmp_path, "--help")
    assert "napster-index " in done.stdout
    assert "napster-peer " in done.stdout
    assert done.stderr == ""


@pytest.mark.parametrize("daemon", ["napster-index", "napster-peer"])
def test_daemons(programs: Path, tmp_path: Path, daemon: str) -> None:
    """Each daemon has what it needs to explain itself."""
    done = run(programs / "twistd", tmp_path, daemon, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    assert "--config=" in done.stdout


def test_index_starts(programs: Path, tmp_path: Path) -> None:
    """The index starts: its database's schema is in the wheel."""
    words = ["napster-index", "--state", str(tmp_path / "state"), "--listen", "unix:socket"]
    done = run(programs / "twistd", tmp_path, "--logfile", "index.log", *words)
    assert (done.returncode, done.stderr) == (0, "")
    number = (tmp_path / "state" / "twistd.pid").read_text()
    subprocess.run(["kill", number], check=True)
    assert "napster-index is ready" in (tmp_path / "index.log").read_text()


def test_command(programs: Path, tmp_path: Path) -> None:
    """The command line is there and explains itself."""
    done = run(programs / "napster", tmp_path, "--help")
    assert (done.returncode, done.stderr) == (0, "")
    for command in ("search", "get", "browse", "status", "downloads", "uploads", "shares"):
        assert command in done.stdout
