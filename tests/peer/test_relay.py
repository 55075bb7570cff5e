"""Two daemons behind firewalls and an index with a relay, all real."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import pytest
import pytest_twisted
from twisted.internet.interfaces import IProtocol

from napster.peer.api import FoundFile
from napster.peer.dialing import Dialer, NoConnectionError
from napster.peer.downloads import attempt
from tests.index.client import RunningIndex, running_index
from tests.peer.security.certificates import write_certificate
from tests.peer.test_tap import control, downloaded, running_peer, until, wanted

LOOPBACK = "tcp:0:interface=127.0.0.1"
CONTENT = bytes(range(256)) * (12 << 10)

pytestmark = pytest.mark.filterwarnings(
    "ignore:Passing pyOpenSSL"  # Twisted's own ssl: endpoint does so
)


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the test an environment of its own."""
    monkeypatch.setenv("HOME", str(tmp_path))


@attrs.frozen
class Pair:
    """Bob has found a file of alice's; nobody can connect to either."""

    index: RunningIndex
    bob: Any
    row: FoundFile

    async def download(self) -> None:
        """Download it; it arrives whole and checked, and nobody is left at the relay."""
        done = await downloaded(self.bob, wanted(self.row))
        assert Path(done.saved).read_bytes() == CONTENT
        assert done.verified == "content checked"
        relay = self.index.hub.relay

        async def over() -> bool:
            return len(relay) == 0

        await until(over)
        assert len(CONTENT) < relay.meters.relayed < len(CONTENT) + (1 << 20)


@asynccontextmanager
async def pair(
    folder: Path, encryption: str = "prefer", *, seems_reachable: bool = False, **settings: Any
) -> AsyncIterator[Pair]:
    """Run an index with a relay and two firewalled peers, of whom bob may seem to be reachable."""
    music = folder / "music"
    music.mkdir()
    (music / "song.bin").write_bytes(CONTENT)
    config = folder / "peer.toml"
    config.write_text(f'firewalled = true\nencryption = "{encryption}"\n')
    words = ("--config", str(config))
    async with running_index(folder, **{"relay": LOOPBACK, **settings}) as index:
        where = f"{'tls:' * ('listen' in settings)}127.0.0.1:{index.ports[-1]}"
        async with (
            running_peer(folder, "alice", where, *words, "--share", str(music)),
            running_peer(folder, "bob", where, *words[: 0 if seems_reachable else 2]),
        ):
            bob = control(folder, "bob")

            async def found() -> bool:
                return (await bob.status()).online and bool((await bob.search("song")).rows)

            await until(found)
            (row,) = (await bob.search("song")).rows
            assert row.sources[0].relayed is not seems_reachable
            yield Pair(index, bob, row)


@pytest_twisted.ensureDeferred
async def test_both_behind_firewalls(tmp_path: Path) -> None:
    """One meeting at the relay is enough."""
    async with pair(tmp_path) as two:
        await two.download()
        assert two.index.hub.relay.meters.transfers == 1


@pytest_twisted.ensureDeferred
async def test_at_an_index_over_tls(tmp_path: Path) -> None:
    """The relay is found at its address all the same."""
    listen = [write_certificate(tmp_path, "index")]
    async with pair(tmp_path, "require", listen=listen) as two:
        await two.download()


@pytest_twisted.ensureDeferred
async def test_a_place_for_so_many_bytes(tmp_path: Path) -> None:
    """A download that is cut goes on at another meeting; no whole piece is fetched twice."""
    async with pair(tmp_path, relay_size=5 << 19) as two:
        await two.download()
        meters = two.index.hub.relay.meters
        assert (meters.transfers, meters.cut) == (2, 1)


@pytest_twisted.ensureDeferred
async def test_a_data_port_that_only_the_index_can_reach(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A push that does not come leads to the relay, too."""
    monkeypatch.setattr(attempt, "PUSH_TIME", 2.0)
    dial = Dialer.dial
    async with pair(tmp_path, seems_reachable=True) as two:

        async def to_the_relay_only(
            dialer: Dialer, address: str, port: int, *others: Any
        ) -> IProtocol:
            if port != two.index.hub.relay.port():
                raise NoConnectionError("nobody is there")
            return await dial(dialer, address, port, *others)

        monkeypatch.setattr(Dialer, "dial", to_the_relay_only)
        await two.download()
