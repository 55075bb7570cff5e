"""An index sends its peers against a victim."""

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from napster.peer.api import FoundFile, Source
from napster.peer.dialing import BUDGET
from napster.wire.messages.people import ServerPing
from napster.wire.messages.transfers import DownloadReady, DownloadRequest, PushReady
from tests.attacks.enemies import LOOPBACK, NO_MD5, WickedIndex, Wire
from tests.system.daemons import Peer, until

FILES = 20


class Victim:
    """Somebody else's service, which counts who connects and what they say."""

    def __init__(self) -> None:
        self.calls = 0
        self.heard = b""
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.port = int(self._listening.getsockname()[1])
        self._thread = threading.Thread(target=self._serve)
        self._thread.start()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _ = self._listening.accept()
                self.calls += 1
                with caller, contextlib.suppress(OSError):
                    caller.settimeout(0.2)
                    self.heard += caller.recv(100)

    def close(self) -> None:
        """Close the service."""
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join()


@pytest.fixture(name="victim")
def _victim() -> Iterator[Victim]:
    victim = Victim()
    yield victim
    victim.close()


@pytest.fixture(name="link")
def _link(tmp_path: Path) -> Iterator[tuple[Peer, Wire]]:
    """Run a peer that is logged in at an index of ours."""
    with WickedIndex() as index:
        peer = Peer(tmp_path / "peer", "peer", index.port, download_slots=FILES)
        peer.launch()
        try:
            with index.let_in() as wire:
                until(peer.is_ready, "the peer is ready")
                yield peer, wire
        finally:
            peer.kill()


def rows() -> list[FoundFile]:
    """Make up files of many users."""
    return [
        FoundFile(
            number,
            f"{number}.mp3",
            10**6,
            0,
            0,
            0,
            "",
            [Source(f"user{number}", b"a\\%d.mp3" % number, "", None, 8, reachable=True)],
        )
        for number in range(FILES)
    ]


def flush(wire: Wire) -> None:
    """Wait until the peer has taken all that was said."""
    wire.say(ServerPing())
    wire.until(ServerPing)


def test_messages_nobody_asked_for(link: tuple[Peer, Wire], victim: Victim) -> None:
    """What was not asked for makes a peer connect to nobody."""
    _, wire = link
    for number in range(500):
        path = b"a\\%d.mp3" % number
        wire.say(DownloadReady("x", LOOPBACK, victim.port, path, NO_MD5, 8))
        wire.say(PushReady("x", LOOPBACK, victim.port, path, NO_MD5, 8))
    flush(wire)
    assert victim.calls == 0


def test_many_users_at_one_address(link: tuple[Peer, Wire], victim: Victim) -> None:
    """An address that does not greet is soon left alone, and hears nothing."""
    peer, wire = link
    numbers = peer.get(rows())
    for _ in range(FILES):
        asked = wire.until(DownloadRequest)
        wire.say(DownloadReady(asked.nick, LOOPBACK, victim.port, asked.path, NO_MD5, 8))

    def reasons() -> list[str]:
        return [peer.download(number).reason for number in numbers]

    until(lambda: all("next try" in each for each in reasons()), "all have given up for now")
    assert victim.calls <= BUDGET
    assert victim.heard == b""
    assert any("it is left alone for a while" in each for each in reasons())


def test_services_of_a_system(link: tuple[Peer, Wire]) -> None:
    """A peer does not connect to ports that belong to other services."""
    peer, wire = link
    ports = (22, 25, 80, 443, 1023)
    numbers = peer.get(rows()[: len(ports)])
    for port in ports:
        asked = wire.until(DownloadRequest)
        wire.say(DownloadReady(asked.nick, LOOPBACK, port, asked.path, NO_MD5, 8))
    for number in numbers:
        until(lambda: "not a peer's data port" in peer.download(number).reason, "it is refused")  # noqa: B023  # used at once
