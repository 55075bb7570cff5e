"""The demo's network: an index and two peers on free ports of the loopback interface."""

import http.client
import json
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import attrs

from napster.cli.demo.interruption import Interruption
from napster.cli.demo.processes import Processes
from napster.peer.api import ApiError, UnreachableError

_HOST = "127.0.0.1"
_PATIENCE = 30.0
_POLL = 0.1
_SYSTEMD = ("STATE_DIRECTORY", "CONFIGURATION_DIRECTORY", "LOGS_DIRECTORY", "NAPSTER_LOG")


def environment(folder: Path) -> dict[str, str]:
    """Make an environment in which neither the user's settings nor searches play a part."""
    environ = {name: value for name, value in os.environ.items() if name not in _SYSTEMD}
    for name in ("XDG_CONFIG_HOME", "XDG_STATE_HOME", "XDG_RUNTIME_DIR"):
        environ[name] = str(folder / name.lower())
    (folder / "xdg_runtime_dir").mkdir()
    return environ


def free_ports(count: int) -> list[int]:
    """Find ports that nobody listens on."""
    sockets = [socket.create_server((_HOST, 0)) for _ in range(count)]
    ports = [each.getsockname()[1] for each in sockets]
    for each in sockets:
        each.close()
    return ports


@attrs.define
class Network:
    """An index and the peers alice and bob; their files lie in folders by these names."""

    folder: Path
    processes: Processes
    interruption: Interruption
    ports: list[int] = attrs.field(factory=lambda: free_ports(4))

    @property
    def index(self) -> str:
        """Where the index listens."""
        return f"{_HOST}:{self.ports[0]}"

    def start_index(self) -> None:
        """Start the index, and wait until it says it is well."""
        words = ["--listen", self._endpoint(0), "--http", self._endpoint(1)]
        words += ["--state", str(self.folder / "index")]
        self.processes.start_daemon("index", ["napster-index", *words])
        self._wait_for("the index to be well", self._is_well)

    def start_peer(self, nick: str, port: int, *words: str) -> None:
        """Start a peer with a state folder, a downloads folder and a data port of its own."""
        home = self.folder / nick
        common = ["--index", self.index, "--nick", nick, "--state", str(home / "state")]
        common += ["--downloads", str(home / "downloads"), "--listen", self._endpoint(port)]
        common += ["--control", f"tcp:0:interface={_HOST}"]
        self.processes.start_daemon(nick, ["napster-peer", *common, *words])

    def wait_for_login(self, nick: str) -> None:
        """Wait until a peer is logged in."""
        self._wait_for(f"{nick} to log in", lambda: self._is_online(nick))

    def wait_for_registration(self, nick: str, files: int) -> None:
        """Wait until a peer has registered so many files."""
        self._wait_for(
            f"{nick} to register {files} files",
            lambda: self._registered(nick) >= files,
        )

    def _is_online(self, nick: str) -> bool:
        try:
            return any(each["state"] == "online" for each in self.ask(nick, "status")["indexes"])
        except UnreachableError:
            return False

    def _registered(self, nick: str) -> int:
        try:
            return int(self.ask(nick, "status")["library"]["registered"] or 0)
        except UnreachableError:
            return 0

    def ask(self, nick: str, *words: str) -> Any:
        """Run a napster command against a peer, and read its JSON."""
        return json.loads(self.processes.napster([*words, *self.state(nick), "--json"]))

    def state(self, nick: str) -> list[str]:
        """Give the words that name a peer on a command line."""
        return ["--state", str(self.folder / nick / "state")]

    def _endpoint(self, place: int) -> str:
        return f"tcp:{self.ports[place]}:interface={_HOST}"

    def _is_well(self) -> bool:
        connection = http.client.HTTPConnection(_HOST, self.ports[1], timeout=5)
        try:
            connection.request("GET", "/healthz")
            return connection.getresponse().status == http.client.OK
        except OSError:
            return False
        finally:
            connection.close()

    def _wait_for(self, what: str, arrived: Callable[[], bool]) -> None:
        deadline = time.monotonic() + _PATIENCE
        while not arrived():
            self.processes.check()
            if time.monotonic() > deadline:
                raise ApiError(f"Waiting for {what} took more than {_PATIENCE:.0f} seconds.")
            self.interruption.pause(_POLL)
