"""TLS to the index: whom this peer trusts, and that nothing is said to anybody else."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import attrs
import pytest
import pytest_twisted
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.error import ConnectionDone
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure

from napster.daemon.errors import DaemonError
from napster.peer.index_link.place import IndexPlace
from napster.peer.security.index_tls import index_endpoint, read_authorities, why_insecure
from napster.peer.security.known_indexes import IndexChangedError, KnownIndexes
from tests.peer.pieces.real import reactor, until
from tests.peer.security.certificates import write_certificate

# Twisted's own ssl: endpoint and authorities do so.
pytestmark = pytest.mark.filterwarnings("ignore:Passing pyOpenSSL")

PASSWORD = b"a password that nobody else is to see"


class Hearer(Protocol):
    """An index that hears a password, and has heard enough."""

    def connectionMade(self) -> None:
        self.factory.open.add(self)

    def dataReceived(self, data: bytes) -> None:
        self.factory.heard += data
        if self.factory.heard == PASSWORD:
            self.transport.loseConnection()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.factory.open.discard(self)


class Index(Factory):
    protocol = Hearer
    noisy = False

    def __init__(self) -> None:
        self.heard = b""
        self.open: set[Protocol] = set()


class Teller(Protocol):
    """A peer that tells its password as soon as it is connected."""

    def __init__(self) -> None:
        self.over: Deferred[BaseException | None] = Deferred()

    def connectionMade(self) -> None:
        self.transport.write(PASSWORD)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.over.callback(reason.value)


@attrs.define
class Listening:
    factory: Index
    port: int


@asynccontextmanager
async def running(endpoint: str) -> AsyncIterator[Listening]:
    factory = Index()
    port = await serverFromString(reactor, endpoint).listen(factory)
    yield Listening(factory, port.getHost().port)
    await until(lambda: not factory.open)
    await port.stopListening()


@pytest.fixture
def known(tmp_path: Path) -> KnownIndexes:
    made = KnownIndexes(tmp_path / "indexes.json")
    made.startService()
    return made


async def told(
    known: KnownIndexes, port: int, authorities: str | None = None, name: str = ""
) -> BaseException | None:
    """Connect; returns how the connection ended."""
    place = IndexPlace("127.0.0.1", port, tls=True)
    factory = Factory.forProtocol(Teller)
    factory.noisy = False
    teller: Teller = await index_endpoint(reactor, place, authorities, known).connect(factory)
    return await teller.over.addTimeout(10, reactor)


@pytest_twisted.ensureDeferred
async def test_the_key_of_the_first_time(tmp_path: Path, known: KnownIndexes) -> None:
    """It is remembered, over restarts too."""
    async with running(write_certificate(tmp_path, "index")) as index:
        assert isinstance(await told(known, index.port), ConnectionDone)
        assert index.factory.heard == PASSWORD
        again = KnownIndexes(tmp_path / "indexes.json")
        again.startService()
        index.factory.heard = b""
        assert isinstance(await told(again, index.port), ConnectionDone)
        assert (tmp_path / "indexes.json").stat().st_mode & 0o777 == 0o600


@pytest_twisted.ensureDeferred
async def test_a_key_that_has_changed(tmp_path: Path, known: KnownIndexes) -> None:
    """Whoever answers now hears nothing; what to do is said. Removing the entry is enough."""
    async with running(write_certificate(tmp_path, "other")) as index:
        name = f"tls:127.0.0.1:{index.port}"
        known.learn_key(name, b"?" * 32)
        error = await told(known, index.port)
        assert isinstance(error, IndexChangedError)
        sentence = why_insecure(error)
        assert sentence is not None
        assert f"remove {name} from {tmp_path}/indexes.json" in sentence
        await until(lambda: not index.factory.open)
        assert index.factory.heard == b""
        (tmp_path / "indexes.json").unlink()
        known.startService()
        assert isinstance(await told(known, index.port), ConnectionDone)


@pytest_twisted.ensureDeferred
async def test_an_authority(tmp_path: Path, known: KnownIndexes) -> None:
    """Whoever it vouches for is trusted, and no key is remembered."""
    async with running(write_certificate(tmp_path, "index")) as index:
        authorities = str(tmp_path / "index.crt")
        assert isinstance(await told(known, index.port, authorities), ConnectionDone)
        assert not (tmp_path / "indexes.json").exists()


@pytest.mark.parametrize(
    ("authorities", "address", "why"),
    [
        ("other.crt", "127.0.0.1", "vouched for by none of the authorities"),
        ("system", "127.0.0.1", "vouched for by none of the authorities"),
        ("index.crt", "192.0.2.1", "for another host"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_nobody_vouches(
    tmp_path: Path, known: KnownIndexes, authorities: str, address: str, why: str
) -> None:
    """Nothing is said to an index whose certificate is worth nothing here."""
    write_certificate(tmp_path, "other")
    async with running(write_certificate(tmp_path, "index", address)) as index:
        trusted = authorities if authorities == "system" else str(tmp_path / authorities)
        sentence = why_insecure(await told(known, index.port, trusted))
        assert sentence is not None
        assert why in sentence
        await until(lambda: not index.factory.open)
        assert index.factory.heard == b""


@pytest_twisted.ensureDeferred
async def test_an_index_that_does_not_speak_tls(known: KnownIndexes) -> None:
    """The password is not told in the clear."""

    class Old(Protocol):
        def dataReceived(self, data: bytes) -> None:
            self.factory.heard += data
            self.transport.write(b"no such thing")
            self.transport.loseConnection()

    async with running("tcp:0:interface=127.0.0.1") as index:
        index.factory.protocol = Old
        sentence = why_insecure(await told(known, index.port))
        assert sentence == "it does not speak TLS as this peer does"
        assert PASSWORD not in index.factory.heard


def test_other_ends_are_no_matter_of_trust() -> None:
    """A connection that is lost is just that."""
    assert why_insecure(ConnectionDone()) is None


def test_files_without_certificates(tmp_path: Path) -> None:
    """One sentence says so."""
    (tmp_path / "empty").write_text("nothing")
    with pytest.raises(DaemonError, match="holds no certificates"):
        read_authorities(tmp_path / "empty")
    with pytest.raises(DaemonError, match="cannot be read: No such file"):
        read_authorities(tmp_path / "missing")


@pytest_twisted.ensureDeferred
async def test_a_key_that_cannot_be_remembered(tmp_path: Path) -> None:
    """The index is used nevertheless."""
    known = KnownIndexes(tmp_path / "missing" / "indexes.json")
    async with running(write_certificate(tmp_path, "index")) as index:
        assert isinstance(await told(known, index.port), ConnectionDone)


def test_how_an_index_greets_is_remembered(tmp_path: Path) -> None:
    """One that greeted as ours do once has to go on with that."""
    known = KnownIndexes(tmp_path / "indexes.json")
    known.check_greeting("old:8888", extended=False)
    known.check_greeting("ours:8888", extended=True)
    known.check_greeting("old:8888", extended=False)
    known = KnownIndexes(tmp_path / "indexes.json")
    known.startService()
    with pytest.raises(IndexChangedError, match="remove ours:8888 from"):
        known.check_greeting("ours:8888", extended=False)
    known.check_greeting("old:8888", extended=True)


@pytest.mark.parametrize("content", [b"{", b"[]", b'{"a": 1}', b'{"a": {"key": 1}}', b"\xff"])
def test_a_file_that_holds_something_else(tmp_path: Path, content: bytes) -> None:
    """The start stops; nothing is forgotten silently."""
    (tmp_path / "indexes.json").write_bytes(content)
    with pytest.raises(DaemonError, match="delete it, and each index is taken"):
        KnownIndexes(tmp_path / "indexes.json").startService()


def test_a_file_that_cannot_be_read(tmp_path: Path) -> None:
    """A folder, say."""
    with pytest.raises(DaemonError, match="cannot be read: Is a directory"):
        KnownIndexes(tmp_path).startService()
