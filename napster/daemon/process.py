"""The process a daemon runs in: its limits, its clock, its signals."""

import os
import resource
import signal
import time
from collections.abc import Callable
from typing import Any

Undo = Callable[[], None]


def raise_file_limit() -> int:
    """Allow as many open files as the hard limit does; returns that number."""
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    return hard


def use_monotonic_time(reactor: Any) -> None:
    """Let a reactor count in monotonic time, so that setting the clock disturbs no timer.

    To be called before anything is scheduled. An asyncio reactor counts so already.
    """
    reactor.seconds = time.monotonic


class Terminal:
    """The terminal a daemon in the foreground was started at, if any."""

    def __init__(self, file: int = 0) -> None:
        self._file = file
        self._was_there = os.isatty(file)

    def is_gone(self) -> bool:
        """Tell whether its window has been closed or its connection lost since."""
        return self._was_there and not os.isatty(self._file)


def on_signal(reactor: Any, number: int, action: Callable[[], object]) -> Undo:
    """Have the reactor call `action` at each such signal; returns what puts the old handler back.

    Works in the main thread only, as signals do.
    """
    previous = signal.signal(number, lambda *_: reactor.callFromThread(action))
    return lambda: (signal.signal(number, previous), None)[1]
