"""Work that is done to its end, whoever began it being there or not."""

from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

from twisted.internet.defer import Deferred
from twisted.logger import Logger
from twisted.python.failure import Failure

from napster.daemon.errors import DaemonError
from napster.index.commands import CommandError

log = Logger()

P = ParamSpec("P")
T = TypeVar("T")


def to_the_end(
    run: Callable[P, Coroutine[Deferred[Any], Any, T]],
) -> Callable[P, Deferred[T]]:
    """Make a coroutine function go on to its end though whoever awaits it is cancelled.

    Its errors come to whoever awaits it; if nobody does any longer, they are logged.
    """

    @wraps(run)
    def begin(*args: P.args, **kwargs: P.kwargs) -> Deferred[T]:
        done: Deferred[T] = Deferred()  # cancelled alone; then it ignores the result that comes

        def fail(failure: Failure) -> None:
            if done.called:
                _log_failure(run.__name__, failure)
            else:
                done.errback(failure)

        Deferred.fromCoroutine(run(*args, **kwargs)).addCallbacks(done.callback, fail)
        return done

    return begin


def _log_failure(name: str, failure: Failure) -> None:
    if failure.check(CommandError):
        log.info("{name} came to nothing: {error}", name=name, error=failure.value)
    elif failure.check(DaemonError):
        log.error("{name} failed: {error}", name=name, error=failure.value)
    else:
        log.failure("{name} failed", failure, name=name)
