"""Work that nobody waits for: its failures are logged, and its owner can wait for its end."""

from collections.abc import Coroutine
from typing import Any

from twisted.internet.defer import Deferred, DeferredList
from twisted.logger import Logger


class Tasks:
    """The coroutines started by one owner."""

    log = Logger()

    def __init__(self) -> None:
        self._running: set[Deferred[None]] = set()

    def start(self, work: Coroutine[Deferred[Any], Any, None]) -> Deferred[None]:
        """Run a coroutine; fires when it has ended, well or not."""
        end: Deferred[None] = Deferred()
        self._running.add(end)

        def finish(_: None) -> None:
            self._running.discard(end)
            end.callback(None)

        task = Deferred.fromCoroutine(work)
        task.addErrback(lambda failure: self.log.failure("A piece of work failed", failure))
        task.addCallback(finish)
        return end

    async def finish(self) -> None:
        """Wait until nothing is left to do."""
        while self._running:
            await DeferredList(list(self._running))
