"""The garbage collector, kept from holding the reactor up.

A full collection looks at every object there is: with a million files and thousands of users that
takes tens of milliseconds, and finds nothing, for nothing that lives long here ends as a cycle: the
catalog has none, and a session is freed when its connection is gone. So only what is young is
looked at by itself, and everything once at a reload, a moment that somebody chose.
"""

import gc

from twisted.application.service import Service
from twisted.logger import Logger

from napster.index.config import Settings

_NEVER = 1_000_000_000
"""So many collections of the middle generation would make a full one due."""


class GarbageService(Service):
    """Has the collector leave alone what is here at the start, and whatever has grown old."""

    name = "garbage"
    log = Logger()

    def __init__(self) -> None:
        self._before = gc.get_threshold()

    def startService(self) -> None:
        """Set the collector up; everything that stays must have been made by now."""
        super().startService()
        self._before = gc.get_threshold()
        gc.collect()
        gc.freeze()
        gc.set_threshold(*self._before[:2], _NEVER)

    def reload(self, _settings: Settings) -> None:
        """Look through all objects once."""
        self.log.debug("{number} objects were garbage", number=gc.collect())

    def stopService(self) -> None:
        """Leave the collector as it was."""
        super().stopService()
        gc.set_threshold(*self._before)
        gc.unfreeze()
