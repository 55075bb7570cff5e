"""The demo works, and leaves nothing behind however it ends."""

import os
import re
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import napster
from napster.cli.demo import story
from tests.cli.screens import Seen

ROOT = Path(napster.__file__).parents[1]


@contextmanager
def demo(folder: Path) -> Iterator["subprocess.Popen[str]"]:
    """Start the demo with a folder for what it makes."""
    environ = os.environ | {"TMPDIR": str(folder), "PYTHONPATH": str(ROOT)}
    process = subprocess.Popen(
        [sys.executable, "-m", "napster.cli.main", "demo"],
        env=environ,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        start_new_session=True,
        text=True,
    )
    try:
        yield process
    finally:
        process.kill()
        process.wait()
        assert process.stdout is not None
        process.stdout.close()


def processes_in(folder: Path) -> list[str]:
    """List the command lines of processes that have to do with a folder."""
    found = []
    for file in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            words = file.read_bytes().replace(b"\0", b" ").decode(errors="replace")
        except OSError:
            continue
        if str(folder) in words:
            found.append(words)
    return found


def assert_nothing_left(folder: Path, said: str) -> None:
    assert processes_in(folder) == []
    assert list(folder.iterdir()) == []
    for port in re.findall(r"127\.0\.0\.1:([0-9]+)", said):
        with socket.socket() as probe, pytest.raises(ConnectionRefusedError):
            probe.connect(("127.0.0.1", int(port)))


def test_whole(tmp_path: Path) -> None:
    """Files of all names arrive equal, in plain lines, the last of which can be typed."""
    began = time.monotonic()
    with demo(tmp_path) as process:
        said, _ = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert "All 301 files are equal to alice's, by SHA-256.\n" in said
    assert re.search(r"^Saved /.*live concert\.bin \(.+\)$", said, re.MULTILINE)
    assert "\x1b" not in said
    assert said.splitlines()[-1].endswith("twistd -n napster-index")
    assert len(said.splitlines()) < 20
    assert time.monotonic() - began < 60
    assert_nothing_left(tmp_path, said)


@pytest.mark.parametrize(
    ("line", "number"),
    [
        ("", signal.SIGINT),
        ("Started an index", signal.SIGTERM),
        ("Started two peers", signal.SIGINT),
        ("Getting", signal.SIGHUP),
    ],
)
def test_interrupted(tmp_path: Path, line: str, number: int) -> None:
    """A signal at any time ends it with a sentence, and everything it has started."""
    with demo(tmp_path) as process:
        assert process.stdout is not None
        said = ""
        while line and line not in said:
            said += process.stdout.readline()
        if not line:
            while not list(tmp_path.iterdir()):
                time.sleep(0.01)
        process.send_signal(number)
        process.send_signal(number)
        rest, _ = process.communicate(timeout=60)
    assert process.returncode == 128 + number, said + rest
    assert "Interrupted. All daemons are stopped and all files removed." in rest
    assert "Traceback" not in rest
    assert_nothing_left(tmp_path, said)


def test_no_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where there is no room for the files, a sentence names both figures and what to do."""
    monkeypatch.setattr(story, "_ROOM", 2**70)
    seen = Seen()
    assert story.run_demo(seen.screen) == 1
    assert re.search(r"needs .* which has .* left; set TMPDIR", seen.err)
