"""Options of TCP sockets that Twisted has no words for, set where the system knows them."""

import socket
from typing import Final

from twisted.internet.interfaces import ISSLTransport, ISystemHandle
from twisted.protocols.policies import ProtocolWrapper

MOST_UNSENT: Final = 2**16
"""How many bytes the kernel may hold for a connection before they are on their way."""


def limit_unsent(transport: object) -> None:
    """Keep the kernel from taking in megabytes for a slow reader.

    It takes no speed from a fast one. What is written later does not wait behind all that.
    """
    _set(transport, "TCP_NOTSENT_LOWAT", MOST_UNSENT)


def give_up_after(transport: object, seconds: int) -> None:
    """Break a connection whose other end has confirmed nothing for so many seconds (RFC 5482)."""
    _set(transport, "TCP_USER_TIMEOUT", seconds * 1000)


def is_encrypted(transport: object) -> bool:
    """Whether what is written to a connection goes through TLS."""
    return bool(ISSLTransport.providedBy(transport))


def _set(transport: object, option: str, value: int) -> None:
    while isinstance(transport, ProtocolWrapper):  # TLS from the start: the socket lies beneath
        transport = transport.transport
    number = getattr(socket, option, None)
    if number is not None and ISystemHandle.providedBy(transport):
        handle = ISystemHandle(transport).getHandle()
        if isinstance(handle, socket.socket):  # TLS begun later hides it: set options before
            handle.setsockopt(socket.IPPROTO_TCP, number, value)
