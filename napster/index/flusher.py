"""Sending in few pieces what many are told of."""

from typing import Protocol

from twisted.internet.defer import CancelledError, Deferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger
from twisted.python.failure import Failure

from napster.index.slices import in_slices

APART = 0.05
"""So many seconds lie between two rounds."""


class Recipient(Protocol):
    """Who has frames to send."""

    def flush(self) -> None:
        """Send them in one piece."""


class Flusher:
    """Has recipients send what was put for them: at once, unless that was done a moment ago.

    To send a frame costs more than to make it. So what many are told within a short while goes to
    each of them in one piece.
    """

    log = Logger()

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._waiting: dict[Recipient, None] = {}
        self._rounds: Deferred[None] | None = None
        """The rounds, of which the last was no longer than `APART` ago."""

    def add(self, recipient: Recipient) -> None:
        """Have a recipient send soon."""
        self._waiting[recipient] = None
        if self._rounds is None:
            self._rounds = Deferred.fromCoroutine(self._go_round())
            self._rounds.addBoth(self._rest)

    def stop(self) -> None:
        """Send nothing more."""
        if self._rounds is not None:
            self._rounds.cancel()

    async def _go_round(self) -> None:
        while self._waiting:
            some, self._waiting = self._waiting, {}
            await in_slices(self._clock, some, self._flush)
            await deferLater(self._clock, APART)

    def _flush(self, recipient: Recipient) -> None:
        try:
            recipient.flush()
        except Exception:  # noqa: BLE001  # logged; the others are to send all the same
            self.log.failure("{recipient}: sending failed", recipient=recipient)

    def _rest(self, stopped: Failure | None) -> None:
        if stopped is not None:
            stopped.trap(CancelledError)
        self._rounds = None
