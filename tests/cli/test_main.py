"""The command as it is typed: processes of their own, a real control API, real signals."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import pytest
import pytest_twisted
from twisted.internet import reactor as _reactor
from twisted.internet.defer import Deferred
from twisted.internet.protocol import ProcessProtocol

import napster
from napster.cli.main import COMMANDS
from napster.peer.api import DownloadState, DownloadStatus
from napster.peer.control.service import ControlService
from tests.peer.control.fake import FakePeer

reactor: Any = _reactor
ROOT = Path(napster.__file__).parents[1]
MAIN = ["-m", "napster.cli.main"]


def environment(folder: Path) -> dict[str, str]:
    """Keep the user's own daemon and searches out of it."""
    names = {"XDG_STATE_HOME": "state", "XDG_CONFIG_HOME": "config", "XDG_RUNTIME_DIR": "run"}
    (folder / "run").mkdir(exist_ok=True)
    own = {name: str(folder / place) for name, place in names.items()}
    return os.environ | own | {"PYTHONPATH": str(ROOT)}


def napster_command(
    folder: Path, *words: str, **options: Any
) -> "subprocess.CompletedProcess[str]":
    return subprocess.run(
        [sys.executable, *MAIN, *words],
        env=environment(folder),
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=30,
        check=False,
        **options,
    )


def timed_help() -> tuple[float, "subprocess.CompletedProcess[str]"]:
    began = time.monotonic()
    words = [sys.executable, "-X", "importtime", *MAIN, "--help"]
    run = subprocess.run(words, capture_output=True, text=True, check=True, cwd=ROOT)
    return time.monotonic() - began, run


def test_help_is_quick() -> None:
    """Help needs neither Twisted nor anything else that takes time; a busy machine gets 3 tries."""
    runs = [timed_help() for _ in range(3)]
    assert min(seconds for seconds, _ in runs) < 0.3
    _, run = runs[0]
    assert "twisted" not in run.stderr
    assert "attr" not in run.stderr
    assert all(f"  {name} " in run.stdout for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_help_of_commands(tmp_path: Path, name: str) -> None:
    """Each command says what it takes."""
    run = napster_command(tmp_path, name, "--help")
    assert (run.returncode, run.stderr) == (0, "")
    assert run.stdout.startswith(f"usage: napster {name} ")
    assert name == "demo" or "--json" in run.stdout


@pytest.mark.parametrize(
    ("words", "status", "sentence"),
    [
        (["seach"], 2, "There is no command 'seach'; did you mean search?"),
        (["xyzzy"], 2, "There is no command 'xyzzy'; see napster --help."),
        (["\x1b[2J"], 2, "There is no command"),
        (["search"], 2, "the following arguments are required: WORD; see napster search --help."),
        (["get", "3"], 2, "There was no search in this terminal"),
        (["status"], 4, "No peer daemon runs with its state in"),
        (["hash", "/none"], 1, "/none cannot be read: No such file or directory."),
        (["search", "x", "--index", "127.0.0.1:1"], 4, "127.0.0.1:1"),
        (["search", "x", "--index", "127.0.0.1"], 2, "--index: must be HOST:PORT"),
        (["get", "a", "b", "--index", "h:1", "--downloads", "/dev/null"], 1, "/dev/null"),
    ],
)
def test_errors(tmp_path: Path, words: list[str], status: int, sentence: str) -> None:
    """A mistake gets one sentence and its exit status, never a traceback."""
    run = napster_command(tmp_path, *words)
    assert (run.returncode, run.stdout) == (status, "")
    assert sentence in run.stderr
    assert run.stderr.startswith("napster: ")
    assert len(run.stderr.splitlines()) == 1
    assert "\x1b" not in run.stderr


def test_nobody_reads() -> None:
    """A reader that leaves early, as head does, is no reason to complain."""
    script = f"{sys.executable} {' '.join(MAIN)} hash {__file__} {__file__} --json | head -c 1"
    run = subprocess.run(["bash", "-c", script], capture_output=True, check=True, cwd=ROOT)
    assert (run.stdout, run.stderr) == (b"[", b"")


@pytest.mark.parametrize(
    "words",
    [["hash", __file__], ["--help"], [], ["help"], ["--version"], ["get", "--help"], ["admin"]],
    ids=str,
)
def test_closed_output(tmp_path: Path, words: list[str]) -> None:
    """A full disk behind the output is told in a line."""
    told = "napster: Standard output cannot be written to: No space left on device.\n"
    assert _into_a_full_disk(tmp_path, *words) == (1, told)


def test_errors_with_closed_output(tmp_path: Path) -> None:
    """What went wrong is told, whatever becomes of the output."""
    status, told = _into_a_full_disk(tmp_path, "status")
    assert status == 4
    assert told.startswith("napster: No peer daemon runs with its state in ")
    assert len(told.splitlines()) == 1


def _into_a_full_disk(home: Path, *words: str) -> tuple[int, str]:
    with Path("/dev/full").open("w") as full:
        run = subprocess.run(
            [sys.executable, *MAIN, *words],
            env=environment(home) | {"PYTHONUNBUFFERED": "1"},
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
        )
    return run.returncode, run.stderr


class Run(ProcessProtocol):
    """A command that runs while the test's reactor answers it."""

    def __init__(self) -> None:
        self.out = self.err = b""
        self.ended: Deferred[int] = Deferred()

    def outReceived(self, data: bytes) -> None:
        self.out += data

    def errReceived(self, data: bytes) -> None:
        self.err += data

    def processEnded(self, reason: Any) -> None:
        status, number = reason.value.exitCode, reason.value.signal
        self.ended.callback(status if number is None else -number)


def start(folder: Path, *words: str) -> Run:
    run = Run()
    command = [sys.executable, *MAIN, *words, "--state", str(folder)]
    reactor.spawnProcess(run, sys.executable, command, environment(folder))
    run.ended.addTimeout(30, reactor)
    return run


@asynccontextmanager
async def daemon(folder: Path, peer: FakePeer) -> AsyncIterator[None]:
    service = ControlService(reactor, peer, "tcp:0:interface=127.0.0.1", folder)
    service.privilegedStartService()
    service.startService()
    try:
        yield
    finally:
        await service.stopService()
        await pause(0.05)


async def pause(seconds: float) -> None:
    done: Deferred[None] = Deferred()
    reactor.callLater(seconds, done.callback, None)
    await done


class QuickPeer(FakePeer):
    """A peer whose downloads are done as soon as somebody looks."""

    async def downloads(self) -> Sequence[DownloadStatus]:
        done = {"state": DownloadState.DONE, "saved": "/d/x", "verified": "content checked"}
        return [attrs.evolve(each, **done) for each in self.listed]


@pytest_twisted.ensureDeferred
async def test_search_and_get(tmp_path: Path) -> None:
    """What one command finds, the next one gets."""
    peer = QuickPeer()
    async with daemon(tmp_path, peer):
        search = start(tmp_path, "search", "love", "-live")
        assert await search.ended == 0, search.err
        assert b"notes.txt" in search.out
        get = start(tmp_path, "get", "2")
        assert await get.ended == 0, get.err
    assert get.out == b"Getting notes.txt (17 B) from alice\nSaved /d/x (content checked)\n"
    assert [call[0] for call in peer.calls] == ["search", "get"]
    assert search.err == get.err == b""


@pytest_twisted.ensureDeferred
async def test_json(tmp_path: Path) -> None:
    """A program reads JSON from standard output, and nothing else is there."""
    async with daemon(tmp_path, FakePeer()):
        run = start(tmp_path, "status", "--json")
        assert await run.ended == 0
    assert json.loads(run.out)["nick"] == "alice"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
@pytest_twisted.ensureDeferred
async def test_interrupted(tmp_path: Path, number: int) -> None:
    """Ctrl-C ends a wait with a sentence that says what becomes of the download."""
    peer = FakePeer()
    async with daemon(tmp_path, peer):
        search = start(tmp_path, "search", "love")
        await search.ended
        run = start(tmp_path, "get", "2")
        while b"Getting" not in run.out:
            await pause(0.05)
        run.transport.signalProcess(number)  # type: ignore[union-attr]
        assert await run.ended == 128 + number
    assert run.err == (
        b"napster: Interrupted. The daemon goes on; napster downloads tells how far it is.\n"
    )


@pytest_twisted.ensureDeferred
async def test_daemon_goes_away(tmp_path: Path) -> None:
    """A daemon that ends while a command waits is missed with a sentence."""
    async with daemon(tmp_path, FakePeer()):
        search = start(tmp_path, "search", "love")
        await search.ended
        run = start(tmp_path, "get", "2")
        while b"Getting" not in run.out:
            await pause(0.05)
    assert await run.ended == 4
    assert b"does not answer" in run.err
    assert run.err.count(b"\n") == 1


def test_defects_are_one_line(tmp_path: Path) -> None:
    """A defect of the program itself is one line, and a report for whoever asks for it."""
    broken = "import napster.cli.commands.hash as h; h.hash_stream = None; "
    code = broken + "import sys; from napster.cli.main import main; sys.exit(main(sys.argv[1:]))"
    environ = environment(tmp_path)
    words = [sys.executable, "-c", code, "hash", __file__]
    runs = [
        subprocess.run(words, env=environ | debug, capture_output=True, text=True, check=False)
        for debug in ({}, {"NAPSTER_DEBUG": "1"})
    ]
    assert [run.returncode for run in runs] == [1, 1]
    assert len(runs[0].stderr.splitlines()) == 1
    assert "run it again with NAPSTER_DEBUG=1" in runs[0].stderr
    assert "Traceback" in runs[1].stderr
