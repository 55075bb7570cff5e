"""Options of TCP sockets that Twisted has no words for, set where the system knows them."""

import socket
from typing import Final, cast

from twisted.internet.interfaces import ISystemHandle

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


def _set(transport: object, option: str, value: int) -> None:
    number = getattr(socket, option, None)
    if number is not None and ISystemHandle.providedBy(transport):
        # The interface says no more than "object"; for TCP and TLS it has a socket's options.
        handle = cast("socket.socket", ISystemHandle(transport).getHandle())
        handle.setsockopt(socket.IPPROTO_TCP, number, value)
