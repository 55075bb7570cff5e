"""The index serves on sockets that systemd holds for it, one for each family."""

import os
import re
import socket
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

PATIENCE = 20.0
PROGRAM = ["-c", "from twisted.scripts.twistd import run; run()"]


def free_port(host: str) -> int:
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family) as probe:
        probe.bind((host, 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def activate(tmp_path: Path) -> Callable[..., subprocess.Popen[str]]:
    """Give what starts the index as systemd does when somebody calls."""

    def start(sockets: dict[str, str], listen: list[str]) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [
                "systemd-socket-activate",
                *(f"--listen={address}" for address in sockets.values()),
                "--fdname=" + ":".join(sockets),
                *(f"--setenv={name}" for name in ("HOME", "PATH")),
                sys.executable,
                *PROGRAM,
                "-n",
                "napster-index",
                f"--state={tmp_path / 'state'}",
                *(f"--listen={each}" for each in listen),
            ],
            env={**os.environ, "HOME": str(tmp_path)},
            cwd=tmp_path,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    return start


def call(host: str, port: int) -> socket.socket:
    """Connect as soon as there is somebody to connect to."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            return socket.create_connection((host, port), timeout=PATIENCE)
        except ConnectionRefusedError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


LOGIN = b'ann secret 6699 "test" 4'
FRAME = len(LOGIN).to_bytes(2, "little") + (2).to_bytes(2, "little") + LOGIN


def test_both_families(activate: Callable[..., subprocess.Popen[str]]) -> None:
    """A login is answered on either socket, and the log names callers by their real addresses."""
    ports = {"127.0.0.1": free_port("127.0.0.1"), "::1": free_port("::1")}
    index = activate(
        {
            "napster-index": f"127.0.0.1:{ports['127.0.0.1']}",
            "napster-index6": f"[::1]:{ports['::1']}",
        },
        ["systemd:domain=INET:name=napster-index", "systemd:domain=INET6:name=napster-index6"],
    )
    try:
        for host, port in ports.items():
            with call(host, port) as caller:
                caller.sendall(FRAME)
                kind = int.from_bytes(caller.recv(4)[2:4], "little")
                assert kind in {3, 0}
    finally:
        index.terminate()
        output, _ = index.communicate(timeout=PATIENCE)
    assert "Traceback" not in output
    assert re.search(r"127\.0\.0\.1", output)


def test_wrong_family(activate: Callable[..., subprocess.Popen[str]]) -> None:
    """A socket of another family than the endpoint names is one sentence."""
    port = free_port("::1")
    index = activate({"napster-index": f"[::1]:{port}"}, ["systemd:domain=INET:name=napster-index"])
    with call("::1", port):
        output, _ = index.communicate(timeout=PATIENCE)
    assert "the socket is of another family; write domain=INET6" in output
    assert "Traceback" not in output
    assert index.returncode == 1
