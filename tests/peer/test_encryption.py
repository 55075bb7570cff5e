"""Two daemons and an index over TLS, all real: nothing goes in the clear."""

from pathlib import Path

import pytest
import pytest_twisted
from twisted.logger import capturedLogs

from napster.wire.messages.transfers import DownloadRequest, PushRequest
from tests.index.client import Client, running_index
from tests.peer.security.certificates import write_certificate
from tests.peer.test_tap import CONTENT, control, downloaded, running_peer, until, wanted

pytestmark = pytest.mark.filterwarnings(
    "ignore:Passing pyOpenSSL"  # Twisted's own ssl: endpoint does so
)


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the test an environment of its own."""
    monkeypatch.setenv("HOME", str(tmp_path))


def config(folder: Path, name: str, **options: object) -> str:
    """Write a configuration that demands encryption."""
    file = folder / f"{name}.toml"
    lines = ['encryption = "require"', *(f"{key} = {value}" for key, value in options.items())]
    file.write_text("\n".join(lines) + "\n")
    return str(file)


@pytest.mark.parametrize(
    ("firewalled", "request_"), [("false", DownloadRequest), ("true", PushRequest)]
)
@pytest_twisted.ensureDeferred
async def test_from_peer_to_peer(
    tmp_path: Path, firewalled: str, request_: type[DownloadRequest | PushRequest]
) -> None:
    """A file arrives whole and checked, whichever side connects; an old program gets nothing."""
    music = tmp_path / "music"
    music.mkdir()
    (music / "song.bin").write_bytes(CONTENT)
    plain, tls = "tcp:0:interface=127.0.0.1", write_certificate(tmp_path, "index")
    alices = config(tmp_path, "alice", firewalled=firewalled)
    bobs = config(tmp_path, "bob")
    async with running_index(tmp_path, listen=[plain, tls]) as index:
        old_port, port = index.ports
        where = f"tls:127.0.0.1:{port}"
        async with (
            running_peer(tmp_path, "alice", where, "--config", alices, "--share", str(music)),
            running_peer(tmp_path, "bob", where, "--config", bobs),
        ):
            bob = control(tmp_path, "bob")

            async def found() -> bool:
                return (await bob.status()).online and bool((await bob.search("song")).rows)

            await until(found)
            (row,) = (await bob.search("song")).rows
            with capturedLogs() as events:
                done = await downloaded(bob, wanted(row))
                await until(lambda: said(events, "no more pieces", "log_format"))
            assert Path(done.saved).read_bytes() == CONTENT
            assert done.verified == "content checked"

            old = await Client.connect(old_port)
            await old.log_in("carol")
            with capturedLogs() as events:
                old.send(request_("alice", b"music\\song.bin"))
                await until(lambda: said(events, "encryption is required"))
            await old.close()


async def said(events: list, words: str, field: str = "why") -> bool:
    return any(words in str(event.get(field)) for event in events)
