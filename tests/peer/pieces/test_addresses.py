"""Peers that have several addresses: which is connected to, and which is not."""

from unittest.mock import Mock

import pytest
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IProtocol, IProtocolFactory
from twisted.python.failure import Failure

from napster.peer.dialing import CONNECT_TIMEOUT, DialError, NoConnectionError, check_destination
from napster.peer.pieces.bearing import SHORT_PATIENCE, Call
from napster.peer.pieces.connection import TicketConnection


class Lines:
    """Connects to some addresses only, by the policy of the real dialer."""

    def __init__(self, *open_ones: str) -> None:
        self.open_ones = open_ones
        self.tried: list[tuple[str, float]] = []
        self.greetings: list[str] = []

    async def dial(
        self,
        address: str,
        port: int,
        _factory: IProtocolFactory,
        patience: float = CONNECT_TIMEOUT,
    ) -> IProtocol:
        check_destination(address, port)
        self.tried.append((address, patience))
        if address not in self.open_ones:
            raise NoConnectionError(f"{address} cannot be connected to")
        return Mock(IProtocol)

    def greeted(self, address: str) -> None:
        self.greetings.append(address)


def called(lines: Lines, *addresses: str) -> Call:
    """Make a call that comes about or not by the time this returns."""
    call = Call(lines, addresses)
    done: list[object] = []
    Deferred.fromCoroutine(call.make(6699, Mock(TicketConnection))).addBoth(done.append)
    if isinstance(done[0], Failure):
        done[0].raiseException()
    call.greeted()
    return call


def test_the_first_one_answers() -> None:
    """No other is tried."""
    lines = Lines("2001:db8::1", "192.0.2.1")
    assert called(lines, "2001:db8::1", "192.0.2.1").address == "2001:db8::1"
    assert lines.tried == [("2001:db8::1", SHORT_PATIENCE)]


def test_another_one_answers() -> None:
    """An address gets a short time while there is another; only who greets has greeted."""
    lines = Lines("192.0.2.1")
    assert called(lines, "2001:db8::1", "192.0.2.1").address == "192.0.2.1"
    assert lines.tried == [("2001:db8::1", SHORT_PATIENCE), ("192.0.2.1", CONNECT_TIMEOUT)]
    assert lines.greetings == ["192.0.2.1"]


def test_each_address_has_to_be_a_peers() -> None:
    """A disguised one is passed over, and is not tried because another one is good."""
    lines = Lines("::ffff:192.0.2.9", "192.0.2.1")
    assert called(lines, "::ffff:192.0.2.9", "192.0.2.1").address == "192.0.2.1"
    assert lines.tried == [("192.0.2.1", CONNECT_TIMEOUT)]


def test_none_answers() -> None:
    """The error tells of the last one."""
    with pytest.raises(DialError, match=r"192\.0\.2\.1 cannot"):
        called(Lines(), "2001:db8::1", "192.0.2.1")
