"""The metaserver port: which server old programs are told to use."""

from pathlib import Path
from typing import Any

import attrs
import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ClientEndpoint, connectProtocol
from twisted.internet.protocol import Protocol, connectionDone
from twisted.python.failure import Failure

from napster.daemon.listening import Listener
from napster.daemon.options import ConfigError, load
from napster.index.config import Settings
from napster.index.metaserver import MetaserverFactory
from tests.index.client import RunningIndex, running_index
from tests.index.harness import World

LOOPBACK = "tcp:0:interface=127.0.0.1"


class Caller(Protocol):
    """Keeps what it is told until the other side hangs up."""

    def __init__(self) -> None:
        self.told = b""
        self.over: Deferred[bytes] = Deferred()

    def dataReceived(self, data: bytes) -> None:
        self.told += data

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.over.callback(self.told)


async def ask(index: RunningIndex) -> bytes:
    port = _port(index, 0)
    caller = await connectProtocol(TCP4ClientEndpoint(reactor, "127.0.0.1", port), Caller())
    return await caller.over.addTimeout(10, reactor)


def _port(index: RunningIndex, number: int) -> Any:
    listeners = [each for each in index.daemon if isinstance(each, Listener)]
    assert listeners[number].port is not None
    return listeners[number].port.getHost().port


@pytest_twisted.ensureDeferred
async def test_this_index(tmp_path: Path) -> None:
    """Alone, an index names itself, and whoever goes there is served."""
    async with running_index(tmp_path, metaserver=LOOPBACK) as index:
        told = await ask(index)
        assert told == b"127.0.0.1:%d\n" % index.ports[-1]
        anna = await index.client("anna")
        await anna.close()


@pytest_twisted.ensureDeferred
async def test_public_address(tmp_path: Path) -> None:
    """The address told is the public one, as the map has it."""
    async with running_index(tmp_path, metaserver=LOOPBACK) as index:
        public = {"127.0.0.0/8": "203.0.113.5"}
        index.hub.configure(attrs.evolve(index.hub.settings, address_map=public))
        assert await ask(index) == b"203.0.113.5:%d\n" % index.ports[-1]


@pytest_twisted.ensureDeferred
async def test_several_servers(tmp_path: Path) -> None:
    """Several servers are named in turn."""
    servers = ["203.0.113.5:8888", "203.0.113.6:7777"]
    async with running_index(
        tmp_path, metaserver=LOOPBACK, metaserver_servers=servers, max_users=1
    ) as index:
        told = [await ask(index) for _ in range(4)]
        assert told == [b"203.0.113.5:8888\n", b"203.0.113.6:7777\n"] * 2


@pytest_twisted.ensureDeferred
async def test_off(tmp_path: Path) -> None:
    """Without the option there is no such port."""
    async with running_index(tmp_path) as index:
        assert len([each for each in index.daemon if isinstance(each, Listener)]) == 1


@pytest_twisted.ensureDeferred
async def test_full_index(tmp_path: Path) -> None:
    """Nobody is told that the server is busy, however many there are."""
    async with running_index(tmp_path, metaserver=LOOPBACK, max_users=1) as index:
        anna = await index.client("anna")
        assert await ask(index) == b"127.0.0.1:%d\n" % index.ports[-1]
        await anna.close()


@pytest_twisted.ensureDeferred
async def test_talkative_caller(tmp_path: Path) -> None:
    """What a caller says is not listened to."""
    async with running_index(tmp_path, metaserver=LOOPBACK) as index:
        endpoint = TCP4ClientEndpoint(reactor, "127.0.0.1", _port(index, 0))
        caller = await connectProtocol(endpoint, Caller())
        caller.transport.write(b"GET / HTTP/1.0\r\n\r\n" * 1000)
        assert (await caller.over.addTimeout(10, reactor)) in {
            b"",
            b"127.0.0.1:%d\n" % index.ports[-1],
        }
        assert await ask(index)


def answer(world: World, caller: str, here: str, port: int = 8888) -> str | None:
    return MetaserverFactory(world.hub, (), lambda: port)._server_for(caller, here)


@pytest.mark.parametrize(("here", "port"), [("2001:db8::1", 8888), ("", 8888), ("10.0.0.1", 0)])
def test_nothing_to_tell(world: World, here: str, port: int) -> None:
    """An address or port that old programs cannot use is not told."""
    assert answer(world, "192.0.2.1", here, port) is None
    assert answer(world, "192.0.2.1", "10.0.0.1") == "10.0.0.1:8888"


def test_flood() -> None:
    """Somebody who asks without end is not answered any more; others are."""
    world = World(connections_per_minute=5)
    told = [answer(world, "192.0.2.1", "10.0.0.1") for _ in range(8)]
    assert told.count(None) == 3
    assert answer(world, "192.0.2.2", "10.0.0.1")
    world.end()


@pytest.mark.parametrize(
    "wrong", ["index.example.org:8888", "203.0.113.5", "[::1]:8888", "1.2.3:4"]
)
def test_wrong_servers(wrong: str) -> None:
    """Old programs understand addresses only, so only those are taken."""
    with pytest.raises(ConfigError, match="must be IPV4:PORT, such as"):
        load(Settings, None, {"metaserver_servers": [wrong]})
