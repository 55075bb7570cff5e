"""What `twistd napster-peer` refuses to start with, and what its services do together."""

import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.interfaces import IProtocol
from twisted.internet.task import deferLater
from twisted.python import usage

from napster.daemon.service import DaemonService
from napster.peer.api import (
    DownloadState,
    DownloadStatus,
    FoundFile,
    IndexState,
    UnreachableError,
    Wanted,
)
from napster.peer.control.client import connect
from napster.peer.control.place import ControlPlace
from napster.peer.dialing import Dialer
from napster.peer.index_link.place import IndexPlace
from napster.peer.one_shot import one_shot
from napster.peer.pieces import keeping
from napster.peer.tap import Options, makeService
from tests.index.client import running_index
from tests.peer.security.certificates import write_certificate

PATIENCE = 20.0
CONTENT = bytes(range(256)) * 2000


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Give the test an environment of its own."""
    for name in ("CONFIGURATION_DIRECTORY", "STATE_DIRECTORY", "XDG_CONFIG_HOME", "XDG_STATE_HOME"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("HOME", str(tmp_path))


def parse(*words: str) -> Options:
    options = Options()
    options.parseOptions(list(words))
    return options


def secret(path: Path, text: str, mode: int = 0o600) -> str:
    path.write_text(text)
    path.chmod(mode)
    return str(path)


GOOD = ("--index", "127.0.0.1:8888", "--nick", "alice")


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        (("--nick", "alice"), "index: must be set to HOST:PORT"),
        ((*GOOD, "--index", "h:1", "--index", "h:1"), "--index: names h:1 twice"),
        (("--index", "127.0.0.1:8888"), "nick: must be set"),
        (("--index", "nowhere", "--nick", "alice"), "--index: must be HOST:PORT"),
        (("--index", "127.0.0.1:8888", "--nick", "a b"), "--nick: must be 1 to 19"),
        ((*GOOD, "--share", "/does/not/exist"), "--share: /does/not/exist does not exist"),
        ((*GOOD, "--share", "/tmp", "--share", "/tmp/x"), "one lies in the other"),
        (("--index", "tls:nowhere", "--nick", "alice"), "with tls: before it"),
        ((*GOOD, "--listen", "tpc:1"), "--listen: must be an endpoint"),
        ((*GOOD, "--password-file", "/does/not/exist"), "--password-file: /does/not/exist"),
    ],
)
def test_a_wrong_start_is_one_sentence(words: tuple[str, ...], sentence: str) -> None:
    """What is wrong is named, with what would be right."""
    with pytest.raises(usage.UsageError) as caught:
        parse(*words)
    assert sentence in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_readable_password_is_refused(tmp_path: Path) -> None:
    """A password file that others can read stops the start."""
    file = secret(tmp_path / "password", "s3cret\n", 0o644)
    with pytest.raises(usage.UsageError, match="can be read by others"):
        parse(*GOOD, "--password-file", file)


def test_registering_needs_a_password(tmp_path: Path) -> None:
    """A nick cannot be registered with a password nobody has chosen."""
    config = tmp_path / "peer.toml"
    config.write_text("register = true\n")
    with pytest.raises(usage.UsageError, match="needs password_file"):
        parse(*GOOD, "--config", str(config))


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ('encryption = "require"', "encryption: require needs TLS to the index as well"),
        ('encryption = "yes"', "must be one of prefer, require, off"),
        ('index_ca = "system"', "index_ca: is of no use without TLS"),
        ('index = "tls:h:1"\nindex_ca = "/does/not/exist"', "index_ca: /does/not/exist cannot"),
    ],
)
def test_wrong_security(tmp_path: Path, options: str, sentence: str) -> None:
    """What would be less safe than it looks is named."""
    config = tmp_path / "peer.toml"
    config.write_text('index = "h:1"\n' * ("index =" not in options) + options)
    with pytest.raises(usage.UsageError) as caught:
        parse("--nick", "alice", "--config", str(config))
    assert sentence in str(caught.value)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (
            'access = {Phtos = "friends"}',
            "access: Phtos is not the name of a share; those are music",
        ),
        ('access = {music = "nobody"}', 'must be "everyone", "friends" or a list of nicks'),
        ('access = {music = ["a b"]}', "access: must be 1 to 19 letters"),
        ('friends = ["bob:12"]', "friends: must be a nick, or NICK:FINGERPRINT"),
        ('banned_networks = ["192.0.2.1/24"]', "must be an address or a network"),
    ],
)
def test_wrong_rules(tmp_path: Path, options: str, sentence: str) -> None:
    """A share that is meant for some must not end up being for all."""
    (tmp_path / "music").mkdir()
    config = tmp_path / "peer.toml"
    config.write_text(options + "\n")
    with pytest.raises(usage.UsageError) as caught:
        parse(*GOOD, "--share", str(tmp_path / "music"), "--config", str(config))
    assert sentence in str(caught.value)


@asynccontextmanager
async def running_peer(
    folder: Path,
    nick: str,
    index: int | str,
    *words: str,
    listen: str = "tcp:0:interface=127.0.0.1",
) -> AsyncIterator[DaemonService]:
    """Run a peer daemon in this process; the index is its port here, or what the option says."""
    options = parse(
        *(
            "--index",
            f"127.0.0.1:{index}" if isinstance(index, int) else index,
            "--nick",
            nick,
            "--state",
            str(folder / nick),
        ),
        *("--downloads", str(folder / f"{nick}-downloads")),
        *("--listen", listen, "--control", "tcp:0:interface=127.0.0.1"),
        *words,
    )
    daemon = makeService(options, reactor)
    daemon.privilegedStartService()
    await daemon.startService()
    try:
        yield daemon
    finally:
        await daemon.stopService()


async def until(condition):
    """Wait for something to come true."""
    deadline = reactor.seconds() + PATIENCE
    while not await condition():
        assert reactor.seconds() < deadline
        await deferLater(reactor, 0.05)


def control(folder: Path, nick: str):
    return connect(reactor, ControlPlace(folder / nick).read())


def wanted(row: FoundFile) -> Wanted:
    return Wanted(row.name, row.size, row.md5, row.sources, content=row.content)


async def downloaded(peer, file: Wanted) -> DownloadStatus:
    """Get a file and wait for its end."""
    (begun,) = await peer.get([file])
    found: list[DownloadStatus] = []

    async def over() -> bool:
        found[:] = [each for each in await peer.downloads() if each.id == begun.id]
        return found[0].state in {DownloadState.DONE, DownloadState.FAILED}

    await until(over)
    return found[0]


@pytest_twisted.ensureDeferred
async def test_from_peer_to_peer(tmp_path: Path) -> None:
    """A file shared by one peer is found by another through the index, and arrives byte-exact."""
    music = tmp_path / "music"
    music.mkdir()
    (music / "song.bin").write_bytes(CONTENT)
    async with (
        running_index(tmp_path) as index,
        running_peer(tmp_path, "alice", index.ports[0], "--share", str(music)),
        running_peer(tmp_path, "bob", index.ports[0]),
    ):
        bob = control(tmp_path, "bob")

        async def found() -> bool:
            return (await bob.status()).online and bool((await bob.search("song")).rows)

        await until(found)
        (row,) = (await bob.search("song")).rows
        done = await downloaded(bob, wanted(row))
        assert done.verified == "content checked"
        assert Path(done.saved).read_bytes() == CONTENT

        async def over() -> bool:
            return not await control(tmp_path, "alice").uploads()

        await until(over)


@pytest_twisted.ensureDeferred
async def test_one_file_after_another(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Several files of one user come over one connection."""
    monkeypatch.setattr(keeping, "KEEP", PATIENCE)
    dial, dialled = Dialer.dial, []

    async def count(dialer: Dialer, address: str, port: int, *others: Any) -> IProtocol:
        dialled.append(port)
        return await dial(dialer, address, port, *others)

    monkeypatch.setattr(Dialer, "dial", count)
    music, config = tmp_path / "music", tmp_path / "peer.toml"
    music.mkdir()
    config.write_text("download_slots = 1\n")
    files = {f"song {number}.bin": bytes([number]) * 1000 for number in range(5)}
    for name, content in files.items():
        (music / name).write_bytes(content)
    async with (
        running_index(tmp_path) as index,
        running_peer(tmp_path, "alice", index.ports[0], "--share", str(music)),
        running_peer(tmp_path, "bob", index.ports[0], "--config", str(config)),
    ):
        bob = control(tmp_path, "bob")

        async def found() -> bool:
            return (await bob.status()).online and (await bob.search("song")).files == len(files)

        await until(found)
        await bob.get([wanted(row) for row in (await bob.search("song")).rows])

        async def over() -> bool:
            return all(each.state is DownloadState.DONE for each in await bob.downloads())

        await until(over)
        saved = [Path(each.saved) for each in await bob.downloads()]
        assert {path.name: path.read_bytes() for path in saved} == files
        assert len(dialled) == 1


@pytest_twisted.ensureDeferred
async def test_one_content_of_two_names(tmp_path: Path) -> None:
    """Two users' copies are one row, with how many have it, who is free, and since when."""
    for name in ("alice", "carol"):
        (tmp_path / name).mkdir()
        (tmp_path / name / f"{name}s song.bin").write_bytes(CONTENT)
    async with (
        running_index(tmp_path) as index,
        running_peer(tmp_path / "1", "alice", index.ports[0], "--share", str(tmp_path / "alice")),
        running_peer(tmp_path / "2", "carol", index.ports[0], "--share", str(tmp_path / "carol")),
        running_peer(tmp_path / "3", "bob", index.ports[0]),
    ):
        bob = control(tmp_path / "3", "bob")

        async def found() -> bool:
            return (await bob.status()).online and (await bob.search("song")).files == 2

        await until(found)
        (row,) = (await bob.search("song")).rows
        assert (row.shared_by, row.reachable, row.free, len(row.content)) == (2, 2, 2, 64)
        assert row.since is not None
        assert abs(row.since - time.time()) < 600


@pytest_twisted.ensureDeferred
async def test_several_indexes(tmp_path: Path) -> None:
    """Files of users at two indexes are found together and got from each; one may go away."""
    for name in ("alice", "carol"):
        (tmp_path / f"of-{name}").mkdir()
        (tmp_path / f"of-{name}" / f"{name}s song.bin").write_bytes(name.encode() + CONTENT)
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    async with (
        running_index(tmp_path / "first") as first,
        AsyncExitStack() as away,
    ):
        second = (await away.enter_async_context(running_index(tmp_path / "second"))).ports[0]
        both = ("--index", f"127.0.0.1:{second}")
        async with (
            running_peer(tmp_path, "alice", first.ports[0], "--share", str(tmp_path / "of-alice")),
            running_peer(tmp_path, "carol", second, "--share", str(tmp_path / "of-carol")),
            running_peer(tmp_path, "bob", first.ports[0], *both),
        ):
            bob = control(tmp_path, "bob")

            async def found() -> bool:
                return (await bob.status()).online and (await bob.search("song")).files == 2

            await until(found)
            for row in (await bob.search("song")).rows:
                done = await downloaded(bob, wanted(row))
                assert Path(done.saved).read_bytes() == row.name[:5].encode() + CONTENT
            await away.aclose()
            await until(lambda: has_lost(bob, second))
            page = await bob.search("song")
            assert [row.name for row in page.rows] == ["alices song.bin"]
            assert page.notes[0].startswith(f"index 127.0.0.1:{second}: not logged in")


async def has_lost(peer, port: int) -> bool:
    _, status = (await peer.status()).indexes
    assert status.address == f"127.0.0.1:{port}"
    return status.state is IndexState.OFFLINE


@pytest.mark.filterwarnings("ignore:Passing pyOpenSSL")  # as Twisted's own ssl: endpoint does
@pytest_twisted.ensureDeferred
async def test_an_index_over_tls(tmp_path: Path) -> None:
    """A peer logs in over TLS, and refuses an index of the same name with another key."""
    for name in ("first", "second"):
        (tmp_path / name).mkdir()
    listen = write_certificate(tmp_path, "first")
    async with running_index(tmp_path / "first", listen=[listen]) as index:
        (port,) = index.ports
        where = f"tls:127.0.0.1:{port}"
        async with running_peer(tmp_path, "alice", where):
            await until(lambda: is_in(control(tmp_path, "alice"), IndexState.ONLINE))
    listen = write_certificate(tmp_path, "second").replace("ssl:0:", f"ssl:{port}:")
    async with (
        running_index(tmp_path / "second", listen=[listen]),
        running_peer(tmp_path, "alice", where),
    ):
        alice = control(tmp_path, "alice")
        await until(lambda: is_in(alice, IndexState.OFFLINE))
        assert "its key has changed" in (await alice.status()).indexes[0].reason


async def is_in(peer, state: IndexState) -> bool:
    status = (await peer.status()).indexes[0]
    return status.state is state and not status.reason.startswith("it has not been tried")


@pytest_twisted.ensureDeferred
async def test_one_shot(tmp_path: Path) -> None:
    """A peer for one command searches and downloads without a daemon, and leaves nothing."""
    music = tmp_path / "music"
    music.mkdir()
    (music / "song.bin").write_bytes(CONTENT)
    async with (
        running_index(tmp_path) as index,
        running_peer(tmp_path, "alice", index.ports[0], "--share", str(music)),
        one_shot(
            reactor, IndexPlace("127.0.0.1", index.ports[0]), "guest", tmp_path / "got"
        ) as guest,
    ):

        async def found() -> bool:
            return bool((await guest.search("song")).rows)

        await until(found)
        (row,) = (await guest.search("song")).rows
        done = await downloaded(guest, wanted(row))
        assert Path(done.saved).read_bytes() == CONTENT
    assert [each.name for each in (tmp_path / "got").iterdir()] == ["song.bin"]


@pytest_twisted.ensureDeferred
async def test_one_shot_without_an_index(tmp_path: Path) -> None:
    """A peer for one command does not retry: it says why at once."""
    with pytest.raises(UnreachableError, match="nothing listens there"):
        async with one_shot(reactor, IndexPlace("127.0.0.1", 1), "guest", tmp_path / "got"):
            raise AssertionError
