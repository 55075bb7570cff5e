"""The real twistd: what the terminal hears, what is left on disk, how a daemon ends."""

import json
import os
import pty
import resource
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest

from tests.daemon.running import PATIENCE, Twistd, ask, free_port, wait_until_gone

BACKGROUND: tuple[str, ...] = ()


def names(folder: Path) -> list[str]:
    """List what is in a folder."""
    return sorted(each.name for each in folder.iterdir())


def one_sentence(text: str) -> str:
    """Return the only line of what was said on standard error."""
    (line,) = text.splitlines()
    assert line.startswith("napster-toy: ")
    return line


@pytest.mark.parametrize("front", [("-n",), BACKGROUND])
@pytest.mark.parametrize(
    ("words", "wanted"),
    [
        (["--wrong"], "--wrong"),
        (["--listen", "tcp:nowhere"], "--listen: must be an endpoint"),
        (["--listen", "tcp:99999"], "--listen: must be an endpoint"),
        (["--config", "absent.toml"], "absent.toml: cannot be read"),
        (["--share", "absent"], "--share: "),
        (["surplus"], "surplus"),
    ],
)
def test_mistake_is_one_sentence(
    twistd: Twistd, front: tuple[str, ...], words: list[str], wanted: str
) -> None:
    """A wrong command line ends with one sentence, status 1 and nothing written."""
    done = twistd.run(*words, front=front)
    assert wanted in one_sentence(done.stderr)
    assert (done.returncode, done.stdout, names(twistd.folder)) == (1, "", [])


@pytest.mark.parametrize("front", [("-n",), BACKGROUND])
def test_port_taken(twistd: Twistd, front: tuple[str, ...]) -> None:
    """A port in use ends the start before anything is written, in the background too."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        endpoint = f"tcp:{taken.getsockname()[1]}:interface=127.0.0.1"
        done = twistd.run("--listen", endpoint, front=front)
    assert one_sentence(done.stderr).endswith(f"{endpoint}: cannot listen: Address already in use")
    assert (done.returncode, done.stdout, names(twistd.folder)) == (1, "", [])


def test_wrong_file_names_the_key(twistd: Twistd, tmp_path: Path) -> None:
    """A wrong value in the file is named with file, key and what would be right."""
    config = tmp_path / "toy.toml"
    config.write_text('word = "hi"\nlines = "many"\n')
    done = twistd.run("--config", config, "--check")
    assert one_sentence(done.stderr) == (
        f"napster-toy: {config}: lines: must be a whole number from 0 to 10000, not 'many'"
    )
    assert done.returncode == 1


def test_check_changes_nothing(twistd: Twistd) -> None:
    """`--check` answers and leaves no file."""
    done = twistd.run("--check")
    assert (done.returncode, done.stdout, done.stderr) == (0, "configuration is right\n", "")
    assert names(twistd.folder) == []


@pytest.mark.parametrize("option", ["--uid", "--gid", "--chroot"])
def test_late_privileges_are_refused(twistd: Twistd, option: str) -> None:
    """What would leave root's files to another user is refused with the way to do it."""
    value = {"--uid": "0", "--gid": "0", "--chroot": "/"}[option]
    done = twistd.run(front=("-n", option, value))
    assert f"{option} comes too late" in one_sentence(done.stderr)


def test_background_needs_a_log(twistd: Twistd) -> None:
    """A daemon without a terminal cannot log to it."""
    done = twistd.run(front=("--logfile", "-"))
    assert "cannot log to -" in one_sentence(done.stderr)


@pytest.mark.parametrize("front", [("-n",), BACKGROUND])
def test_failed_start(twistd: Twistd, front: tuple[str, ...]) -> None:
    """A part that fails to start ends the daemon with status 1, and the terminal hears why."""
    log = twistd.folder / "toy.log"
    done = twistd.run("--word", "unwanted", front=front, NAPSTER_LOG=str(log))
    assert "this word is unwanted; choose another" in done.stderr
    assert done.returncode == 1
    assert "Traceback" not in done.stderr + log.read_text()
    assert "critical napster.daemon" in log.read_text()


@pytest.mark.parametrize("front", [("-n",), BACKGROUND])
def test_long_reason(twistd: Twistd, front: tuple[str, ...]) -> None:
    """The whole reason of a failed start is said once, as a line of its own."""
    done = twistd.run("--word", "endless", front=front, NAPSTER_LOG=str(twistd.folder / "toy.log"))
    reason = f"napster-toy: this word is {'very ' * 30}long; choose another"
    assert done.stderr.splitlines()[0] == reason
    assert done.stderr.count("this word") == 1
    assert done.returncode == 1


def test_defect_is_told_apart(twistd: Twistd) -> None:
    """A start that fails by a defect says so, and the log says where in one line."""
    done = twistd.run("--word", "defect")
    assert "a defect of the program: ZeroDivisionError" in one_sentence(done.stderr)
    (line,) = [line for line in done.stdout.splitlines() if "ZeroDivisionError" in line]
    assert "toydaemon/tap.py:" in line
    assert done.returncode == 1


def test_thread_before_the_fork(twistd: Twistd) -> None:
    """A daemon that would hang in the background for lack of a thread is a defect found at once."""
    done = twistd.run("--word", "thread", front=BACKGROUND)
    assert "threads have been started before the fork: MainThread, early" in done.stderr
    assert done.returncode == 1


def test_ready_serves_and_stops(twistd: Twistd) -> None:
    """READY comes when the port answers; SIGTERM ends the daemon and its pid file."""
    port = free_port()
    process = twistd.start("--listen", f"tcp:{port}:interface=127.0.0.1")
    assert ask(port) == "hello"
    assert (twistd.state / "twistd.pid").read_text() == str(process.pid)
    assert (twistd.state / "lock").read_text() == f"{process.pid}\n"
    output = twistd.stop(process)
    assert twistd.expect("STOPPING=1").endswith("STATUS=one toy and no more")
    assert process.returncode == -signal.SIGTERM
    assert "napster-toy is ready" in output
    assert not (twistd.state / "twistd.pid").exists()


def test_second_on_one_state(twistd: Twistd) -> None:
    """A second daemon on a state folder is refused and the first one is named."""
    process = twistd.start()
    for front in [("-n",), BACKGROUND]:
        done = twistd.run(front=front)
        assert f"is in use by process {process.pid}" in one_sentence(done.stderr)
        assert done.returncode == 1
    twistd.stop(process)


def test_stale_pid_file(twistd: Twistd) -> None:
    """A pid file left by a crash does not stop a start, whoever has that number today."""
    twistd.state.mkdir()
    (twistd.state / "twistd.pid").write_text(str(os.getpid()))
    twistd.stop(twistd.start())


@pytest.mark.parametrize("made", [(), ("state",)])
def test_refused_log(twistd: Twistd, made: tuple[str, ...]) -> None:
    """A log that cannot be opened ends the start with nothing left of it, nothing old removed."""
    for name in made:
        (twistd.folder / name).mkdir()
    for front in [("-n", "--logfile", "/absent/log"), ("--logfile", "/absent/log")]:
        done = twistd.run(front=front)
        assert "/absent/log: the log cannot be opened" in one_sentence(done.stderr)
        assert (done.returncode, names(twistd.folder)) == (1, list(made))


def test_background(twistd: Twistd) -> None:
    """In the background: ready when twistd returns, files where they belong, a usual umask."""
    log, port = twistd.folder / "toy.log", free_port()
    listen = f"tcp:{port}:interface=127.0.0.1"
    before = os.umask(0o022)
    try:
        done = twistd.run("--listen", listen, front=BACKGROUND, NAPSTER_LOG=str(log))
    finally:
        os.umask(before)
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")
    number = int((twistd.state / "twistd.pid").read_text())
    try:
        assert ask(port) == "hello"
        assert names(twistd.folder) == ["state", "toy.log"]
        assert (twistd.state / "created").stat().st_mode & 0o777 == 0o644
        assert twistd.state.stat().st_mode & 0o777 == 0o700
        assert (twistd.state / "lock").read_text() == f"{number}\n"
    finally:
        os.kill(number, signal.SIGTERM)
        wait_until_gone(number)
    assert "Server Shut Down" in log.read_text()


def test_explicit_places(twistd: Twistd) -> None:
    """The --pidfile and --logfile of twistd itself are obeyed."""
    front = ("--pidfile", "my.pid", "--logfile", "my.log")
    assert twistd.run(front=front).returncode == 0
    number = int((twistd.folder / "my.pid").read_text())
    os.kill(number, signal.SIGTERM)
    wait_until_gone(number)
    assert names(twistd.folder) == ["my.log", "state"]


def test_hangup(twistd: Twistd, tmp_path: Path) -> None:
    """SIGHUP applies what it can, names what needs a restart, and keeps a wrong file out."""
    config, port = tmp_path / "toy.toml", free_port()
    config.write_text("")
    words = ("--config", config, "--listen", f"tcp:{port}:interface=127.0.0.1")
    process = twistd.start(*words)
    config.write_text('word = "good day"\nlinger = 1\nlog_format = "json"\n')
    process.send_signal(signal.SIGHUP)
    assert "MONOTONIC_USEC=" in twistd.expect("RELOADING=1")
    twistd.expect("READY=1")
    assert ask(port) == "good day"
    config.write_text("word = 7\n")
    process.send_signal(signal.SIGHUP)
    twistd.expect("RELOADING=1")
    twistd.expect("READY=1")
    assert ask(port) == "good day"
    lines = twistd.stop(process).splitlines()
    assert any(line.endswith("linger has changed and needs a restart") for line in lines)
    said = [json.loads(line)["message"] for line in lines if line[0] == "{"]
    assert any("word: must be a text" in each and "as before" in each for each in said)


def test_closed_terminal(twistd: Twistd) -> None:
    """A daemon in the foreground ends when its window is closed, and stays no orphan."""
    log = twistd.folder / "toy.log"
    master, slave = pty.openpty()
    process = subprocess.Popen(
        ["setsid", "--ctty", *twistd.command()],
        cwd=twistd.folder,
        env=twistd.environment(NAPSTER_LOG=str(log)),
        stdin=slave,
        stdout=slave,
        stderr=slave,
    )
    os.close(slave)
    twistd.expect("READY=1")
    process.send_signal(signal.SIGHUP)
    twistd.expect("RELOADING=1")
    os.close(master)
    assert process.wait(PATIENCE) == 0
    assert "the terminal is gone" in log.read_text()


def test_log_is_reopened(twistd: Twistd, tmp_path: Path) -> None:
    """A log moved away under a busy daemon loses no line and doubles none."""
    log = tmp_path / "toy.log"
    process = twistd.start("--lines", "1000", NAPSTER_LOG=str(log))
    for number in range(5):
        log.rename(tmp_path / f"toy.log.{number}")
        process.send_signal(signal.SIGHUP)
        twistd.expect("RELOADING=1")
        twistd.expect("READY=1")
        time.sleep(0.02)
    twistd.stop(process)
    pieces = [tmp_path / f"toy.log.{number}" for number in range(5)]
    text = "".join(piece.read_text() for piece in [*pieces, log])
    counts = [int(line.split()[-2]) for line in text.splitlines() if line.endswith("ends")]
    assert counts == list(range(len(counts)))
    assert len(counts) > 20


def test_full_disk(twistd: Twistd) -> None:
    """A log that cannot be written does not end the daemon, and is complained of once."""
    port = free_port()
    listen = f"tcp:{port}:interface=127.0.0.1"
    process = twistd.start("--listen", listen, NAPSTER_LOG="/dev/full")
    assert ask(port) == "hello"
    assert twistd.stop(process).splitlines() == [
        "/dev/full: the log cannot be written: No space left on device"
    ]


def test_impatient(twistd: Twistd) -> None:
    """A second SIGTERM ends a stop that takes long."""
    process = twistd.start("--linger", "100")
    process.send_signal(signal.SIGTERM)
    twistd.expect("STOPPING=1")
    began = time.monotonic()
    assert "was still at work and is cut off" in twistd.stop(process)
    assert time.monotonic() - began < PATIENCE / 2


def test_file_limit(twistd: Twistd) -> None:
    """The daemon may open as many files as the hard limit allows."""
    process = twistd.start()
    limits = Path(f"/proc/{process.pid}/limits").read_text()
    (line,) = [line for line in limits.splitlines() if line.startswith("Max open files")]
    soft, hard = line.split()[3:5]
    assert soft == hard == str(resource.getrlimit(resource.RLIMIT_NOFILE)[1])
    twistd.stop(process)
