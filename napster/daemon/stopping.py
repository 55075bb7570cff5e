"""Stopping services in turn, with an end to patience."""

import signal
from collections.abc import Iterable
from typing import Any, Self

from twisted.application.service import IService
from twisted.internet.defer import CancelledError, Deferred, maybeDeferred
from twisted.internet.defer import TimeoutError as TimedOut
from twisted.logger import Logger

from napster.daemon.process import Undo, on_signal

_LEAST_SECONDS = 1.0
"""What a service gets to close in even when patience has run out."""


class OrderlyStop:
    """One stop of several services, each after the one before it has stopped.

    A context manager: within it, SIGTERM and SIGINT mean that it should be quick.

    A service that takes too long has its Deferred cancelled, and so has the one that is being
    waited for when a second SIGTERM or SIGINT comes: whoever asks twice wants it now.
    """

    log = Logger()

    def __init__(self, reactor: Any, patience: float) -> None:
        self._reactor = reactor
        self._deadline = reactor.seconds() + patience
        self._waiting: Deferred[Any] | None = None
        self._undo: list[Undo] = []

    def __enter__(self) -> Self:
        """Take the signals."""
        self._undo = [on_signal(self._reactor, each, self._hurry) for each in _ENDING]
        return self

    def __exit__(self, *_: object) -> None:
        """Give the signals back."""
        for each in self._undo:
            each()

    async def run(self, services: Iterable[IService]) -> None:
        """Stop the services in the order given; a failure is logged and the next one stopped."""
        for service in services:
            await self._stop(service)

    async def _stop(self, service: IService) -> None:
        left = max(_LEAST_SECONDS, self._deadline - self._reactor.seconds())
        self._waiting = maybeDeferred(service.stopService)
        self._waiting.addTimeout(left, self._reactor)
        try:
            await self._waiting
        except (CancelledError, TimedOut):
            self.log.warn("{service} was still at work and is cut off", service=_name(service))
        except Exception:  # noqa: BLE001  # logged, and the others must still be stopped
            self.log.failure("{service} did not stop well", service=_name(service))

    def _hurry(self) -> None:
        self._deadline = self._reactor.seconds()
        if self._waiting is not None:
            self._waiting.cancel()


_ENDING = (signal.SIGTERM, signal.SIGINT)


def _name(service: IService) -> str:
    return service.name or type(service).__name__
