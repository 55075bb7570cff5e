"""The demo's processes: daemons in groups of their own, and commands; all ended at its end."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from pathlib import Path

import attrs

from napster.cli.demo.interruption import Interruption
from napster.cli.exits import UNREACHABLE
from napster.peer.api import ApiError, UnreachableError

_TWISTD = "from twisted.scripts.twistd import run; run()"
_STOP_PATIENCE = 10.0
_POLL = 0.05
_TAIL = 12


@attrs.frozen
class Daemon:
    """A running twistd and its log."""

    name: str
    process: "subprocess.Popen[bytes]"
    log: Path

    def tail(self) -> list[str]:
        """Read the last lines of the log."""
        return self.log.read_text(encoding="utf-8", errors="replace").splitlines()[-_TAIL:]


class Processes:
    """Starts processes in a folder and ends them; they share an environment."""

    def __init__(
        self, folder: Path, environ: Mapping[str, str], interruption: Interruption
    ) -> None:
        self._folder = folder
        self.environ = environ
        self._interruption = interruption
        self._command: subprocess.Popen[bytes] | None = None
        self.daemons: list[Daemon] = []

    def start_daemon(self, name: str, words: Sequence[str]) -> None:
        """Start `twistd -n` with words, in a session of its own that Ctrl-C does not reach."""
        self._interruption.check()
        log = self._folder / f"{name}.log"
        with log.open("wb") as output:
            process = subprocess.Popen(
                [sys.executable, "-c", _TWISTD, "-n", *words],
                cwd=self._folder,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )
        self.daemons.append(Daemon(name, process, log))

    def napster(self, words: Sequence[str], *, shown: bool = False) -> bytes:
        """Run the napster command to its end; returns its output unless it is shown.

        Raises ApiError if it fails, UnreachableError if there is no daemon to ask.
        """
        self._interruption.check()
        with (self._folder / "command.out").open("w+b") as output:
            self._command = subprocess.Popen(
                [sys.executable, "-m", "napster.cli.main", *words],
                cwd=self._folder,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=None if shown else output,
                stderr=None if shown else subprocess.STDOUT,
            )
            while self._command.poll() is None:
                self._interruption.pause(_POLL)
            output.seek(0)
            said = output.read()
        if self._command.returncode:
            raise _failure(self._command.returncode, words, said)
        return said

    def check(self) -> None:
        """Raise ApiError if a daemon has ended."""
        for daemon in self.daemons:
            if daemon.process.poll() is not None:
                status = daemon.process.returncode
                raise ApiError(f"The daemon {daemon.name} ended with status {status}.")

    def stop(self) -> None:
        """End every process, by force if it does not end in time, and wait until it has."""
        if self._command is not None:
            _end(self._command)
        for daemon in self.daemons:
            _signal_group(daemon.process, signal.SIGTERM)
        deadline = time.monotonic() + _STOP_PATIENCE
        for daemon in self.daemons:
            with contextlib.suppress(subprocess.TimeoutExpired):
                daemon.process.wait(max(deadline - time.monotonic(), 0.1))
            _signal_group(daemon.process, signal.SIGKILL)
            daemon.process.wait()


def _failure(status: int, words: Sequence[str], said: bytes) -> ApiError:
    kind = UnreachableError if status == UNREACHABLE else ApiError
    reason = said.decode("utf-8", "replace").strip() or "see above"
    return kind(f"napster {' '.join(words)} ended with status {status}: {reason}")


def _end(process: "subprocess.Popen[bytes]") -> None:
    process.kill()
    process.wait()


def _signal_group(process: "subprocess.Popen[bytes]", number: int) -> None:
    """Signal a daemon and whatever it started; the group may be gone already."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, number)
