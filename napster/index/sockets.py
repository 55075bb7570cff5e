"""How the index sets up the sockets of those who connect."""

import socket
from typing import Any

from twisted.protocols.policies import ProtocolWrapper

_KEEPALIVE = {"TCP_KEEPIDLE": 60, "TCP_KEEPINTVL": 20, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 60_000}
"""A host that is gone is noticed within two minutes, for its files must not be found any more."""


def tune(transport: Any) -> None:
    """Answer without delay, and let the kernel notice hosts that are gone."""
    if not hasattr(transport, "setTcpNoDelay"):
        return
    transport.setTcpNoDelay(1)
    transport.setTcpKeepAlive(1)
    while isinstance(transport, ProtocolWrapper):
        transport = transport.transport
    for name, value in _KEEPALIVE.items():
        if number := getattr(socket, name, None):
            transport.getHandle().setsockopt(socket.IPPROTO_TCP, number, value)
