"""Noticing that the index is gone although the connection stands."""

from collections.abc import Callable

from twisted.internet.interfaces import IDelayedCall, IReactorTime

IDLE = 90.0
"""After this many seconds without a word from the index, it is asked for a sign of life."""
PATIENCE = 30.0
"""How many seconds it may take to give one."""


class Liveness:
    """Ask a silent index whether it is there; give it up if it does not answer."""

    def __init__(
        self, clock: IReactorTime, ask: Callable[[], None], give_up: Callable[[], None]
    ) -> None:
        self._clock = clock
        self._ask = ask
        self._give_up = give_up
        self._heard = clock.seconds()
        self._asked = False
        self._timer: IDelayedCall | None = None

    def start(self) -> None:
        """Begin to watch."""
        self.heard()
        self._look_again(IDLE)

    def stop(self) -> None:
        """End watching."""
        if self._timer is not None and self._timer.active():
            self._timer.cancel()

    def heard(self) -> None:
        """Take note that something came."""
        self._heard = self._clock.seconds()

    def answered(self) -> bool:
        """Take note of a 750, and tell whether it answers a question of this side."""
        asked, self._asked = self._asked, False
        return asked

    def _look_again(self, seconds: float) -> None:
        self._timer = self._clock.callLater(seconds, self._look)

    def _look(self) -> None:
        silent = self._clock.seconds() - self._heard
        if silent < IDLE:
            self._look_again(IDLE - silent)
        elif silent < IDLE + PATIENCE:
            self._asked = True
            self._ask()
            self._look_again(PATIENCE)
        else:
            self._give_up()
