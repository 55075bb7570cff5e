"""The garbage collector, kept from holding the reactor up.

A full collection looks at every object there is: the program itself, and all that a daemon keeps.
That takes tens of milliseconds. What is here at the start is never garbage, so it is left out of
the collector's sight. Of an index nothing that lives long ends as a cycle either: the catalog has
none, and a session is freed when its connection is gone. So there only what is young is looked at
by itself, and everything once at a reload, a moment that somebody chose.
"""

import gc
from typing import Any

from twisted.application.service import Service
from twisted.logger import Logger

_NEVER = 1_000_000_000
"""So many collections of the middle generation would make a full one due."""


class GarbageService(Service):
    """Has the collector leave alone what is here at the start, and whatever has grown old.

    With `full_collections` what has grown old since is looked through now and then as well.
    """

    name = "garbage"
    log = Logger()

    def __init__(self, *, full_collections: bool) -> None:
        self._full = full_collections
        self._before = gc.get_threshold()

    def startService(self) -> None:
        """Set the collector up; everything that stays must have been made by now."""
        super().startService()
        self._before = gc.get_threshold()
        gc.collect()
        gc.freeze()
        if not self._full:
            gc.set_threshold(*self._before[:2], _NEVER)

    def reload(self, _settings: Any) -> None:
        """Look through all objects once."""
        self.log.debug("{number} objects were garbage", number=gc.collect())

    def stopService(self) -> None:
        """Leave the collector as it was."""
        super().stopService()
        gc.set_threshold(*self._before)
        gc.unfreeze()
