"""Signs of life of one connection; what needs a session is in test_connection."""

import gc
import weakref

from twisted.internet.task import Clock

from napster.index.pulse import PROBE_TIMEOUT, Pulse
from tests.catalog.helpers import fired


class Connection:
    """Has a pulse that pings through it."""

    def __init__(self) -> None:
        self.pings = 0
        self.clock = Clock()
        self.pulse = Pulse(self.clock, self.ping)

    def ping(self) -> None:
        self.pings += 1


def test_after_the_end() -> None:
    """Whoever waits for a sign of life is told that none comes, and nobody is pinged any more."""
    connection = Connection()
    waiting = connection.pulse.probe()
    connection.pulse.stop()
    assert fired(waiting) is False
    again = connection.pulse.probe()
    connection.clock.advance(PROBE_TIMEOUT)
    assert fired(again) is False
    assert connection.pings == 1


def test_nothing_is_left_to_the_garbage_collector() -> None:
    """A connection that is over goes at once: thousands come and go on a large index."""
    connection = Connection()
    gone = weakref.ref(connection)
    gc.disable()
    try:
        connection.pulse.stop()
        del connection
        assert gone() is None
    finally:
        gc.enable()
