"""Whether others can connect to a user's data port: tried once, from here, after it was told.

A connection is made to the address that the user's own connection was seen to come from and to no
other, so that nobody can have the index knock at somebody else's door.
"""

from typing import Any

from twisted.application.service import Service
from twisted.internet import error as errors
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.defer import TimeoutError as DeferredTimeoutError
from twisted.internet.interfaces import IAddress, IConnector
from twisted.internet.protocol import ClientFactory, Protocol, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure

from napster.daemon.addresses import limit_key
from napster.daemon.turns import Turns
from napster.index.limits import Cost, LimitError, Limits
from napster.index.session import Session, SessionOverError

LOWEST_PORT = 1024
"""Ports below belong to services of the system; programs of this network do not connect there."""
_PATIENCE = 10.0
"""So many seconds the port has to take the call, and as many to greet."""
_AT_ONCE = 32
_MOST_WAITING = 2_000
_GREETING = b"1"
"""What a data port says first (protocol section 4.5)."""


class PortTester(Service):
    """Tries data ports, a few at once; what cannot wait or is too much is not tried."""

    name = "port tester"
    log = Logger()

    def __init__(self, reactor: Any, limits: Limits) -> None:
        self._reactor = reactor
        self._limits = limits
        self._turns = Turns(_AT_ONCE)
        self._at_work: set[Deferred[None]] = set()

    def try_port(self, session: Session) -> None:
        """Try a user's data port in the background, and tell the user if it cannot be reached."""
        user = session.user
        if not (user.port or user.ipv6) or not session.hub.settings.port_test:
            return
        if not self.running or len(self._turns.waiting) >= _MOST_WAITING:
            return
        try:
            self._limits.spend(Cost.PORT_TEST, limit_key(user.host))
        except LimitError:
            return
        work = Deferred.fromCoroutine(self._try(session, user.host, user.data_port))
        self._at_work.add(work)
        work.addErrback(self._failed, session).addBoth(lambda _: self._at_work.discard(work))

    def stopService(self) -> None:
        """Give up all that is being tried."""
        super().stopService()
        for work in tuple(self._at_work):
            work.cancel()

    async def _try(self, session: Session, host: str, port: int) -> None:
        fault = await self._turns.run(lambda: Deferred.fromCoroutine(self._fault(host, port)))
        if fault is None or session.user.data_port != port:
            return
        self.log.info(
            "{session}: data port {port} cannot be reached: {fault}",
            session=session,
            port=port,
            fault=fault,
        )
        session.tell(f"your data port {port} cannot be reached from here: {fault}")
        session.outbox.flush()

    def _failed(self, failure: Failure, session: Session) -> None:
        if not failure.check(CancelledError, errors.ConnectingCancelledError, SessionOverError):
            self.log.failure("{session}: cannot try the data port", failure, session=session)

    async def _fault(self, host: str, port: int) -> str | None:
        """Say in a few words why a data port cannot be reached; None if it can."""
        if port < LOWEST_PORT:
            return f"others do not connect to ports below {LOWEST_PORT}"
        caller = _Caller()
        call = _Call(caller, self._reactor)
        connector = self._reactor.connectTCP(host, port, call, timeout=_PATIENCE)
        try:
            await caller.answered
            greeting = await caller.greeting.addTimeout(_PATIENCE, self._reactor)
        except (DeferredTimeoutError, errors.TimeoutError):
            return "nothing answers there"
        except errors.ConnectionRefusedError:
            return "nothing listens there"
        except errors.ConnectError:
            return "there is no way there from here"
        finally:
            caller.hang_up(connector)
        if greeting.startswith(_GREETING):
            return None
        return "what listens there does not answer as a Napster program"


class _Call(ClientFactory):
    """Makes one connection, and no line in the log about it.

    An endpoint would do the same, and leave a cycle to the garbage collector, which an index has
    look at what is young only.
    """

    noisy = False

    def __init__(self, caller: "_Caller", reactor: Any) -> None:
        self._caller = caller
        self._reactor = reactor
        self._transport: Any = None

    def startedConnecting(self, connector: IConnector) -> None:
        self._transport = getattr(connector, "transport", None)  # not promised by IConnector

    def buildProtocol(self, _addr: IAddress | None) -> "_Caller":
        return self._caller

    def clientConnectionLost(self, connector: Any, _reason: Failure) -> None:
        connector.transport = None  # which refers to the connector

    def clientConnectionFailed(self, _connector: IConnector, reason: Failure) -> None:
        if self._transport is not None:
            self._reactor.callLater(0, _untie, self._transport)  # it may be at work on it now
        self._caller.answered.errback(reason)


def _untie(transport: Any) -> None:
    """End the cycle that a transport is which never connected: its methods are its attributes."""
    for method in ("doRead", "doWrite"):
        vars(transport).pop(method, None)


class _Caller(Protocol):
    """Waits for the greeting, and says nothing."""

    transport: Any = None

    def __init__(self) -> None:
        self.answered: Deferred[None] = Deferred()
        self.greeting: Deferred[bytes] = Deferred()

    def connectionMade(self) -> None:
        self.answered.callback(None)

    def dataReceived(self, data: bytes) -> None:
        if not self.greeting.called:
            self.greeting.callback(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:  # noqa: ARG002  # Twisted's
        self.transport = None
        if not self.greeting.called:
            self.greeting.callback(b"")

    def hang_up(self, connector: IConnector) -> None:
        if self.transport is None:
            connector.disconnect()
        else:
            self.transport.loseConnection()
