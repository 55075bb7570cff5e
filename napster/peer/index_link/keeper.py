"""Staying connected: one session after the other, for as long as the peer runs."""

from collections.abc import Callable
from typing import Any, TypeVar

import attrs
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.error import ConnectError, ConnectingCancelledError
from twisted.internet.interfaces import IReactorTime, IStreamClientEndpoint
from twisted.internet.protocol import Factory
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure

from napster.peer.api import IndexState
from napster.peer.dialing import why_unreachable
from napster.peer.index_link.backoff import Backoff, Ending, SessionEnd
from napster.peer.index_link.protocol import IndexProtocol
from napster.peer.index_link.session import Session
from napster.peer.security.known_indexes import KnownIndexes

T = TypeVar("T")


@attrs.frozen
class IndexAddress:
    """Where the index is: how to connect, and what people call it (`HOST:PORT`)."""

    endpoint: IStreamClientEndpoint
    name: str
    known: KnownIndexes
    """What is remembered of it."""

    def check_greeting(self, *, extended: bool) -> None:
        """Compare how it greets with how it once did. Raises IndexChangedError."""
        self.known.check_greeting(self.name, extended=extended)


class Keeper:
    """Connects, waits for the session's end, waits a while, and begins anew."""

    log = Logger()

    def __init__(
        self,
        clock: IReactorTime,
        index: IndexAddress,
        new_session: Callable[[], Session],
        backoff: Backoff,
    ) -> None:
        self._clock = clock
        self._index = index
        self._new_session = new_session
        self._backoff = backoff
        self._step: Deferred[Any] | None = None
        self._running: Deferred[None] | None = None
        self._stopping = False
        self._reason = "it has not been tried yet"
        self._next_try: float | None = None
        self.session: Session | None = None
        """The session that is coming about or stands."""

    @property
    def state(self) -> IndexState:
        """How the link stands."""
        return IndexState.OFFLINE if self.session is None else self.session.state

    @property
    def reason(self) -> str:
        """Why the link is not online, and when the next try comes; empty if it is."""
        if self.state is IndexState.ONLINE:
            return ""
        if self._next_try is None:
            return self._reason
        return f"{self._reason}; next try in {self._next_try - self._clock.seconds():.0f} s"

    def start(self) -> None:
        """Begin."""
        self._stopping = False
        self._running = Deferred.fromCoroutine(self._stay_connected())
        self._running.addErrback(self._fail)

    def _fail(self, failure: Failure) -> None:
        self._reason = "the link has failed by an error in this program; see the log"
        self.log.failure("index {index}: the link has failed", failure, index=self._index.name)

    def stop(self) -> Deferred[None] | None:
        """End; the Deferred fires when the connection is closed."""
        self._stopping = True
        if self._step is not None:
            self._step.cancel()
        elif self.session is not None:
            self.session.close(Ending.LOST, "this peer is stopping")
        return self._running

    async def _stay_connected(self) -> None:
        try:
            while not self._stopping:
                end = await self._one_session()
                if not self._stopping:
                    await self._wait_after(end)
        except (CancelledError, ConnectingCancelledError):
            self.session = None

    async def _one_session(self) -> SessionEnd:
        session = self.session = self._new_session()
        name = self._index.name
        factory = Factory.forProtocol(lambda: IndexProtocol(session, name))
        factory.noisy = False
        try:
            await self._cancellable(self._index.endpoint.connect(factory))
            return await session.over
        except (ConnectError, OSError, ValueError) as error:  # ValueError: a host name that is none
            reason = f"it cannot be reached: {why_unreachable(error)}"
            return SessionEnd(Ending.LOST, reason)
        finally:
            self.session = None

    async def _wait_after(self, end: SessionEnd) -> None:
        delay = self._backoff.after(end)
        self._reason = end.reason
        self._next_try = self._clock.seconds() + delay
        self.log.info(
            "index {index}: {reason}; next try in {delay:.0f} s",
            index=self._index.name,
            reason=end.reason,
            delay=delay,
        )
        await self._cancellable(deferLater(self._clock, delay))
        self._next_try = None

    async def _cancellable(self, step: Deferred[T]) -> T:
        self._step = step
        try:
            return await step
        finally:
            self._step = None
