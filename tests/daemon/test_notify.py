"""systemd is told the truth, in its own words, and nothing breaks if it cannot be told."""

import socket
from collections.abc import Iterator
from pathlib import Path

import pytest
from twisted.internet.task import Clock
from twisted.logger import capturedLogs

from napster.daemon.notify import Notifier


@pytest.fixture(params=["path", "abstract"])
def systemd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[socket.socket]:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as receiver:
        receiver.settimeout(5)
        path = str(tmp_path / "n")
        receiver.bind(path if request.param == "path" else "\0" + path)
        yield receiver


def environ(receiver: socket.socket) -> dict[str, str]:
    name = receiver.getsockname()
    address = "@" + name[1:].decode() if isinstance(name, bytes) else name
    return {"NOTIFY_SOCKET": address}


def test_life(systemd: socket.socket) -> None:
    """Ready, live figures, reload and stop are told in order, each with the figures of then."""
    clock, users = Clock(), [1]
    notifier = Notifier(clock, environ(systemd), lambda: f"{users[0]} users\nREADY=0")
    notifier.ready()
    assert systemd.recv(999) == b"READY=1\nSTATUS=1 users READY=0"
    users[0] = 2
    clock.advance(5)
    assert systemd.recv(999) == b"STATUS=2 users READY=0"
    notifier.reloading()
    assert systemd.recv(999) == b"RELOADING=1\nMONOTONIC_USEC=5000000\nSTATUS=2 users READY=0"
    notifier.ready()
    systemd.recv(999)
    notifier.stopping()
    assert systemd.recv(999) == b"STOPPING=1\nSTATUS=2 users READY=0"
    assert clock.getDelayedCalls() == []


def test_without_systemd() -> None:
    """Without a socket nothing is sent or scheduled."""
    clock = Clock()
    notifier = Notifier(clock, {}, str)
    notifier.ready()
    notifier.reloading()
    notifier.stopping()
    assert clock.getDelayedCalls() == []


def test_socket_gone(tmp_path: Path) -> None:
    """A socket that is gone is logged and forgotten."""
    notifier = Notifier(Clock(), {"NOTIFY_SOCKET": str(tmp_path / "absent")}, str)
    with capturedLogs() as events:
        notifier.stopping()
    assert events[0]["log_format"] == "systemd cannot be told {lines}: {error}"
