"""One after another, or a few at a time, however many wait."""

from typing import Self

from twisted.internet.defer import Deferred, DeferredSemaphore


class Turns(DeferredSemaphore):
    """Lets some at a time have their turn, the others in the order in which they came.

    Twisted's own semaphores and locks let the next one begin within `release`. If a hundred of
    those who wait need no time, that is a recursion too deep for Python, and a turn is lost for
    ever. Here the next one begins when the one before has returned from it.
    """

    def __init__(self, at_once: int = 1) -> None:
        """Let so many at a time have their turn; one is a lock."""
        super().__init__(at_once)
        self._is_handing_out = False

    @property
    def locked(self) -> bool:
        """Whether whoever comes now has to wait."""
        return not self.tokens or bool(self.waiting)

    def acquire(self) -> Deferred[Self]:
        """Wait for a turn; fires when it has come. To cancel it is to wait no longer."""
        turn: Deferred[Self] = Deferred(self.waiting.remove)
        self.waiting.append(turn)
        self._hand_out()
        return turn

    def release(self) -> None:
        """End a turn."""
        self.tokens += 1
        self._hand_out()

    def _hand_out(self: Self) -> None:
        if self._is_handing_out:
            return
        self._is_handing_out = True
        while self.tokens and self.waiting:
            self.tokens -= 1
            self.waiting.pop(0).callback(self)
        self._is_handing_out = False
