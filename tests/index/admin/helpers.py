"""Somebody at the machine of an index in memory."""

from pathlib import Path
from typing import Any

import attrs
from twisted.internet.defer import Deferred

from napster.daemon.codec import load
from napster.index.actors import Actor
from napster.index.admin.calls import Console
from napster.index.admin.table import CALLS
from tests.catalog.helpers import fired
from tests.index.harness import World


@attrs.frozen
class FakeBackups:
    """Says where a copy would be."""

    def make(self) -> Deferred[Path]:
        made: Deferred[Path] = Deferred()
        made.callback(Path("/state/backup.db"))
        return made


class Desk:
    """Asks an index in memory, as the admin socket does."""

    def __init__(self, world: World, live: Any = None) -> None:
        actor = Actor.console("root", "napster")
        backups: Any = FakeBackups()
        self.console = Console(world.hub, live, backups, actor)

    def ask(self, request: str, **asked: object) -> Any:
        """Ask for something; returns the answer, or raises what went wrong."""
        return fired(self.begin(request, **asked))

    def begin(self, request: str, **asked: object) -> Deferred[Any]:
        """Ask for something that takes a while."""
        call = CALLS[request]
        work: Any = call.run(self.console, load(call.asked, asked))
        return Deferred.fromCoroutine(work)
