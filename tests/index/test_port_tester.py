"""Whether others can connect to a user's data port, tried from the index."""

import gc
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import TCP4ServerEndpoint
from twisted.internet.error import ConnectionRefusedError as Refused
from twisted.internet.error import NoRouteError
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.internet.task import deferLater
from twisted.internet.tcp import Client as TcpClient
from twisted.internet.tcp import Connector
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.python.failure import Failure

from napster.index.config import Settings
from napster.index.port_tester import PortTester, _Caller
from napster.wire.messages.login import Login, Notice, Register, Stats
from napster.wire.messages.people import ChangePort
from tests.index.client import running_index
from tests.index.harness import World


class DataPort(Protocol):
    """Says something to whoever connects, and remembers what came."""

    def connectionMade(self) -> None:
        self.factory.calls.append(self)
        self.came = b""
        if self.factory.greeting is None:
            self.transport.loseConnection()
        else:
            self.transport.write(self.factory.greeting)

    def dataReceived(self, data: bytes) -> None:
        self.came += data

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        self.factory.gone.callback(self.came)


@asynccontextmanager
async def data_port(greeting: bytes | None) -> AsyncIterator[Any]:
    factory: Any = Factory.forProtocol(DataPort)
    factory.greeting, factory.calls, factory.gone = greeting, [], Deferred()
    port = await TCP4ServerEndpoint(reactor, 0, interface="127.0.0.1").listen(factory)
    factory.port = port.getHost().port
    try:
        yield factory
    finally:
        await port.stopListening()
        for each in factory.calls:
            each.transport.abortConnection()
        await deferLater(reactor, 0.05)


@pytest_twisted.ensureDeferred
async def test_reachable(tmp_path: Path) -> None:
    """A data port that greets is called once, told nothing, and its user hears nothing."""
    async with data_port(b"1") as port, running_index(tmp_path, port_test=True) as index:
        anna = await index.client("anna", port=port.port)
        assert await port.gone.addTimeout(10, reactor) == b""
        await deferLater(reactor, 0.1)
        assert not anna._came
        assert len(port.calls) == 1
        await anna.close()


def _left(port: int) -> list[Any]:
    """Return what there still is of connections to a port."""
    return [
        each
        for each in gc.get_objects()
        if isinstance(each, _Caller)
        or (isinstance(each, Connector) and each.port == port)
        or (isinstance(each, TcpClient) and each.addr[1] == port)
    ]


@pytest_twisted.ensureDeferred
async def test_nothing_is_left_for_the_garbage_collector(tmp_path: Path) -> None:
    """A connection that is over is freed though the collector is off, as it is in an index."""
    gc.collect()
    gc.disable()
    try:
        async with data_port(b"1") as port, running_index(tmp_path, port_test=True) as index:
            anna = await index.client("anna", port=port.port)
            await port.gone.addTimeout(10, reactor)
            await anna.close()
        async with running_index(tmp_path, port_test=True) as index:
            anna = await index.client("anna", port=port.port)
            assert (await anna.get(Notice)).text.endswith(b"nothing listens there")
            await anna.close()
        assert not _left(port.port)
    finally:
        gc.enable()


@pytest.mark.parametrize(
    ("greeting", "fault"),
    [
        (b"220 mail.example.org", b"what listens there does not answer as a Napster program"),
        (None, b"what listens there does not answer as a Napster program"),
    ],
)
@pytest_twisted.ensureDeferred
async def test_something_else(tmp_path: Path, greeting: bytes | None, fault: bytes) -> None:
    """Another service at the port is told from a Napster program, and sent nothing."""
    async with data_port(greeting) as port, running_index(tmp_path, port_test=True) as index:
        anna = await index.client("anna", port=port.port)
        text = b"your data port %d cannot be reached from here: %b" % (port.port, fault)
        assert await anna.get(Notice) == Notice(text)
        assert await port.gone.addTimeout(10, reactor) == b""
        await anna.close()


@pytest_twisted.ensureDeferred
async def test_each_message_that_tells_a_port(tmp_path: Path) -> None:
    """The port is tried after 2, 6 and 703; the same one again is not tried twice."""
    async with data_port(b"1") as port:
        closed = port.port
    async with running_index(tmp_path, port_test=True) as index:
        text = b"your data port %d cannot be reached from here: nothing listens there" % closed
        anna, berta = await index.client(), await index.client()
        anna.send(Login("anna", b"pw", closed, b"c", 8))
        berta.send(Register("berta", b"pw", closed, b"c", 8))
        for client in (anna, berta):
            await client.until(Stats)
            assert await client.get(Notice) == Notice(text)
        carl = await index.client("carl", port=0)
        carl.send(ChangePort(closed))
        assert await carl.get(Notice) == Notice(text)
        carl.send(ChangePort(closed), ChangePort(80))
        low = b"your data port 80 cannot be reached from here: others do not connect to ports below"
        assert (await carl.get(Notice)).text.startswith(low)
        for client in (anna, berta, carl):
            await client.close()


@pytest_twisted.ensureDeferred
async def test_silent_port(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A port that takes the call and says nothing does not hold the index up."""
    monkeypatch.setattr("napster.index.port_tester._PATIENCE", 0.3)
    async with data_port(b"") as port, running_index(tmp_path, port_test=True) as index:
        anna = await index.client("anna", port=port.port)
        assert (await anna.get(Notice)).text.endswith(b"nothing answers there")
        assert await port.gone.addTimeout(10, reactor) == b""
        await anna.close()


@pytest_twisted.ensureDeferred
async def test_stop_meanwhile(tmp_path: Path) -> None:
    """A daemon that stops gives up what it is trying."""
    async with data_port(b"") as port:
        async with running_index(tmp_path, port_test=True) as index:
            anna = await index.client("anna", port=port.port)
            while not port.calls:
                await deferLater(reactor, 0.01)
        assert await port.gone.addTimeout(10, reactor) == b""
        await anna.over()


@pytest.fixture
def tested() -> Iterator[tuple[World, Any]]:
    """Give a world whose index tries ports in memory."""
    world = World(port_tests_per_minute=3)
    memory: Any = MemoryReactorClock()
    world.hub.port_tester = PortTester(memory, world.hub.limits)
    world.hub.port_tester.startService()
    yield world, memory
    world.hub.port_tester.stopService()
    world.end()
    assert not memory.getDelayedCalls()


def test_observed_address_only(tested: tuple[World, Any]) -> None:
    """The call goes where the user's own connection came from, whatever is published."""
    world, memory = tested
    world.hub.configure(Settings(address_map={"192.0.2.0/24": "203.0.113.9"}))
    world.login("anna", "192.0.2.1", port=6699)
    world.login("berta", "192.0.2.2", port=0)
    world.login("carl", "192.0.2.3", port=1023)
    assert [call[:2] for call in memory.tcpClients] == [("192.0.2.1", 6699)]


def test_ipv6(tested: tuple[World, Any]) -> None:
    """A user seen by IPv6 and published by IPv4 is tried by IPv6."""
    world, memory = tested
    world.hub.configure(Settings(address_map={"2001:db8::/32": "203.0.113.9"}))
    world.login("anna", "2001:db8::1", port=6699)
    assert [call[:2] for call in memory.tcpClients] == [("2001:db8::1", 6699)]


def test_as_often_as_allowed(tested: tuple[World, Any]) -> None:
    """Somebody who changes the port again and again does not make the index scan an address."""
    world, memory = tested
    anna = world.login("anna")
    for port in range(2000, 2020):
        anna.send(ChangePort(port))
    assert len(memory.tcpClients) == 3
    assert anna.messages() == []


def test_switched_off(tested: tuple[World, Any]) -> None:
    """Without the option nothing is tried."""
    world, memory = tested
    world.hub.configure(Settings(port_test=False))
    world.login("anna")
    assert memory.tcpClients == []


@pytest.mark.parametrize(
    ("error", "fault"),
    [(Refused(), b"nothing listens there"), (NoRouteError(), b"there is no way there from here")],
)
def test_no_connection(tested: tuple[World, Any], error: Exception, fault: bytes) -> None:
    """Why no connection came about is said."""
    world, memory = tested
    anna = world.login("anna")
    factory = memory.tcpClients[0][2]
    factory.clientConnectionFailed(None, Failure(error))
    (told,) = anna.messages()
    assert told == Notice(b"your data port 6699 cannot be reached from here: " + fault)


def test_too_late(tested: tuple[World, Any]) -> None:
    """Who has gone, or has another port by now, is told nothing of the old one."""
    world, memory = tested
    anna, berta = world.login("anna"), world.login("berta", "192.0.2.2")
    anna.send(ChangePort(0))
    berta.lose()
    for call in memory.tcpClients:
        call[2].clientConnectionFailed(None, Failure(Refused()))
    assert anna.messages() == []


def test_crowd(tested: tuple[World, Any]) -> None:
    """Of two thousand who come at once a few are tried at a time, and each gets a turn."""
    world, memory = tested
    for number in range(100):
        world.login(f"user{number}", f"192.0.2.{number}")
    assert len(memory.tcpClients) == 32
    for index in range(100):
        memory.tcpClients[index][2].clientConnectionFailed(None, Failure(Refused()))
    assert len({call[0] for call in memory.tcpClients}) == 100


def test_greeting_in_memory(tested: tuple[World, Any]) -> None:
    """The first byte decides; what comes behind it is not waited for."""
    world, memory = tested
    anna = world.login("anna")
    protocol = memory.tcpClients[0][2].buildProtocol(IPv4Address("TCP", "192.0.2.1", 6699))
    transport = StringTransport()
    protocol.makeConnection(transport)
    protocol.dataReceived(b"1GET")
    protocol.dataReceived(b"more")
    assert transport.disconnecting
    assert transport.value() == b""
    protocol.connectionLost(Failure(connectionDone.value))
    assert anna.messages() == []
