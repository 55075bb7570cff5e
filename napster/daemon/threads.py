"""Threads for work that blocks: a disk that hangs must not take the reactor's own with it."""

from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from twisted.internet.defer import Deferred, DeferredList
from twisted.internet.interfaces import IReactorFromThreads
from twisted.python.failure import Failure

P = ParamSpec("P")
T = TypeVar("T")


class Threads:
    """At most `number` threads, begun when there is work. What waits is begun in the order asked.

    Of the standard library's, since each call of Twisted's leaves a cycle behind, which only a full
    garbage collection frees.
    """

    def __init__(self, reactor: IReactorFromThreads, name: str, number: int) -> None:
        self._reactor = reactor
        self._executor = ThreadPoolExecutor(number, name)
        self._busy: set[Deferred[None]] = set()

    def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Deferred[T]:
        """Call `work` in a thread and fire with what it returns or raises."""
        done = Deferred[T]()
        end = Deferred[None]()
        self._busy.add(end)

        def tell(future: Future[T]) -> None:
            self._reactor.callFromThread(finish, future)

        def finish(future: Future[T]) -> None:
            self._busy.discard(end)
            error = future.exception()
            if error is None:
                done.callback(future.result())
            else:
                done.errback(Failure(error))
            end.callback(None)

        self._executor.submit(work, *args, **kwargs).add_done_callback(tell)
        return done

    async def stop(self) -> None:
        """Wait until all work is done, and end the threads."""
        while self._busy:
            await DeferredList(list(self._busy))
        self._executor.shutdown()
