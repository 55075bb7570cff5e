"""Options of real sockets; what is no socket is left alone."""

import socket
from collections.abc import Iterator

import pytest
from twisted.internet.abstract import FileDescriptor
from twisted.internet.interfaces import IFileDescriptor
from twisted.internet.testing import MemoryReactorClock, StringTransport
from zope.interface import implementer

from napster.daemon.sockets import MOST_UNSENT, give_up_after, limit_unsent


@implementer(IFileDescriptor)
class Transport:
    def __init__(self, handle: socket.socket) -> None:
        self.handle = handle

    def fileno(self) -> int:
        return self.handle.fileno()


@pytest.fixture
def transport() -> Iterator[Transport]:
    with socket.socket() as handle:
        yield Transport(handle)


def option(transport: Transport, name: str) -> int:
    return transport.handle.getsockopt(socket.IPPROTO_TCP, getattr(socket, name))


def test_the_kernel_holds_little(transport: Transport) -> None:
    """A thousand slow readers must not cost a gigabyte of the kernel."""
    limit_unsent(transport)
    assert option(transport, "TCP_NOTSENT_LOWAT") == MOST_UNSENT
    limit_unsent(transport, 2**14)
    assert option(transport, "TCP_NOTSENT_LOWAT") == 2**14


def test_twisted_holds_as_little() -> None:
    """Of what is pushed, over TLS say: its own choice is 64 KiB for each reader."""
    with socket.socket() as handle:
        connection = FileDescriptor(MemoryReactorClock())
        connection.fileno = handle.fileno
        limit_unsent(connection, 2**14)
        assert connection.bufferSize == 2**14


def test_a_dead_machine_is_noticed(transport: Transport) -> None:
    """The option counts in milliseconds."""
    give_up_after(transport, 60)
    assert option(transport, "TCP_USER_TIMEOUT") == 60_000


def test_what_is_no_socket_is_left_alone() -> None:
    """A test's transport, say."""
    limit_unsent(StringTransport())
    give_up_after(StringTransport(), 60)
