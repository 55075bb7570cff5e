"""Peers that are reached by IPv6: everything real, over the loopback addresses."""

import socket
from pathlib import Path

import pytest
import pytest_twisted

from tests.index.client import running_index
from tests.peer.test_tap import running_peer, until

IPV4 = "tcp:0:interface=127.0.0.1"
IPV6 = r"tcp6:0:interface=\:\:1"
ALL = "tcp6:0"


def _has_loopback() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as tried:
            tried.bind(("::1", 0))
    except OSError:
        return False
    return True


pytestmark = pytest.mark.skipif(
    not _has_loopback(), reason="this machine has no loopback address of IPv6"
)


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the test an environment of its own."""
    monkeypatch.setenv("HOME", str(tmp_path))


@pytest.mark.parametrize(
    ("listen", "is_open"), [([IPV4], True), ([IPV6], False), ([IPV6, IPV4], True), ([ALL], True)]
)
@pytest_twisted.ensureDeferred
async def test_the_port_told_is_one_that_others_reach(
    tmp_path: Path, listen: list[str], *, is_open: bool
) -> None:
    """An index reached by IPv4 tells others an IPv4 address: a port of IPv6 is of no use there."""
    first, *others = listen
    words = [word for each in others for word in ("--listen", each)]
    async with (
        running_index(tmp_path) as index,
        running_peer(tmp_path, "alice", index.ports[0], *words, listen=first),
    ):

        async def online() -> bool:
            return await index.hub.network.locate("alice") is not None

        await until(online)
        user = await index.hub.network.locate("alice")
        assert user is not None
        assert bool(user.port) is is_open
