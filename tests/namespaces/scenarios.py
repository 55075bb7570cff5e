"""Two peers and an index on hosts of their own: who can reach whom, and over what lines."""

import hashlib
import os
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import attrs

from tests.namespaces.daemons import Daemon, FailedError, Peer, until
from tests.namespaces.hosts import Host, Lan

SIZE = 4 << 20
_INDEX_PORT, _RELAY_PORT, _DATA_PORT = 8888, 8889, 6699


@attrs.frozen
class Line:
    """How a peer's host is connected."""

    is_closed: bool = False
    """Whether nobody can connect to it."""
    tells: bool = True
    """Whether it says so to the index."""
    loss: int = 0
    """Of a hundred packets for it, so many are lost."""
    rate: str = ""
    """As fast as it can send, in words of tc; empty for no limit."""
    has_ipv4: bool = True
    has_ipv6: bool = True


@attrs.frozen
class Scenario:
    """Bob wants a file of alice's."""

    name: str
    alice: Line = Line()
    bob: Line = Line()
    relay: bool = False
    """Whether the index has one."""
    by_relay: bool = False
    """Whether the file has to come through it."""
    refusal: str = ""
    """What bob has to be told, if it cannot be had."""
    least: float = 0.0
    """How many seconds it has to take at least."""


CLOSED = Line(is_closed=True)
UNAWARE = Line(is_closed=True, tells=False)
IPV4, IPV6 = Line(has_ipv6=False), Line(has_ipv4=False)
CLOSED_IPV6 = Line(is_closed=True, has_ipv4=False)

SCENARIOS = (
    Scenario("open"),
    Scenario("uploader firewalled", alice=CLOSED),
    Scenario("downloader firewalled", bob=CLOSED),
    Scenario("both firewalled, relay", alice=CLOSED, bob=CLOSED, relay=True, by_relay=True),
    Scenario("both firewalled, no relay", CLOSED, CLOSED, refusal="the index has no relay"),
    Scenario("firewalled unawares, relay", alice=UNAWARE, relay=True, by_relay=True),
    Scenario("IPv6 only", IPV6, IPV6),
    Scenario("IPv6 and IPv4, relay", IPV6, IPV4, relay=True, by_relay=True),
    Scenario("IPv6 only, relay", CLOSED_IPV6, CLOSED_IPV6, relay=True, by_relay=True),
    Scenario("2 % lost each way", alice=Line(loss=2), bob=Line(loss=2)),
    Scenario("line of 8 Mbit/s", alice=Line(rate="8mbit"), least=3.0),
)


def run(scenario: Scenario) -> float:
    """Play a scenario; returns the seconds from search to file. Raises FailedError, HostsError."""
    with TemporaryDirectory(prefix="napster-") as folder, ExitStack() as ended:
        world = World(scenario, Path(folder), ended)
        with world.explained():
            return world.play()


class World:
    """The three hosts and what runs on them."""

    def __init__(self, scenario: Scenario, folder: Path, ended: ExitStack) -> None:
        """Start everything, until `ended` ends."""
        lan = Lan(ended)
        self._scenario = scenario
        self._folder = folder
        self._ended = ended
        self._content = os.urandom(SIZE)
        (folder / "alice" / "share").mkdir(parents=True)
        shared = folder / "alice" / "share" / "song.bin"
        shared.write_bytes(self._content)
        os.utime(shared, (time.time() - 3600,) * 2)  # nobody waits for it to be whole
        self._index = self._start_index(lan.host("index"))
        self._alice = self._start_peer(lan, "alice", scenario.alice, share=["share"])
        self._bob = self._start_peer(lan, "bob", scenario.bob)

    def _start_index(self, host: Host) -> Daemon:
        relay = {"relay": f"tcp6:{_RELAY_PORT}"} if self._scenario.relay else {}
        index = Daemon(
            host,
            self._folder / "index",
            "napster-index",
            listen=[f"tcp6:{_INDEX_PORT}"],
            **relay,
        )
        self._ended.callback(index.stop)
        return index

    def _start_peer(self, lan: Lan, nick: str, line: Line, **settings: object) -> Peer:
        host = lan.host(nick, has_ipv4=line.has_ipv4, has_ipv6=line.has_ipv6)
        index = self._index.host
        if line.is_closed:
            host.close_ports()
        if line.loss:
            host.lose(line.loss)
        if line.rate:
            host.slow_down(line.rate)
        peer = Peer(
            host,
            self._folder / nick,
            "napster-peer",
            index=f"{index.ipv4 if line.has_ipv4 else f'[{index.ipv6}]'}:{_INDEX_PORT}",
            nick=nick,
            listen=f"tcp6:{_DATA_PORT}",
            control="tcp:0:interface=127.0.0.1",
            downloads="downloads",
            firewalled=line.is_closed and line.tells,
            **settings,
        )
        self._ended.callback(peer.stop)
        return peer

    @contextmanager
    def explained(self) -> Iterator[None]:
        """Add to a failure what the daemons have said."""
        daemons = {"index": self._index, "alice": self._alice, "bob": self._bob}
        try:
            yield
        except FailedError as error:
            logs = [f"{who}: {line}" for who, each in daemons.items() for line in each.last_lines]
            raise FailedError("\n  ".join([str(error), *logs])) from error

    def play(self) -> float:
        """Search, download and compare; returns the seconds this took."""
        until(self._alice.is_ready, "alice is ready")
        until(self._bob.is_ready, "bob is ready")
        begun = time.monotonic()
        if self._scenario.refusal:
            self._be_refused()
        else:
            self._search()
            self._get()
        return time.monotonic() - begun

    def _search(self) -> None:
        found = self._bob.napster("search", "song")
        if found.returncode != 0:
            raise FailedError(f"the search: {found.stdout}{found.stderr}")

    def _get(self) -> None:
        begun = time.monotonic()
        got = self._bob.napster("get", "alice", "share/song.bin", "--wait")
        seconds = time.monotonic() - begun
        if got.returncode != 0:
            raise FailedError(f"the download: {got.stdout}{got.stderr}")
        self._compare()
        if seconds < self._scenario.least:
            raise FailedError(f"{seconds:.1f} s are too few for this line")
        if ("relay: alice sends to bob" in self._index.log) is not self._scenario.by_relay:
            raise FailedError("the file has gone another way than it should")

    def _compare(self) -> None:
        saved = (self._folder / "bob" / "downloads").rglob("song.bin")
        digests = {hashlib.sha256(each.read_bytes()).digest() for each in saved}
        if digests != {hashlib.sha256(self._content).digest()}:
            raise FailedError("what came is not what was shared")

    def _be_refused(self) -> None:
        self._bob.napster("get", "alice", "share/song.bin", "--no-wait")

        def told() -> bool:
            return self._scenario.refusal in self._bob.napster("downloads").stdout

        until(told, f'bob is told "{self._scenario.refusal}"')
