"""What SIGHUP does: the log is reopened, the settings are read again and handed round."""

from collections.abc import Iterable
from typing import Any, Protocol, runtime_checkable

import attrs
from twisted.internet.defer import maybeDeferred
from twisted.logger import Logger

from napster.daemon.command import DaemonOptions
from napster.daemon.errors import DaemonError
from napster.daemon.logs import LogObserver
from napster.daemon.options import changed


@runtime_checkable
class Reloadable(Protocol):
    """A service that can change its settings while it runs."""

    def reload(self, settings: Any) -> object:
        """Apply settings of which only reloadable options have changed; may be a coroutine."""


class Reloader:
    """Keeps `options.settings` true; what needs a restart keeps its old value until then."""

    log = Logger()

    def __init__(self, options: DaemonOptions, observer: LogObserver | None) -> None:
        self._options = options
        self._observer = observer

    async def run(self, services: Iterable[object]) -> None:
        """Reload once; a file that is wrong is named, and the old settings stay."""
        try:
            if self._observer is not None:
                self._observer.file.reopen()
            new = self._options.reload()
        except DaemonError as error:
            self.log.error("{error}; the daemon goes on as before", error=error)
            return
        live = self._merge(new)
        await self._hand_round(services)
        self.log.info("reloaded; changed: {names}", names=", ".join(live) or "nothing")

    def _merge(self, new: Any) -> list[str]:
        live, later = changed(self._options.settings, new)
        for name in later:
            self.log.warn("{option} has changed and needs a restart", option=name)
        merged = {name: getattr(new, name) for name in live}
        self._options.settings = attrs.evolve(self._options.settings, **merged)
        return live

    async def _hand_round(self, services: Iterable[object]) -> None:
        settings = self._options.settings
        if self._observer is not None:
            self._observer.set_format(settings.log_format, settings.log_level)
        for service in services:
            if isinstance(service, Reloadable):
                await maybeDeferred(service.reload, settings)
