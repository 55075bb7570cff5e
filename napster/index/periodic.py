"""A service that does something again and again."""

from collections.abc import Awaitable, Callable

from twisted.application.service import Service
from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure


class Periodic(Service):
    """Calls `work`, waits `interval()` seconds after it has ended, and so on; 0 means not now.

    A failure is logged and does not end it. A stop gives up what is being done.
    """

    log = Logger()
    _IDLE = 60.0

    def __init__(
        self,
        clock: IReactorTime,
        interval: Callable[[], float],
        work: Callable[[], Awaitable[None]],
    ) -> None:
        self._clock = clock
        self._interval = interval
        self._work = work
        self._running: Deferred[None] | None = None

    def startService(self) -> None:
        """Begin with a pause."""
        super().startService()
        self._running = Deferred.fromCoroutine(self._run())
        self._running.addErrback(_forget_cancelled)

    def stopService(self) -> Deferred[None] | None:
        """End, in the middle of the work or of the pause."""
        super().stopService()
        running, self._running = self._running, None
        if running:
            running.cancel()
        return running

    async def _run(self) -> None:
        while True:
            interval = self._interval()
            await deferLater(self._clock, interval or self._IDLE)
            if interval:
                await Deferred.fromCoroutine(self._once()).addErrback(self._failed)

    async def _once(self) -> None:
        await self._work()

    def _failed(self, failure: Failure) -> None:
        failure.trap(Exception)
        if failure.check(CancelledError):
            failure.raiseException()
        self.log.failure("{work} failed", failure, work=self._work)


def _forget_cancelled(failure: Failure) -> None:
    failure.trap(CancelledError)
