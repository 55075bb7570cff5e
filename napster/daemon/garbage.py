"""The garbage collector, kept from holding the reactor up.

A full collection looks at every object there is: the program itself, and all that a daemon keeps.
That takes tens of milliseconds. What is here at the start is never garbage, so it is left out of
the collector's sight. Of an index nothing that lives long ends as a cycle either: the catalog has
none, and a session is freed when its connection is gone. So there only what is young is looked at
by itself, and everything once at a reload, a moment that somebody chose. The collector would do
that by the number of objects made less those freed, which rises little while many users log in and
what they send comes and goes; looked at often, the young are never many.
"""

import gc
from itertools import cycle
from typing import Any

from twisted.application.service import Service
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

_NEVER = 1_000_000_000
"""So many collections of the middle generation would make a full one due."""
_PERIOD = 0.1
"""Every so many seconds the young are looked at, those that outlived a time every second time."""


class GarbageService(Service):
    """Has the collector leave alone what is here at the start, and whatever has grown old.

    With `full_collections` what has grown old since is looked through now and then as well.
    """

    name = "garbage"
    log = Logger()

    def __init__(self, clock: IReactorTime, *, full_collections: bool) -> None:
        self._full = full_collections
        self._before = gc.get_threshold()
        generations = cycle((0, 1))
        self._often = LoopingCall(lambda: gc.collect(next(generations)))
        self._often.clock = clock

    def startService(self) -> None:
        """Set the collector up; everything that stays must have been made by now."""
        super().startService()
        self._before = gc.get_threshold()
        gc.collect()
        gc.freeze()
        if not self._full:
            gc.set_threshold(*self._before[:2], _NEVER)
            self._often.start(_PERIOD, now=False)

    def reload(self, _settings: Any) -> None:
        """Look through all objects once."""
        self.log.debug("{number} objects were garbage", number=gc.collect())

    def stopService(self) -> None:
        """Leave the collector as it was."""
        super().stopService()
        if self._often.running:
            self._often.stop()
        gc.set_threshold(*self._before)
        gc.unfreeze()
