"""Both daemons, in the background, started in one folder by one user."""

import contextlib
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.daemon.running import free_port, wait_until_gone

PROGRAM = "from twisted.scripts.twistd import run; run()"


class Home:
    """A user's home, from which daemons are started."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.index, self.data, self.control = free_port(), free_port(), free_port()
        (folder / "music").mkdir()
        (folder / "music" / "song.mp3").write_bytes(b"12345")

    def start(self, daemon: str, *words: str) -> subprocess.CompletedProcess[str]:
        """Start a daemon in the background."""
        return subprocess.run(
            [sys.executable, "-c", PROGRAM, f"napster-{daemon}", *words],
            cwd=self.folder,
            env={
                "PATH": os.environ["PATH"],
                "HOME": str(self.folder),
                "PYTHONPATH": str(Path(__file__).parents[1]),
                "NAPSTER_LOG": str(self.folder / f"{daemon}.log"),
            },
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )

    def start_index(self) -> subprocess.CompletedProcess[str]:
        """Start an index."""
        return self.start("index", "--listen", f"tcp:{self.index}:interface=127.0.0.1")

    def start_peer(self) -> subprocess.CompletedProcess[str]:
        """Start a peer of it that shares some music."""
        return self.start(
            "peer",
            *("--index", f"127.0.0.1:{self.index}"),
            *("--nick", "ann"),
            *("--share", "music"),
            *("--listen", f"tcp:{self.data}:interface=127.0.0.1"),
            *("--control", f"tcp:{self.control}:interface=127.0.0.1"),
        )

    def process(self, daemon: str) -> int | None:
        """Find the number of a daemon that is running."""
        with contextlib.suppress(FileNotFoundError):
            return int((self.folder / ".local/state/napster" / daemon / "twistd.pid").read_text())
        return None

    def stop(self, daemon: str) -> None:
        """Stop a daemon if it is running."""
        number = self.process(daemon)
        if number is not None:
            os.kill(number, signal.SIGTERM)
            wait_until_gone(number)


@pytest.fixture
def home(tmp_path: Path) -> Iterator[Home]:
    found = Home(tmp_path)
    yield found
    found.stop("peer")
    found.stop("index")


def test_side_by_side(home: Home) -> None:
    """Neither gets in the other's way, and a second one of each is refused in one sentence."""
    for start in (home.start_index, home.start_peer):
        done = start()
        assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    names = {each.name for each in home.folder.iterdir()}
    assert names == {".local", "Downloads", "index.log", "music", "peer.log"}
    for start, daemon in ((home.start_index, "index"), (home.start_peer, "peer")):
        done = start()
        assert f"is in use by process {home.process(daemon)};" in done.stderr
        assert (done.returncode, len(done.stderr.splitlines())) == (1, 1)
    home.stop("peer")
    home.stop("index")
    for daemon in ("index", "peer"):
        log = (home.folder / f"{daemon}.log").read_text()
        assert f"napster-{daemon} is ready" in log
        assert "Server Shut Down" in log
        assert "Traceback" not in log
        assert " critical " not in log


def test_peer_without_configuration(home: Home) -> None:
    """A peer that has not been told anything says what to set."""
    before = sorted(home.folder.rglob("*"))
    done = home.start("peer")
    assert done.returncode == 1
    assert done.stderr == (
        "napster-peer: index: must be set to HOST:PORT: the index to register at\n"
    )
    assert sorted(home.folder.rglob("*")) == before
