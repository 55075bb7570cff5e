"""Signals that ask the demo to stop: noted at once, acted on where it waits.

Nothing is ever cut short between starting a process and taking note of it.
"""

import signal
import time
from types import FrameType, TracebackType
from typing import Self

_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class InterruptedDemoError(Exception):
    """The demo was asked to stop, by the signal of this number."""

    def __init__(self, number: int) -> None:
        super().__init__(number)
        self.number = number


class Interruption:
    """Catches signals while it is entered."""

    def __init__(self) -> None:
        self._number = 0

    def __enter__(self) -> Self:
        """Catch signals from now on."""
        self._before = {each: signal.signal(each, self._note) for each in _SIGNALS}
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave signals to whoever had them before."""
        for number, handler in self._before.items():
            signal.signal(number, handler)

    def _note(self, number: int, _: FrameType | None) -> None:
        self._number = number

    def check(self) -> None:
        """Raise InterruptedDemoError if a signal came."""
        if self._number:
            raise InterruptedDemoError(self._number)

    def pause(self, seconds: float) -> None:
        """Wait a moment, unless a signal came."""
        self.check()
        time.sleep(seconds)
        self.check()
