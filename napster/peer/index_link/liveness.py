"""Noticing that the index is gone although the connection stands."""

from collections.abc import Callable

from twisted.internet.interfaces import IDelayedCall, IReactorTime

INTERVAL = 60.0
"""Every so many seconds the index is asked for something it always answers."""
PATIENCE = 150.0
"""How many seconds it may say nothing at all: an old one is busy with a large library so long."""


class Liveness:
    """Ask the index now and then; give it up if it has nothing to say."""

    def __init__(
        self, clock: IReactorTime, ask: Callable[[], None], give_up: Callable[[], None]
    ) -> None:
        self._clock = clock
        self._ask = ask
        self._give_up = give_up
        self._heard_at = clock.seconds()
        self._timer: IDelayedCall | None = None

    def start(self) -> None:
        """Begin to watch."""
        self.heard()
        self._timer = self._clock.callLater(INTERVAL, self._look)

    def stop(self) -> None:
        """End watching."""
        if self._timer is not None and self._timer.active():
            self._timer.cancel()

    def heard(self) -> None:
        """Take note of a sign of life, whatever it is."""
        self._heard_at = self._clock.seconds()

    def _look(self) -> None:
        if self._clock.seconds() - self._heard_at > PATIENCE:
            self._give_up()
            return
        self._ask()
        self._timer = self._clock.callLater(INTERVAL, self._look)
