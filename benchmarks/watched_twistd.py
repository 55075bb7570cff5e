"""`twistd` with a reactor that tells what has held it up longest; run by load_server.py.

    python benchmarks/watched_twistd.py FILE ARGUMENT ...

Each read, write and delayed call is timed in CPU time of the thread, garbage collections that fall
into it included. FILE holds the longest so far, as read by `load_server.Held`.
"""

import mmap
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from load_server import HELD
from twisted.internet.epollreactor import EPollReactor
from twisted.internet.main import installReactor
from twisted.scripts.twistd import run


class WatchedReactor(EPollReactor):
    """Times whatever it calls."""

    def __init__(self, held: mmap.mmap) -> None:
        super().__init__()
        self._held = held

    def _time(self, what: object, call: Callable[..., Any], *args: Any, **options: Any) -> None:
        begun = time.thread_time()
        call(*args, **options)
        took = time.thread_time() - begun
        if took > HELD.unpack_from(self._held)[0]:
            HELD.pack_into(self._held, 0, took, f"{what}".encode())

    def _doReadOrWrite(self, selectable: Any, fd: int, event: int) -> None:  # noqa: N802  # Twisted
        what = "write" if event & self._POLL_OUT else "read"
        self._time(what, super()._doReadOrWrite, selectable, fd, event)

    def callLater(self, delay: float, call: Callable[..., Any], *args: Any, **options: Any) -> Any:  # noqa: N802  # Twisted
        """Run a call later, timed."""
        what = getattr(call, "__qualname__", call)
        return super().callLater(delay, self._time, what, call, *args, **options)


def main() -> None:
    """Be twistd."""
    path = Path(sys.argv.pop(1))
    with path.open("r+b") as file, mmap.mmap(file.fileno(), HELD.size) as held:
        installReactor(WatchedReactor(held))
        run()


if __name__ == "__main__":
    main()
