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

    def start(self, work: Coroutine[Deferred[Any], Any, None]) -> None:
        """Run a coroutine."""
        task = Deferred.fromCoroutine(work)
        self._running.add(task)
        task.addErrback(lambda failure: self.log.failure("A piece of work failed", failure))
        task.addBoth(lambda _: self._running.discard(task))

    async def finish(self) -> None:
        """Wait until nothing is left to do."""
        while self._running:
            # Not the tasks themselves: a Deferred has but one result to hand on.
            await DeferredList([_end_of(task) for task in self._running])


def _end_of(task: Deferred[None]) -> Deferred[None]:
    end: Deferred[None] = Deferred()
    task.addCallback(end.callback)
    return end
