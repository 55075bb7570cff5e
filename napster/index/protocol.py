"""Bytes of a connection to frames of its session, and nothing else."""

from typing import Any

from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import Protocol, ServerFactory, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure

from napster.daemon.addresses import limit_key, unmap_address
from napster.index.addresses import Peer
from napster.index.commands import Stages
from napster.index.hub import Hub
from napster.index.limits import LimitError
from napster.index.session import Session
from napster.index.sockets import tune
from napster.wire.errors import FrameTooLongError
from napster.wire.extension import body_limit
from napster.wire.framing import FrameReader
from napster.wire.messages.login import LoginError


class IndexProtocol(Protocol):
    """One client's connection."""

    log = Logger()
    transport: Any

    def __init__(self, hub: Hub, stages: Stages) -> None:
        self._hub = hub
        self._stages = stages
        self._reader = FrameReader()
        self._session: Session | None = None

    def connectionMade(self) -> None:
        """Begin the session."""
        tune(self.transport)
        self._begin()

    def dataReceived(self, data: bytes) -> None:
        """Hand the frames to the session; one that is too long ends it."""
        self._hub.meters.traffic.received += len(data)
        if self._session is None:
            return  # it was refused
        if self._session.extended:
            self._reader.limit = body_limit
        runs = []
        try:
            for run in self._reader.runs(data):
                runs.append(run)  # noqa: PERF402  # those before the over-long frame count
        except FrameTooLongError as error:
            self._session.received(runs, partial=False)
            self._session.break_off(f"{error}; closing")
        else:
            self._session.received(runs, partial=self._reader.mid_frame)

    def connectionLost(self, _reason: Failure = connectionDone) -> None:
        """End the session."""
        if self._session is not None:
            self._session.lost()

    def _begin(self) -> None:
        peer = _peer(self.transport)
        try:
            allowance = self._hub.limits.connect(limit_key(peer.host))
        except LimitError as error:
            self._refuse(peer, str(error))
            return
        self._hub.meters.connections += 1
        self._session = Session(self._hub, self._stages, self.transport, peer, allowance)

    def _refuse(self, peer: Peer, reason: str) -> None:
        self._hub.meters.connections_refused += 1
        self.log.info("{peer}: refused: {reason}", peer=peer, reason=reason)
        self.transport.write(LoginError(reason.encode()).frame())
        self.transport.loseConnection()


class IndexFactory(ServerFactory):
    """Makes a protocol for each connection of one listener."""

    noisy = False

    def __init__(self, hub: Hub, stages: Stages) -> None:
        self._hub = hub
        self._stages = stages

    def buildProtocol(self, addr: IAddress | None) -> IndexProtocol | None:
        """Make the protocol of a new connection; None closes it, which is the least to do."""
        if self._hub.limits.floods(limit_key(_host(addr))):
            self._hub.meters.connections_refused += 1
            return None
        return IndexProtocol(self._hub, self._stages)


def _peer(transport: Any) -> Peer:
    address = transport.getPeer()
    return Peer(_host(address), getattr(address, "port", 0))


def _host(address: IAddress | None) -> str:
    return unmap_address(getattr(address, "host", "local"))
