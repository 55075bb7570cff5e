"""A log file survives being moved, filled up and shared by threads."""

import errno
import os
import signal
import stat
import threading
from pathlib import Path

import pytest

from napster.daemon import logfile
from napster.daemon.logfile import LogFile, LogFileError


def test_appends_and_is_private(tmp_path: Path) -> None:
    """What was there stays, and others than owner and group cannot read it."""
    path = tmp_path / "a.log"
    for line in ("one", "zwei \udcff"):
        log = LogFile(path)
        log.write(line)
        log.close()
    assert path.read_text() == "one\nzwei \\udcff\n"
    assert stat.S_IMODE(path.stat().st_mode) & 0o137 == 0


def test_reopen(tmp_path: Path) -> None:
    """After a move the next line is in a new file; no file stays open behind."""
    path, moved = tmp_path / "a.log", tmp_path / "a.log.1"
    log = LogFile(path)
    before = len(os.listdir("/proc/self/fd"))  # noqa: PTH208  # the listing itself is what counts
    log.write("one")
    path.rename(moved)
    log.write("two")
    log.reopen()
    log.write("three")
    assert (moved.read_text(), path.read_text()) == ("one\ntwo\n", "three\n")
    assert len(os.listdir("/proc/self/fd")) == before  # noqa: PTH208  # as above
    log.close()


def test_a_signal_while_writing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A handler that logs in the middle of another line does not stop the daemon for ever."""
    log = LogFile(tmp_path / "a.log")
    write = os.write

    def interrupted(file: int, data: bytes) -> int:
        if b"first" in data:
            signal.raise_signal(signal.SIGUSR1)
        return write(file, data)

    def give_up(*_: object) -> None:
        raise TimeoutError

    monkeypatch.setattr(os, "write", interrupted)
    handlers = {signal.SIGUSR1: lambda *_: log.write("second"), signal.SIGALRM: give_up}
    before = {number: signal.signal(number, handler) for number, handler in handlers.items()}
    signal.alarm(10)
    try:
        log.write("first")
    finally:
        signal.alarm(0)
        for number, handler in before.items():
            signal.signal(number, handler)
    log.close()
    assert sorted((tmp_path / "a.log").read_text().split()) == ["first", "second"]


def test_reopen_fails(tmp_path: Path) -> None:
    """If a new file cannot be opened, the old one goes on."""
    folder = tmp_path / "logs"
    folder.mkdir()
    log = LogFile(folder / "a.log")
    folder.rename(tmp_path / "away")
    with pytest.raises(LogFileError, match="cannot be opened: No such file"):
        log.reopen()
    log.write("still here")
    assert (tmp_path / "away" / "a.log").read_text() == "still here\n"
    log.close()


def test_full_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """Lines that cannot be written are counted, complained of once, and told afterwards."""
    path = tmp_path / "a.log"
    log = LogFile(path)

    def full(_file: int, _data: bytes) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(logfile, "_write", full)
        log.write("one")
        log.write("two")
    log.write("three")
    log.write("four")
    assert path.read_text() == "2 lines before this one could not be written\nthree\nfour\n"
    assert capfd.readouterr().err == f"{path}: the log cannot be written: No space left on device\n"
    log.close()


def test_nobody_to_tell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Even with standard error gone, a line that cannot be written ends nothing."""
    log = LogFile(tmp_path / "a.log")

    def fail(_file: int, _data: bytes) -> int:
        raise OSError(errno.EPIPE, "Broken pipe")

    with monkeypatch.context() as patched:
        patched.setattr(os, "write", fail)
        log.write("one")
    log.write("two")
    log.close()
    assert (tmp_path / "a.log").read_text().endswith("\ntwo\n")


def test_partial_writes(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A write that takes only a part is gone on with."""
    path = tmp_path / "a.log"
    log = LogFile(path)
    write = os.write
    with monkeypatch.context() as patched:
        patched.setattr(os, "write", lambda file, data: write(file, data[:3]))
        log.write("a longer line")
    assert path.read_text() == "a longer line\n"
    log.close()


def test_threads(tmp_path: Path) -> None:
    """Lines of several threads are whole, also while the file is being reopened."""
    path = tmp_path / "a.log"
    log = LogFile(path)

    def chat(word: str) -> None:
        for _ in range(300):
            log.write(word * 50)

    threads = [threading.Thread(target=chat, args=(word,)) for word in "abc"]
    for thread in threads:
        thread.start()
    for number in range(20):
        path.rename(tmp_path / f"old{number}")
        log.reopen()
    for thread in threads:
        thread.join()
    log.close()
    lines = "".join(each.read_text() for each in tmp_path.iterdir()).splitlines()
    assert sorted(lines) == [word * 50 for word in "abc" for _ in range(300)]


def test_standard_output(capfd: pytest.CaptureFixture[str]) -> None:
    """Without a path, lines go to standard output, which is neither reopened nor closed."""
    log = LogFile(None)
    log.write("one")
    log.reopen()
    log.close()
    log.write("two")
    assert capfd.readouterr().out == "one\ntwo\n"
