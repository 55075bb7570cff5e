"""Two daemons behind firewalls and an index with a relay, all real."""

from pathlib import Path

import pytest
import pytest_twisted

from tests.index.client import running_index
from tests.peer.test_tap import CONTENT, control, downloaded, running_peer, until, wanted

LOOPBACK = "tcp:0:interface=127.0.0.1"


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the test an environment of its own."""
    monkeypatch.setenv("HOME", str(tmp_path))


def config(folder: Path, name: str, **options: object) -> str:
    """Write a configuration."""
    file = folder / f"{name}.toml"
    file.write_text("".join(f"{key} = {value}\n" for key, value in options.items()))
    return str(file)


def share(folder: Path) -> str:
    """Make something to share."""
    music = folder / "music"
    music.mkdir()
    (music / "song.bin").write_bytes(CONTENT)
    return str(music)


@pytest_twisted.ensureDeferred
async def test_both_behind_firewalls(tmp_path: Path) -> None:
    """The file arrives whole and checked; the relay has seen as much, and none of it."""
    music, closed = share(tmp_path), {"firewalled": "true"}
    alices, bobs = (config(tmp_path, nick, **closed) for nick in ("alice", "bob"))
    async with running_index(tmp_path, relay=LOOPBACK) as index:
        where = f"127.0.0.1:{index.ports[-1]}"
        async with (
            running_peer(tmp_path, "alice", where, "--config", alices, "--share", music),
            running_peer(tmp_path, "bob", where, "--config", bobs),
        ):
            bob = control(tmp_path, "bob")

            async def found() -> bool:
                return (await bob.status()).online and bool((await bob.search("song")).rows)

            await until(found)
            (row,) = (await bob.search("song")).rows
            assert row.sources[0].relayed
            done = await downloaded(bob, wanted(row))
            assert Path(done.saved).read_bytes() == CONTENT
            assert done.verified == "content checked"
            meters = index.hub.relay.meters
            assert meters.transfers == 1
            assert len(CONTENT) < meters.relayed < len(CONTENT) + 20_000

            async def over() -> bool:
                return len(index.hub.relay) == 0

            await until(over)
