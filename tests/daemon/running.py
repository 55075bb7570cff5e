"""Real twistd processes for tests: started with a notify socket, awaited, ended by number."""

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
TOY = Path(__file__).parent / "toy"
PATIENCE = 20.0


class Twistd:
    """Runs `twistd … napster-toy …` in a folder of its own, as an ordinary user would."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.state = folder / "state"
        self.notify = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        self.notify.settimeout(PATIENCE)
        self.notify.bind(b"\0" + os.urandom(12).hex().encode())
        self._running: list[subprocess.Popen[str]] = []

    def environment(self, **extra: str) -> dict[str, str]:
        """Give the environment of a login, in which `twistd` finds the toy."""
        name = self.notify.getsockname()[1:].decode()
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "PYTHONPATH": os.pathsep.join([str(TOY), str(ROOT)]),
            "NOTIFY_SOCKET": f"@{name}",
            **extra,
        }

    def command(self, *words: str | Path, front: tuple[str, ...] = ("-n",)) -> list[str]:
        """Spell out the command line."""
        twistd = [sys.executable, "-c", "from twisted.scripts.twistd import run; run()"]
        return [*twistd, *front, "napster-toy", "--state", str(self.state), *map(str, words)]

    def run(
        self, *words: str | Path, front: tuple[str, ...] = ("-n",), **extra: str
    ) -> subprocess.CompletedProcess[str]:
        """Run to the end and return what was said."""
        return subprocess.run(
            self.command(*words, front=front),
            cwd=self.folder,
            env=self.environment(**extra),
            capture_output=True,
            text=True,
            timeout=PATIENCE,
            check=False,
        )

    def start(self, *words: str | Path, **extra: str) -> subprocess.Popen[str]:
        """Start in the foreground and return once the daemon has said that it is ready."""
        process = subprocess.Popen(
            self.command(*words),
            cwd=self.folder,
            env=self.environment(**extra),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        self._running.append(process)
        self.expect("READY=1")
        return process

    def expect(self, line: str) -> str:
        """Wait for a notification that holds a line; return the whole of it."""
        while True:
            message = self.notify.recv(4096).decode()
            if line in message.split("\n"):
                return message

    def stop(self, process: subprocess.Popen[str], number: int = signal.SIGTERM) -> str:
        """End a process and return what it wrote."""
        process.send_signal(number)
        output, _ = process.communicate(timeout=PATIENCE)
        self._running.remove(process)
        return output

    def close(self) -> None:
        """End what a failed test has left running."""
        for process in self._running:
            process.kill()
            process.communicate()
        self.notify.close()


@contextlib.contextmanager
def running(folder: Path) -> Iterator[Twistd]:
    """Make a Twistd and clean up after it."""
    twistd = Twistd(folder)
    try:
        yield twistd
    finally:
        twistd.close()


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def ask(port: int, host: str = "127.0.0.1") -> str:
    """Connect to the toy and return what it says."""
    with socket.create_connection((host, port), timeout=PATIENCE) as caller:
        return caller.makefile().read().strip()


def wait_until_gone(number: int) -> None:
    """Wait for a process that is not our child to end."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            os.kill(number, 0)
        except ProcessLookupError:
            return
        time.sleep(0.02)
    raise AssertionError(f"process {number} is still there")
