"""`ncdc` fetching from another `ncdc` through `uhub`: the rival among systems for sharing files.

Both are programs for a terminal; here they have one that nobody looks at, and keys are sent to it.
"""

import fcntl
import os
import pty
import struct
import subprocess
import sys
import termios
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import rivals

UHUB = """\
server_bind_addr = 127.0.0.1
server_port = {port}
tls_enable = no
file_acl = {folder}/uhub-users.conf
file_plugins = {folder}/uhub-plugins.conf
"""
COMMANDS = (
    "/set local_address 127.0.0.1",
    "/set tls_policy disabled",
    "/set sendfile true",
    "/set nick {nick}",
)
"""What both clients are told."""
SHARING = (
    "/set active_ip 127.0.0.1",
    "/set active_port {port}",
    "/set active true",
    "/share bench {shared}",
)
"""What the uploader is told; the downloader is passive and connects to it."""
OPENING = "/open hub adc://127.0.0.1:{hub}/"

_WINDOW = struct.pack("HHHH", 50, 200, 0, 0)
_PATIENCE = 120


class Ncdc:
    """One client, at a terminal of its own."""

    def __init__(self, state: Path, commands: Sequence[str]) -> None:
        program = rivals.needed("ncdc", "ncdc")
        self.downloads = state / "dl"
        self.seen = bytearray()
        """What it has written to its terminal."""
        self._terminal, its_end = pty.openpty()
        fcntl.ioctl(its_end, termios.TIOCSWINSZ, _WINDOW)
        environment = {**os.environ, "TERM": "xterm", "LC_ALL": "C.UTF-8"}
        command = [program, "-c", str(state), "--no-bracketed-paste"]
        self._process = subprocess.Popen(
            command, stdin=its_end, stdout=its_end, stderr=its_end, env=environment
        )
        os.close(its_end)
        self._reading = threading.Thread(target=self._read, daemon=True)
        self._reading.start()
        time.sleep(1)
        for each in commands:
            self.type(each + "\r")

    def _read(self) -> None:
        try:
            while data := os.read(self._terminal, 1 << 16):
                self.seen += data
        except OSError:
            return  # it has ended

    def type(self, keys: str) -> None:
        """Press keys."""
        os.write(self._terminal, keys.encode())
        time.sleep(0.1)

    def end(self) -> None:
        """End it."""
        self._process.terminate()
        self._process.wait()
        self._reading.join()
        os.close(self._terminal)

    def find(self, word: str, name: str) -> None:
        """Search until a file is found; its row is then the chosen one on the screen."""
        until = time.monotonic() + _PATIENCE
        while time.monotonic() < until:
            self.seen.clear()
            self.type(f"/search {word}\r")
            time.sleep(2)
            if name.encode() in self.seen:
                return
            self.type("\x1bc")  # Alt+c closes the results
        sys.exit(f"ncdc does not find {name}; its screen:\n{self.seen.decode(errors='replace')}")

    def fetch(self, name: str) -> None:
        """Download the chosen row; returns once ncdc has checked and saved it."""
        saved = self.downloads / name
        until = time.monotonic() + _PATIENCE
        os.write(self._terminal, b"d")
        while not saved.exists():
            if time.monotonic() > until:
                sys.exit(f"ncdc does not save {name}")
            time.sleep(0.005)


class Downloader:
    """Fetches by a new client each time: one that has left another waits 60 s to come again."""

    def __init__(self, folder: Path, commands: Sequence[str], name: str) -> None:
        self._folder = folder
        self._commands = commands
        self._name = name
        self._client: Ncdc | None = None
        self._count = 0

    def prepare(self) -> None:
        """Start a client and have it find the file."""
        self.end()
        self._count += 1
        self._client = Ncdc(self._folder / f"ncdc-{self._count}", self._commands)
        self._client.find(self._name.partition(".")[0], self._name)

    def fetch(self) -> None:
        """Download the file."""
        if self._client is None:
            raise RuntimeError("nothing is prepared")
        self._client.fetch(self._name)

    def end(self) -> None:
        """End the client."""
        if self._client is not None:
            self._client.end()


@contextmanager
def fetching(folder: Path, shared: Path, name: str) -> Iterator[Downloader]:
    """Run a hub and a client that shares a folder; gives who fetches a file of it."""
    hub = rivals.free_port()
    config, log = folder / "uhub.conf", folder / "uhub.log"
    config.write_text(UHUB.format(port=hub, folder=folder))
    for empty in ("uhub-users.conf", "uhub-plugins.conf"):
        (folder / empty).touch()
    names = {"port": rivals.free_port(), "shared": shared, "hub": hub}
    alices, bobs = (
        [each.format(nick=nick, **names) for each in (*COMMANDS, *more, OPENING)]
        for nick, more in (("alice", SHARING), ("bob", ()))
    )
    with rivals.running([rivals.needed("uhub", "uhub"), "-c", str(config)], log) as process:
        rivals.wait_for(hub, process, log)
        print(config.read_text(), *(f"ncdc {each}" for each in alices + bobs), sep="\n")
        alice, bob = Ncdc(folder / "ncdc", alices), Downloader(folder, bobs, name)
        try:
            yield bob
        finally:
            bob.end()
            alice.end()
