"""Daemons and commands of the installed package, run on a host."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from tests.namespaces.hosts import Host

PATIENCE = 90.0
"""How many seconds anything may take."""
_BIN = Path(sys.executable).parent
_POLL = 0.2
_TAIL = 15


class FailedError(Exception):
    """A scenario that has not come out as it should; the text says how."""


def until(condition: Callable[[], bool], what: str) -> None:
    """Wait until a condition holds. Raises FailedError."""
    deadline = time.monotonic() + PATIENCE
    while not condition():
        if time.monotonic() > deadline:
            raise FailedError(f"{PATIENCE:g} s were not enough until {what}")
        time.sleep(_POLL)


class Daemon:
    """`twistd NAME` on a host, in a folder of its own."""

    def __init__(self, host: Host, folder: Path, name: str, **settings: Any) -> None:
        """Start it; TOML writes the values of settings as JSON does."""
        folder.mkdir(exist_ok=True)
        lines = [f"{key} = {json.dumps(value)}\n" for key, value in settings.items()]
        (folder / "config.toml").write_text("".join(lines), encoding="utf-8")
        self.host = host
        self._folder = folder
        self._log = folder / "log"
        words = (str(_BIN / "twistd"), "-n", name, "--config", "config.toml", "--state", "state")
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                host.command(*words),
                cwd=folder,
                env=self._environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    @property
    def _environment(self) -> dict[str, str]:
        return {"PATH": os.environ["PATH"], "HOME": str(self._folder), "LANG": "C.UTF-8"}

    @property
    def log(self) -> str:
        """All that it has written so far."""
        return self._log.read_text(encoding="utf-8", errors="replace")

    @property
    def last_lines(self) -> list[str]:
        """The end of that."""
        return self.log.splitlines()[-_TAIL:]

    def run(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run another command on the same host, to its end. Raises FailedError."""
        try:
            return subprocess.run(
                self.host.command(str(_BIN / words[0]), *words[1:]),
                cwd=self._folder,
                env=self._environment,
                capture_output=True,
                text=True,
                timeout=PATIENCE,
                check=False,
            )
        except subprocess.TimeoutExpired as error:
            raise FailedError(f"{PATIENCE:g} s were not enough for {' '.join(words)}") from error

    def stop(self) -> None:
        """End it, in good order if it will."""
        if self._process.poll() is None:
            os.killpg(self._process.pid, signal.SIGTERM)
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            os.killpg(self._process.pid, signal.SIGKILL)
            self._process.wait()


class Peer(Daemon):
    """A peer, and the `napster` command on its host."""

    def napster(self, *words: str) -> "subprocess.CompletedProcess[str]":
        """Run the command against this peer."""
        return self.run("napster", *words, "--state", "state")

    def is_ready(self) -> bool:
        """Tell whether it is logged in and has told the index of all its files."""
        told = self.napster("status", "--json")
        if told.returncode != 0:
            return False
        status = json.loads(told.stdout)
        library = status["library"]
        is_online = all(each["state"] == "online" for each in status["indexes"])
        return bool(is_online and library["registered"] == library["files"])
