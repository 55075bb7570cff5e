"""Noticing that the index is gone although the connection stands."""

from collections.abc import Callable

from twisted.internet.interfaces import IDelayedCall, IReactorTime

INTERVAL = 60.0
"""Every so many seconds the index is asked for something it always answers."""
PATIENCE = 30.0
"""How many seconds it may say nothing at all after that."""


class Liveness:
    """Ask the index now and then; give it up if it has nothing to say."""

    def __init__(
        self, clock: IReactorTime, ask: Callable[[], None], give_up: Callable[[], None]
    ) -> None:
        self._clock = clock
        self._ask = ask
        self._give_up = give_up
        self._has_heard = False
        self._timer: IDelayedCall | None = None

    def start(self) -> None:
        """Begin to watch."""
        self._timer = self._clock.callLater(INTERVAL, self._question)

    def stop(self) -> None:
        """End watching."""
        if self._timer is not None and self._timer.active():
            self._timer.cancel()

    def heard(self) -> None:
        """Take note that something came, whatever it is."""
        self._has_heard = True

    def _question(self) -> None:
        self._has_heard = False
        self._ask()
        self._timer = self._clock.callLater(PATIENCE, self._judge)

    def _judge(self) -> None:
        if self._has_heard:
            self._timer = self._clock.callLater(INTERVAL - PATIENCE, self._question)
        else:
            self._give_up()
