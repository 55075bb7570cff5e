"""The queue of downloads as a person uses it, with real daemons and the real command."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from napster.peer.api import DownloadState
from tests.system.daemons import Network, Peer, network, until

FILES = {
    "album/CD 1/one.mp3": b"one",
    "album/CD 1/cover.jpg": b"picture",
    "album/CD 2/two; $(touch x).mp3": b"two",
}
PROGRAM = """
import json, os, sys
with open(sys.argv[1], "a") as file:
    file.write(json.dumps(dict(os.environ)) + "\\n")
print("told")
"""


@pytest.fixture(scope="module")
def net(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """Run a network for all of this module."""
    with network(tmp_path_factory.mktemp("queue"), search_rate=0) as running:
        yield running


@pytest.fixture(scope="module")
def alice(net: Network) -> Peer:
    """Share an album."""
    return net.peer("alice", FILES)


@pytest.fixture(scope="module")
def bob(net: Network, alice: Peer) -> Peer:
    """Download, and have a program run for each file."""
    program, told = net.folder / "program.py", net.folder / "told"
    program.write_text(PROGRAM)
    music = net.folder / "music"
    music.mkdir()
    return net.peer(
        "bob",
        on_finished=[sys.executable, "-I", str(program), str(told)],
        destinations=[str(music)],
    )


def test_a_folder_twice(net: Network, bob: Peer) -> None:
    """A folder comes with its structure where it was sent; the second time only what is missing."""
    music = net.folder / "music" / "new"
    words = ["get", "--folder", "alice", "share/album", "--to", str(music)]
    some = bob.napster(*words, "--only", "*.mp3")
    assert some.returncode == 0, some.stderr
    assert some.stdout.splitlines()[-1] == "2 files: 2 saved."
    everything = bob.napster(*words)
    assert everything.stdout.splitlines()[-1] == "3 files: 2 here already, 1 saved."
    assert {
        str(path.relative_to(music)): path.read_bytes()
        for path in music.rglob("*")
        if path.is_file()
    } == FILES


def test_the_program_was_run(net: Network, bob: Peer) -> None:
    """Each saved file was told to the program, by facts and not by words for a shell."""
    told = net.folder / "told"
    until(lambda: told.exists() and len(told.read_text().splitlines()) == 3, "all are told")
    environs = [json.loads(line) for line in told.read_text().splitlines()]
    assert {Path(each["NAPSTER_FILE"]).read_bytes() for each in environs} == set(FILES.values())
    assert {each["NAPSTER_NICK"] for each in environs} == {"alice"}
    until(lambda: bob.log.count("told") == 3, "what it says is logged")
    assert not list(net.folder.rglob("x"))


def test_a_pause_outlives_a_kill(alice: Peer, bob: Peer) -> None:
    """What is paused by the command stays so through SIGKILL, and goes on when resumed."""
    row = bob.search("cover").rows[0]
    alice.stop()
    (number,) = bob.get([row])
    assert bob.napster("pause", str(number)).stdout == f"Paused {number}, cover.jpg.\n"
    assert bob.napster("priority", "high", "--all").returncode == 0
    bob.restart()
    status = bob.download(number)
    assert (status.state, status.priority.value) == (DownloadState.PAUSED, "high")
    alice.start()
    assert bob.napster("resume", "--all").stdout == f"Resumed {number}, cover.jpg.\n"
    (path,) = bob.saved([number])
    assert path.read_bytes() == b"picture"


def test_a_forbidden_folder(net: Network, alice: Peer, bob: Peer) -> None:
    """A folder that the options do not name is refused with a sentence."""
    refused = bob.napster("get", "alice", "share/album/CD 1/one.mp3", "--to", str(net.folder))
    assert refused.returncode == 2
    assert "is outside of the downloads folder" in refused.stderr
