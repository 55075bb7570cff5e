"""Without a daemon, search, browse and get log in at the index by themselves."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

import napster
from napster.cli.demo.interruption import Interruption
from napster.cli.demo.network import Network, environment
from napster.cli.demo.processes import Processes

ROOT = Path(napster.__file__).parents[1]
CONTENT = b"12345" * 60_000


@contextmanager
def network(folder: Path) -> Iterator[Network]:
    """Run an index, and a peer alice who shares two files."""
    album = folder / "alice" / "Demo" / "Älbum"
    album.mkdir(parents=True)
    (album / "夜 song.mp3").write_bytes(CONTENT)
    (album / "empty song.mp3").write_bytes(b"")
    interruption = Interruption()
    environ = environment(folder) | {"PYTHONPATH": str(ROOT)}
    processes = Processes(folder, environ, interruption)
    try:
        running = Network(folder, processes, interruption)
        running.start_index()
        running.start_peer("alice", 2, "--share", str(album.parent))
        running.wait_for_login("alice")
        running.wait_for_registration("alice", 2)
        yield running
    finally:
        processes.stop()


def run(net: Network, *words: str) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, "-m", "napster.cli.main", *words],
        cwd=net.folder,
        env=net.processes.environ,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    with network(tmp_path_factory.mktemp("network")) as running:
        yield running


def test_search_then_get(net: Network) -> None:
    """What a search at an index found is got there, into the current folder, without asking."""
    search = run(net, "search", "song", "-empty", "--index", net.index)
    assert search.returncode == 0, search.stderr
    assert "夜 song.mp3" in search.stdout
    get = run(net, "get", "1")
    assert get.returncode == 0, get.stderr
    saved = net.folder / "夜 song.mp3"
    assert f"Saved {saved} (" in get.stdout
    assert saved.read_bytes() == CONTENT


def test_browse_then_get_folder(net: Network) -> None:
    """A whole folder is got by the number of one of its files."""
    browse = run(net, "browse", "alice", "--index", net.index, "--json")
    assert browse.returncode == 0, browse.stderr
    assert {row["name"] for row in json.loads(browse.stdout)["rows"]} == {
        "夜 song.mp3",
        "empty song.mp3",
    }
    get = run(net, "get", "--folder", "1", "--downloads", "here")
    assert get.returncode == 0, get.stderr
    assert (net.folder / "here" / "Älbum" / "夜 song.mp3").read_bytes() == CONTENT
    assert (net.folder / "here" / "Älbum" / "empty song.mp3").read_bytes() == b""


@pytest.mark.parametrize(
    ("words", "status"),
    [
        (["search", "xyzzy"], 3),
        (["browse", "nobody"], 3),
        (["get", "alice", "Demo/none.mp3"], 3),
        (["search", "bitrate>=x"], 2),
        (["search", "-x"], 2),
    ],
)
def test_nothing_there(net: Network, words: list[str], status: int) -> None:
    """What is not there, or makes no sense, is answered with a sentence a line."""
    answer = run(net, *words, "--index", net.index)
    assert (answer.returncode, answer.stdout) == (status, "")
    assert answer.stderr
    assert all(line.startswith("napster: ") for line in answer.stderr.splitlines())
