"""Connecting to others without becoming a weapon."""

import pytest
from twisted.internet import error
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Factory, Protocol
from twisted.internet.task import Clock
from twisted.internet.testing import MemoryReactorClock
from twisted.python.failure import Failure

from napster.peer.dialing import (
    BUDGET,
    MOST_ADDRESSES,
    REFILL,
    DialBudget,
    Dialer,
    DialError,
    check_destination,
    why_unreachable,
)


@pytest.mark.parametrize("port", [0, 1, 22, 25, 80, 1023, 65536, -1])
def test_ports_of_services_are_not_dialled(port: int) -> None:
    """An index cannot have this peer knock at a mail server."""
    with pytest.raises(DialError, match="1024 to 65535"):
        check_destination("192.0.2.1", port)


@pytest.mark.parametrize(
    "address",
    [
        *("0.0.0.0", "224.0.0.1", "255.255.255.255", "240.0.0.1", "169.254.1.1"),
        *("::", "ff02::1", "fe80::1", "fec0::1", "4000::1", "::ffff:127.0.0.1"),
        *("fe80::1%eth0", "2001:db8::1%1", "::1%lo"),
        *("::ffff:192.0.2.1", "::192.0.2.1", "2002:c000:201::1", "2001:0:c000:201::1"),
        *("64:ff9b::c000:201", "64:ff9b:1::1"),
    ],
)
def test_addresses_that_are_no_peers_are_not_dialled(address: str) -> None:
    """Neither groups nor everybody, nor an IPv4 address in disguise."""
    with pytest.raises(DialError, match="not the address of a peer"):
        check_destination(address, 6699)


@pytest.mark.parametrize("address", ["", "example.org", "1.2.3", "1.2.3.4.5", "[::1]", "::1::"])
def test_only_addresses_are_dialled(address: str) -> None:
    """No name is ever looked up."""
    with pytest.raises(DialError, match="not an IP address"):
        check_destination(address, 6699)


@pytest.mark.parametrize(
    "address",
    [
        *("127.0.0.1", "10.0.0.1", "192.168.1.1", "8.8.8.8"),
        *("::1", "fd77::1", "2a01:4f8::1"),
    ],
)
def test_local_networks_are_dialled(address: str) -> None:
    """Private networks are what this is for."""
    check_destination(address, 1024)


def dials(budget: DialBudget, address: str, times: int) -> int:
    """Count how many of so many attempts are allowed."""
    allowed = 0
    for _ in range(times):
        try:
            budget.take(address)
        except DialError:
            continue
        allowed += 1
    return allowed


def test_an_address_that_does_not_greet_is_left_alone() -> None:
    """A few attempts, then one every half minute."""
    clock = Clock()
    budget = DialBudget(clock)
    assert dials(budget, "192.0.2.1", 100) == BUDGET
    assert dials(budget, "192.0.2.2", 100) == BUDGET
    clock.advance(REFILL)
    assert dials(budget, "192.0.2.1", 100) == 1
    clock.advance(REFILL * 1000)
    assert dials(budget, "192.0.2.1", 100) == BUDGET


def test_a_network_of_ipv6_is_one_address() -> None:
    """There are more addresses in it than attempts anybody would survive."""
    budget = DialBudget(Clock())
    assert sum(dials(budget, f"2001:db8::{number:x}", 1) for number in range(100)) == BUDGET
    assert dials(budget, "2001:db8:0:1::1", 100) == BUDGET
    budget.greeted("2001:db8::7")
    assert dials(budget, "2001:db8::8", 100) == BUDGET


def test_a_greeting_proves_a_peer() -> None:
    """Somebody who shares thousands of small files can be asked for all of them."""
    budget = DialBudget(Clock())
    for _ in range(1000):
        budget.take("192.0.2.1")
        budget.greeted("192.0.2.1")


def test_the_table_of_addresses_is_capped() -> None:
    """An index that names ever new addresses does not fill the memory."""
    budget = DialBudget(Clock())
    for number in range(MOST_ADDRESSES * 2):
        budget.take(f"10.0.{number // 256}.{number % 256}")
    assert len(budget._known) == MOST_ADDRESSES


def outcome(dialled: Deferred[object]) -> object:
    found: list[object] = []
    dialled.addBoth(found.append)
    return found[0]


@pytest.mark.parametrize("address", ["192.0.2.1", "2001:db8::1"])
def test_a_connection_that_comes_about(address: str) -> None:
    """The protocol of the factory is returned."""
    reactor = MemoryReactorClock()
    dialled = Deferred.fromCoroutine(
        Dialer(reactor, reactor).dial(address, 6699, Factory.forProtocol(Protocol))
    )
    host, port, factory, _, _ = reactor.tcpClients[0]
    assert (host, port) == (address, 6699)
    protocol = factory.buildProtocol(None)
    protocol.makeConnection(reactor.connectors[0])
    assert outcome(dialled) is protocol._wrappedProtocol


@pytest.mark.parametrize(
    ("trouble", "words"),
    [
        (error.ConnectionRefusedError(), "nothing listens there"),
        (error.TimeoutError(), "nothing answers"),
    ],
)
def test_a_connection_that_does_not(trouble: Exception, words: str) -> None:
    """The error says where and why."""
    reactor = MemoryReactorClock()
    dialled = Deferred.fromCoroutine(
        Dialer(reactor, reactor).dial("192.0.2.1", 6699, Factory.forProtocol(Protocol))
    )
    reactor.tcpClients[0][2].clientConnectionFailed(reactor.connectors[0], Failure(trouble))
    failure = outcome(dialled)
    assert isinstance(failure, Failure)
    assert failure.check(DialError)
    assert "192.0.2.1 port 6699" in failure.getErrorMessage()
    assert words in failure.getErrorMessage()


def test_unknown_errors_keep_their_words() -> None:
    """Nothing is hidden behind a general phrase."""
    assert why_unreachable(OSError("odd things happen.")) == "odd things happen"
