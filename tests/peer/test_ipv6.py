"""Peers that are reached by IPv6: everything real, over the loopback addresses."""

import socket
from pathlib import Path

import pytest
import pytest_twisted

from tests.index.client import running_index
from tests.peer.test_tap import CONTENT, control, downloaded, running_peer, until, wanted

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


@pytest.mark.parametrize("is_pushed", [False, True])
@pytest_twisted.ensureDeferred
async def test_two_who_meet_by_ipv6_only(tmp_path: Path, *, is_pushed: bool) -> None:
    """For old programs both are firewalled; for each other they are not, and encrypt."""
    music = tmp_path / "music"
    music.mkdir()
    (music / "song.bin").write_bytes(CONTENT)
    config = tmp_path / "alice.toml"
    config.write_text(f"firewalled = {str(is_pushed).lower()}\n")
    async with running_index(tmp_path, listen=[IPV6], port_test=True) as index:
        where = f"[::1]:{index.ports[0]}"
        words = ("--config", str(config), "--share", str(music))
        async with (
            running_peer(tmp_path, "alice", where, *words, listen=IPV6),
            running_peer(tmp_path, "bob", where, listen=IPV6),
        ):
            bob = control(tmp_path, "bob")

            async def found() -> bool:
                return (await bob.status()).online and bool((await bob.search("song")).rows)

            await until(found)
            for nick in ("alice", "bob"):
                user = await index.hub.network.locate(nick)
                assert user is not None
                assert (user.address, user.port) == (0, 0)
            (row,) = (await bob.search("song")).rows
            done = await downloaded(bob, wanted(row))
            assert done.reason == ""
            assert Path(done.saved).read_bytes() == CONTENT
            assert done.verified == "content checked"
