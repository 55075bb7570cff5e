"""Options of TCP sockets that Twisted has no words for, set where the system knows them."""

import socket
from typing import Final

from twisted.internet.abstract import FileDescriptor
from twisted.internet.interfaces import IFileDescriptor, ISSLTransport
from twisted.protocols.policies import ProtocolWrapper

MOST_UNSENT: Final = 2**16
"""How many bytes may wait in the kernel so that it takes no speed from any reader."""


def limit_unsent(transport: object, size: int = MOST_UNSENT) -> None:
    """Let the kernel hold about so many bytes for a connection before they are on their way.

    Otherwise it takes in megabytes for a slow reader, and what is written later waits behind them.
    Twisted then pauses whoever pushes once it holds as many itself, or MOST_UNSENT.
    """
    _set(transport, "TCP_NOTSENT_LOWAT", size)
    connection = _beneath(transport)
    if isinstance(connection, FileDescriptor):
        connection.bufferSize = min(size, MOST_UNSENT)


def give_up_after(transport: object, seconds: int) -> None:
    """Break a connection whose other end has confirmed nothing for so many seconds (RFC 5482)."""
    _set(transport, "TCP_USER_TIMEOUT", seconds * 1000)


def is_encrypted(transport: object) -> bool:
    """Whether what is written to a connection goes through TLS."""
    return bool(ISSLTransport.providedBy(transport))


def _beneath(transport: object) -> object:
    while isinstance(transport, ProtocolWrapper):  # TLS from the start: the socket lies beneath
        transport = transport.transport
    return transport


def _set(transport: object, option: str, value: int) -> None:
    transport = _beneath(transport)
    number = getattr(socket, option, None)
    if number is not None and IFileDescriptor.providedBy(transport):
        # By its number, for TLS that was begun later hides the socket itself.
        handle = socket.socket(fileno=IFileDescriptor(transport).fileno())
        try:
            handle.setsockopt(socket.IPPROTO_TCP, number, value)
        finally:
            handle.detach()
