"""A port is taken early, served late, and given up with nobody lost on the way."""

import errno
import os
import socket
from contextlib import ExitStack
from pathlib import Path

import pytest
import pytest_twisted
from twisted.internet import reactor
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import _SystemdParser
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import deferLater
from twisted.internet.testing import MemoryReactorClock
from twisted.python.systemd import ListenFDs

from napster.daemon.listening import Listener, ListenError, for_this_system
from tests.peer.security.certificates import write_certificate

LOCAL = "tcp:0:interface=127.0.0.1"


class Visitors(Factory):
    """Says when somebody has come and gone."""

    noisy = False

    def __init__(self) -> None:
        self.came: Deferred[None] = Deferred()
        self.left: Deferred[None] = Deferred()

    def buildProtocol(self, _address: object) -> Protocol:
        visitor = Protocol()
        visitor.connectionMade = lambda: self.came.callback(None)
        visitor.connectionLost = lambda _reason: self.left.callback(None)
        return visitor


async def a_moment() -> None:
    await deferLater(reactor, 0.05)


@pytest_twisted.ensureDeferred
async def test_waits_for_the_start() -> None:
    """A caller who comes before the start is served at the start, not turned away."""
    visitors = Visitors()
    listener = Listener(reactor, LOCAL, visitors)
    listener.privilegedStartService()
    with socket.create_connection(("127.0.0.1", listener.port.getHost().port)):
        await a_moment()
        assert not visitors.came.called
        listener.startService()
        await visitors.came.addTimeout(5, reactor)
    await visitors.left.addTimeout(5, reactor)
    await listener.stopService()


class Counted(Factory):
    """Counts who comes, and lets nobody in."""

    noisy = False
    came = 0

    def buildProtocol(self, _address: object) -> None:
        self.came += 1


@pytest_twisted.ensureDeferred
async def test_few_are_accepted_at_once() -> None:
    """However many wait, and however many came before, other work has its turn in between."""
    counted = Counted()
    listener = Listener(reactor, LOCAL, counted)
    listener.privilegedStartService()
    with ExitStack() as stack:
        for _ in range(40):
            address = ("127.0.0.1", listener.port.getHost().port)
            stack.enter_context(socket.create_connection(address))
        listener.port.numberAccepts = 1000
        turns = []
        for _ in range(3):
            before = counted.came
            listener.port.doRead()
            turns.append(counted.came - before)
        assert turns == [16, 16, 8]
    await listener.stopService()


@pytest_twisted.ensureDeferred
async def test_start_alone_listens() -> None:
    """A listener without the privileged step listens at the start, and again after a stop."""
    listener = Listener(reactor, LOCAL, Visitors())
    for _ in range(2):
        listener.startService()
        assert listener.port.getHost().port > 0
        await listener.stopService()
        assert listener.stopService() is None


@pytest.mark.parametrize(
    ("description", "wanted"),
    [
        ("tcp:{taken}:interface=127.0.0.1", "cannot listen: Address already in use"),
        ("tcp:0:interface=192.0.2.1", "cannot listen: Cannot assign requested address"),
        ("unix:/absent/socket", "cannot listen: No such file"),
        ("systemd:domain=INET:name=absent", "systemd has passed no such socket"),
        ("systemd:domain=INET:index=7", "systemd has passed no such socket"),
        ("nonsense", "cannot listen"),
    ],
)
def test_refusals(description: str, wanted: str) -> None:
    """What cannot be listened on is named with the reason."""
    with socket.create_server(("127.0.0.1", 0)) as taken:
        description = description.format(taken=taken.getsockname()[1])
        listener = Listener(reactor, description, Visitors())
        with pytest.raises(ListenError, match=wanted) as caught:
            listener.privilegedStartService()
    assert str(caught.value).startswith(f"{description}: ")


def test_endpoint_that_opens_too_late(monkeypatch: pytest.MonkeyPatch) -> None:
    """An endpoint that needs a running reactor is refused before anything is written."""

    class Slow:
        def listen(self, _factory: object) -> Deferred[None]:
            return Deferred()

    monkeypatch.setattr("napster.daemon.listening.serverFromString", lambda *_: Slow())
    with pytest.raises(ListenError, match="opens too late"):
        Listener(reactor, "slow:", Visitors()).privilegedStartService()


def test_memory_reactor() -> None:
    """In tests without sockets a port that cannot be held is simply listened on."""
    listener = Listener(MemoryReactorClock(), "tcp:8888", Visitors())
    listener.privilegedStartService()
    listener.startService()
    assert listener.port.getHost().port == 8888


@pytest.fixture
def passed_socket(monkeypatch: pytest.MonkeyPatch) -> int:
    """Pass an IPv6 socket as systemd would; returns its port."""
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as passed:
        descriptors = ListenFDs([os.dup(passed.fileno())], ["napster"])
        monkeypatch.setattr(_SystemdParser, "_sddaemon", descriptors)
        return int(passed.getsockname()[1])


@pytest_twisted.ensureDeferred
async def test_family_of_a_passed_socket(passed_socket: int) -> None:
    """A passed socket of another family than the endpoint names is refused by its right name."""
    listener = Listener(reactor, "systemd:domain=INET:name=napster", Visitors())
    with pytest.raises(ListenError, match="another family; write domain=INET6"):
        listener.privilegedStartService()
    await a_moment()


@pytest_twisted.ensureDeferred
async def test_passed_socket(passed_socket: int) -> None:
    """A passed socket of the right family serves."""
    listener = Listener(reactor, "systemd:domain=INET6:name=napster", Visitors())
    listener.privilegedStartService()
    assert listener.port.getHost().port == passed_socket
    await listener.stopService()


@pytest.mark.parametrize("scheme", ["tcp6", "haproxy:tcp6"])
def test_both_families_where_there_is_one(monkeypatch: pytest.MonkeyPatch, scheme: str) -> None:
    """A kernel without IPv6 does not keep a daemon from listening; other endpoints stay."""
    assert for_this_system(f"{scheme}:8888") == f"{scheme}:8888"

    def no_ipv6(family: int) -> socket.socket:
        assert family == socket.AF_INET6
        raise OSError(errno.EAFNOSUPPORT, "no IPv6 here")

    monkeypatch.setattr("napster.daemon.listening.socket.socket", no_ipv6)
    assert for_this_system(f"{scheme}:8888") == f"{scheme.removesuffix('6')}:8888"
    for other in ("tcp:8888", r"tcp6:8888:interface=\:\:1"):
        assert for_this_system(other) == other


@pytest_twisted.ensureDeferred
@pytest.mark.parametrize("host", ["127.0.0.1", "::1"])
async def test_one_port_for_both_families(host: str) -> None:
    """Callers by IPv4 and by IPv6 come to the same port."""
    visitors = Visitors()
    listener = Listener(reactor, "tcp6:0", visitors)
    listener.startService()
    with socket.create_connection((host, listener.port.getHost().port)):
        await visitors.came.addTimeout(5, reactor)
    await visitors.left.addTimeout(5, reactor)
    await listener.stopService()


# Twisted's own ssl: endpoint does so.
@pytest.mark.filterwarnings("ignore:Passing pyOpenSSL")
@pytest.mark.parametrize("key", ["index.crt", "other.key"])
def test_spoiled_tls_key(tmp_path: Path, key: str) -> None:
    """A key that is wrong by the time the port is taken is one sentence."""
    endpoint = write_certificate(tmp_path, "index").replace("index.key", key)
    write_certificate(tmp_path, "other")
    with pytest.raises(ListenError, match="cannot listen: its certificate and key cannot be used"):
        Listener(reactor, endpoint, Visitors()).privilegedStartService()
