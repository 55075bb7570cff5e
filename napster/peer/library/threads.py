"""Threads of the library's own: a disk that hangs must not take the reactor's pool with it."""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.interfaces import IReactorFromThreads
from twisted.internet.threads import deferToThreadPool
from twisted.python.threadpool import ThreadPool

P = ParamSpec("P")
T = TypeVar("T")


class Threads:
    """A pool of at most `number` threads, started when there is work."""

    def __init__(self, reactor: IReactorFromThreads, name: str, number: int) -> None:
        self._reactor = reactor
        self._pool = ThreadPool(0, number, name)
        self._busy: set[Deferred[None]] = set()

    def start(self) -> None:
        """Accept work."""
        self._pool.start()

    def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Deferred[T]:
        """Call `work` in a thread and fire with what it returns or raises."""
        # The typed interfaces of Twisted do not say that a reactor is all of them.
        reactor: Any = self._reactor
        done = deferToThreadPool(reactor, self._pool, work, *args, **kwargs)
        end: Deferred[None] = Deferred()
        self._busy.add(end)

        def finish(result: T) -> T:
            self._busy.discard(end)
            end.callback(None)
            return result

        return done.addBoth(finish)

    async def stop(self) -> None:
        """Wait until all work is done, and end the threads."""
        while self._busy:
            await DeferredList(list(self._busy))
        self._pool.stop()
