"""Real daemons on free loopback ports: started by twistd, asked as the command line asks them."""

import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, ClassVar, TypeVar
from urllib.parse import urlencode

from napster.daemon.codec import dump, load, load_all
from napster.peer.api import (
    DownloadState,
    DownloadStatus,
    FoundFile,
    SearchPage,
    SharesReport,
    Status,
    UploadStatus,
    Wanted,
)
from napster.peer.control.place import ControlPlace

T = TypeVar("T")

ROOT = Path(__file__).parents[2]
PATIENCE = 90.0
"""How many seconds a test waits for what has to happen."""
ENDED = {DownloadState.DONE, DownloadState.FAILED, DownloadState.CANCELLED}
_TWISTD = (sys.executable, "-c", "from twisted.scripts.twistd import run; run()", "-n")
_NAPSTER = (sys.executable, "-c", "import sys; from napster.cli.main import main; sys.exit(main())")
_POLL = 0.05


def until(condition: Callable[[], T], what: str = "it happens", seconds: float = PATIENCE) -> T:
    """Wait until a condition holds and return its value; fail the test if it takes too long."""
    deadline = time.monotonic() + seconds
    while not (value := condition()):
        assert time.monotonic() < deadline, f"{seconds:g} s were not enough until {what}"
        time.sleep(_POLL)
    return value


def free_port() -> int:
    """Find a port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def endpoint(port: int) -> str:
    """Name a port of the loopback interface for a daemon."""
    return f"tcp:{port}:interface=127.0.0.1"


class Daemon:
    """A daemon in a process group of its own, which is how it is ended whatever happens."""

    more_environment: ClassVar[dict[str, str]] = {}
    """What all daemons find in their environment besides what a user would have."""

    def __init__(self, folder: Path, name: str, settings: dict[str, Any]) -> None:
        """Prepare to run `twistd NAME` in a folder, configured by a file."""
        self.folder = folder
        self.state = folder / "state"
        self.log_file = folder / "log"
        self._name = name
        self._process: subprocess.Popen[bytes] | None = None
        folder.mkdir(parents=True, exist_ok=True)
        self.configure(**settings)

    def configure(self, **settings: Any) -> None:
        """Write the configuration that the next start reads; TOML writes such values as JSON."""
        lines = [f"{name} = {json.dumps(value)}\n" for name, value in settings.items()]
        (self.folder / "config.toml").write_text("".join(lines), encoding="utf-8")

    @property
    def environment(self) -> dict[str, str]:
        """Give the environment of a user whose home is the daemon's folder."""
        return {
            "PATH": os.environ["PATH"],
            "HOME": str(self.folder),
            "PYTHONPATH": str(ROOT),
            "LANG": "C.UTF-8",
            **self.more_environment,
        }

    @property
    def pid(self) -> int:
        """Tell the number of the process."""
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        """Read all that the daemon has written so far."""
        return self.log_file.read_text(encoding="utf-8")

    @property
    def command(self) -> Sequence[str]:
        """Spell out the command line."""
        return *_TWISTD, self._name, "--config", "config.toml", "--state", "state"

    def run(self, *words: str, seconds: float = PATIENCE) -> subprocess.CompletedProcess[str]:
        """Run another command as the daemon's user, to its end."""
        return subprocess.run(
            words,
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
        )

    def start(self) -> None:
        """Start it and return once it can be used."""
        self.launch()
        until(self.is_ready, f"{self._name} in {self.folder} is ready")

    def launch(self) -> None:
        """Start it and wait for nothing."""
        with self.log_file.open("ab") as log:
            self._process = subprocess.Popen(
                self.command,
                cwd=self.folder,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
            )

    def is_ready(self) -> bool:
        """Tell whether it can be used; fail the test if it has ended."""
        raise NotImplementedError

    def check_alive(self) -> None:
        """Fail the test if the process has ended."""
        assert self._process is not None
        assert self._process.poll() is None, f"{self._name} has ended:\n{self.log[-4000:]}"

    def kill(self, number: int = signal.SIGKILL) -> None:
        """End it: at once, or as the signal says."""
        process, self._process = self._process, None
        if process is None:
            return
        if process.poll() is None:
            os.killpg(process.pid, number)
        process.wait(PATIENCE)

    def stop(self) -> None:
        """End it in good order."""
        self.kill(signal.SIGTERM)

    def restart(self) -> None:
        """Kill it and start it again."""
        self.kill()
        self.start()


class Index(Daemon):
    """An index daemon; `listen` tells where it listens besides its own port."""

    def __init__(self, folder: Path, *, listen: Sequence[str] = (), **settings: Any) -> None:
        self.port = free_port()
        # The data ports of enemies count their callers, and many say one where nothing listens.
        usual = {"listen": [endpoint(self.port), *listen], "port_test": False}
        super().__init__(folder, "napster-index", usual | settings)

    def is_ready(self) -> bool:
        """Tell whether it lets callers in."""
        self.check_alive()
        try:
            socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE).close()
        except ConnectionRefusedError:
            return False
        return True


class Peer(Daemon):
    """A peer daemon that shares the folder `share` and downloads into `downloads`."""

    def __init__(self, folder: Path, nick: str, index_port: int, **settings: Any) -> None:
        self.nick = nick
        self.share = folder / "share"
        self.downloads_folder = folder / "downloads"
        self.data_port = free_port()
        self.settings = {
            "index": f"127.0.0.1:{index_port}",
            "nick": nick,
            "share": [str(self.share)],
            "downloads": str(self.downloads_folder),
            "listen": endpoint(self.data_port),
            "control": endpoint(0),
            "drain_timeout": 0,
            **settings,
        }
        super().__init__(folder, "napster-peer", self.settings)
        self.share.mkdir()

    def is_ready(self) -> bool:
        """Tell whether it is logged in and has told the index of all its files."""
        self.check_alive()
        if not self.answers():
            return False
        status = self.status()
        library = status.library
        return (
            status.online
            and library.phase == "watching"
            and library.registered == (library.files - library.restricted)
        )

    def answers(self) -> bool:
        """Tell whether the control API answers."""
        try:
            self.status()
        except (OSError, http.client.HTTPException):
            return False
        return True

    def ask(self, method: str, call: str, body: object = None) -> Any:
        """Call the control API; raises OSError if the daemon does not answer."""
        status, answer = self._exchange(method, call, body)
        assert status == 200, answer
        return answer

    def refused(self, method: str, call: str, body: object = None) -> str:
        """Make a call that is refused; return the sentence that says why."""
        status, answer = self._exchange(method, call, body)
        assert status != 200
        return str(answer["error"]["message"])

    def _exchange(self, method: str, call: str, body: object) -> tuple[int, Any]:
        place = ControlPlace(self.state).read()
        port = int(place.endpoint.rpartition(":")[2])
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=PATIENCE)
        headers = {"Authorization": f"Bearer {place.token}"}
        if body is not None:
            headers["Content-Type"] = "application/json"
        try:
            raw = None if body is None else json.dumps(body)
            connection.request(method, f"/api/{call}", raw, headers)
            response = connection.getresponse()
            return response.status, json.loads(response.read())
        finally:
            connection.close()

    def status(self) -> Status:
        """Ask how it is doing."""
        return load(Status, self.ask("GET", "status"))

    def shares(self) -> SharesReport:
        """Ask what it shares."""
        return load(SharesReport, self.ask("GET", "shares"))

    def search(self, words: str) -> SearchPage:
        """Have it search."""
        return load(SearchPage, self.ask("GET", "search?" + urlencode({"words": words})))

    def browse(self, nick: str) -> SearchPage:
        """Have it list a user's files."""
        return load(SearchPage, self.ask("GET", "browse?" + urlencode({"nick": nick})))

    def downloads(self) -> Sequence[DownloadStatus]:
        """List its downloads."""
        return load_all(DownloadStatus, self.ask("GET", "downloads"))

    def download(self, number: int) -> DownloadStatus:
        """Tell how one download is doing."""
        return next(each for each in self.downloads() if each.id == number)

    def uploads(self) -> Sequence[UploadStatus]:
        """List its uploads."""
        return load_all(UploadStatus, self.ask("GET", "uploads"))

    def get(self, rows: Sequence[FoundFile]) -> list[int]:
        """Begin to download rows; return the numbers of the downloads, in order."""
        wanted = [
            Wanted(row.name, row.size, row.md5, row.sources, content=row.content) for row in rows
        ]
        begun = self.ask("POST", "downloads", {"wanted": dump(wanted)})
        return [each.id for each in load_all(DownloadStatus, begun)]

    def fetch(self, rows: Sequence[FoundFile], seconds: float = PATIENCE) -> list[Path]:
        """Download rows and return where the files are, in order."""
        return self.saved(self.get(rows), seconds)

    def saved(self, numbers: Sequence[int], seconds: float = PATIENCE) -> list[Path]:
        """Wait for downloads to be saved and return where they are, in order."""

        def all_ended() -> bool:
            self.check_alive()
            states = {each.id: each.state for each in self.downloads()}
            return all(states[number] in ENDED for number in numbers)

        until(all_ended, "all has been downloaded", seconds)
        ended = {each.id: each for each in self.downloads()}
        failed = [ended[n] for n in numbers if ended[n].state is not DownloadState.DONE]
        assert not failed, failed
        return [Path(ended[number].saved) for number in numbers]

    def napster(self, *words: str, seconds: float = PATIENCE) -> subprocess.CompletedProcess[str]:
        """Run the `napster` command against this daemon, to its end."""
        return self.run(*_NAPSTER, *words, "--state", "state", seconds=seconds)


class Network:
    """An index and its peers."""

    def __init__(self, folder: Path, **settings: Any) -> None:
        """Start an index with these settings."""
        self.folder = folder
        self.index = Index(folder / "index", **settings)
        self._daemons: list[Daemon] = [self.index]
        self.index.start()

    def peer(self, nick: str, files: dict[str, bytes] | None = None, **settings: Any) -> Peer:
        """Start a peer that shares files, and return once all of them can be found."""
        return self.join(self.prepare(nick, **settings), files)

    def prepare(self, nick: str, **settings: Any) -> Peer:
        """Make a peer that is not started yet."""
        return self.add(Peer(self.folder / nick, nick, self.index.port, **settings))

    def add(self, peer: Peer) -> Peer:
        """End a peer with all others."""
        self._daemons.append(peer)
        return peer

    def join(self, peer: Peer, files: dict[str, bytes] | None = None) -> Peer:
        """Give a peer files to share and start it."""
        for name, content in (files or {}).items():
            put(peer.share / name, content)
        peer.start()
        return peer

    def close(self) -> None:
        """End everything."""
        for daemon in self._daemons:
            daemon.kill()


@contextmanager
def network(folder: Path, **settings: Any) -> Iterator[Network]:
    """Run an index with these settings, and whatever peers join it, until the context ends."""
    running = Network(folder, **settings)
    try:
        yield running
    finally:
        running.close()


def put(path: Path, content: bytes) -> None:
    """Write a file that looks as if it had been there for long: nobody waits for it to be whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    os.utime(path, (time.time() - 3600,) * 2)
