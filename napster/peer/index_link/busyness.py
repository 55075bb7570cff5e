"""Telling the index now and then how busy this peer's uploads are."""

from collections.abc import Callable
from typing import Final

from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall

from napster.wire.extension import UploadState
from napster.wire.messages import Message

INTERVAL: Final = 5.0
"""Every so many seconds it is looked whether there is something new to tell."""


class Busyness:
    """Tells it at once, and again whenever it has changed."""

    def __init__(
        self,
        clock: IReactorTime,
        state: Callable[[], UploadState],
        send: Callable[[Message], None],
    ) -> None:
        self._state = state
        self._send = send
        self._told: UploadState | None = None
        self._looking = LoopingCall(self._look)
        self._looking.clock = clock

    def start(self) -> None:
        """Begin."""
        self._looking.start(INTERVAL)

    def stop(self) -> None:
        """End."""
        if self._looking.running:
            self._looking.stop()

    def _look(self) -> None:
        state = self._state()
        if state != self._told:
            self._told = state
            self._send(state)
