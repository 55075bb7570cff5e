"""A port that is taken before the daemon forks, and served once everything behind it is ready."""

import socket
from typing import Any

from twisted.application.service import Service
from twisted.internet.abstract import FileDescriptor
from twisted.internet.defer import Deferred
from twisted.internet.endpoints import serverFromString
from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IListeningPort, IProtocolFactory
from twisted.internet.tcp import Port
from twisted.python.failure import Failure

from napster.daemon.errors import DaemonError
from napster.daemon.kinds import WRONG_CERTIFICATE
from napster.daemon.proxied import ProxiedFactory

_QUEUE = 4096
"""Connections that may wait in the kernel; it allows at most net.core.somaxconn."""


_REFUSED = (LookupError, ValueError, TypeError, OSError, *WRONG_CERTIFICATE)
_PROXIED = "haproxy:"
_AT_ONCE = 16
"""So many connections are accepted in one turn of the reactor."""


class ListenError(DaemonError):
    """An endpoint that cannot be listened on; the text names it and says why."""


class Listener(Service):
    """Listens on an endpoint string such as `tcp6:8888`, `haproxy:tcp:8888` or `systemd:…`.

    `tcp6:` takes IPv4 as well, whose addresses are then told in the form of IPv6 (see
    `napster.daemon.addresses`); where the system has no IPv6, it is the same as `tcp:`. Behind
    `haproxy:` the factory hears of a connection once its address is known (see `ProxiedFactory`).

    `privilegedStartService` takes the port, where a port already taken still stops the start with
    a sentence; connections wait in the kernel until `startService`. Put it after the services that
    its connections need, so that it starts last and stops first.
    """

    def __init__(self, reactor: Any, description: str, factory: IProtocolFactory) -> None:
        self._reactor = reactor
        self._factory = factory
        self.description = description
        self.port: IListeningPort | None = None

    def privilegedStartService(self) -> None:
        """Take the port; raises ListenError."""
        super().privilegedStartService()
        if self.port is None:
            self.port = self._listen()
            _hold(self.port)

    def startService(self) -> None:
        """Accept connections, those that have been waiting first."""
        super().startService()
        if self.port is None:
            self.port = self._listen()
        elif isinstance(self.port, FileDescriptor):
            self.port.startReading()

    def stopService(self) -> Deferred[None] | None:
        """Give the port up; fires once it is free."""
        super().stopService()
        port, self.port = self.port, None
        return port.stopListening() if port else None

    def _listen(self) -> IListeningPort:
        """Listen now: every endpoint of Twisted's own does so before its Deferred is returned."""
        outcome: list[IListeningPort | Failure] = []
        try:
            description, factory = for_this_system(self.description), self._factory
            if description.startswith(_PROXIED):
                description = description.removeprefix(_PROXIED)
                factory = ProxiedFactory(self._reactor, factory)
            serverFromString(self._reactor, description).listen(factory).addBoth(outcome.append)
        except _REFUSED as error:
            raise ListenError(f"{self.description}: {_reason(self.description, error)}") from error
        if not outcome:
            raise ListenError(f"{self.description}: this kind of endpoint opens too late")
        (port,) = outcome
        if isinstance(port, Failure):
            port.trap(CannotListenError, OSError, OverflowError, *WRONG_CERTIFICATE)
            raise ListenError(f"{self.description}: {_reason(self.description, port.value)}")
        _check_family(self.description, port)
        _lengthen_queue(self.description, port)
        _accept_few(port)
        return port


def _accept_few(port: IListeningPort) -> None:
    """Accept only so many connections in one turn, however fast they come.

    Twisted takes ever more at once while there are more, which holds everything else up when
    somebody connects again and again.
    """
    if not isinstance(port, Port):
        return
    accept = port.doRead

    def accept_few() -> None:
        port.numberAccepts = min(port.numberAccepts, _AT_ONCE)
        accept()

    vars(port)["doRead"] = accept_few  # the reactor calls what the port has by that name


def for_this_system(description: str) -> str:
    """Return the endpoint to listen on: that for both families needs a kernel that knows both."""
    if "interface=" in description or "tcp6:" not in description:
        return description
    try:
        socket.socket(socket.AF_INET6).close()
    except OSError:
        return description.replace("tcp6:", "tcp:", 1)
    return description


def _lengthen_queue(description: str, port: IListeningPort) -> None:
    """Let a crowd wait to be accepted, as after a restart, where Twisted's default is 50."""
    if isinstance(port, Port) and "backlog=" not in description and "systemd:" not in description:
        port.socket.listen(_QUEUE)


def _hold(port: IListeningPort) -> None:
    if isinstance(port, FileDescriptor):
        port.stopReading()


def _reason(description: str, error: BaseException | None) -> str:
    if isinstance(error, CannotListenError):
        error = error.socketError
    if "systemd:" in description and isinstance(error, LookupError):
        return "systemd has passed no such socket; start the .socket unit, not the .service"
    if isinstance(error, WRONG_CERTIFICATE):
        return "cannot listen: its certificate and key cannot be used"
    if isinstance(error, OSError):
        return f"cannot listen: {error.strerror or error}"
    return f"cannot listen: {error}"


def _check_family(description: str, port: IListeningPort) -> None:
    """Refuse an inherited socket whose family is not the one the endpoint names.

    It would accept, but report addresses that mean nothing.
    """
    if not isinstance(port, Port):
        return
    family = port.socket.getsockopt(socket.SOL_SOCKET, socket.SO_DOMAIN)
    if family != port.socket.family:
        name = socket.AddressFamily(family).name.removeprefix("AF_")
        port.stopListening()
        raise ListenError(f"{description}: the socket is of another family; write domain={name}")
