"""`twistd napster-index`: its options, and the services made from them."""

from collections.abc import Iterator
from typing import Any

from twisted.application.service import IService

from napster.daemon.checks import Problem
from napster.daemon.command import DaemonOptions
from napster.daemon.process import use_monotonic_time
from napster.daemon.service import DaemonService
from napster.index.admin.live import LiveSettings
from napster.index.config import Settings
from napster.index.motd import MotdError, read_motd
from napster.index.service import Index


class Options(DaemonOptions):
    """The command line of the index daemon."""

    name = "index"
    settings_class = Settings
    longdesc = "An index of files that peers share: they register, search and find each other here."

    def checks(self, settings: Settings) -> Iterator[Problem]:
        """Check that the message of the day can be read."""
        try:
            read_motd(settings)
        except MotdError as error:
            yield Problem("motd_file", str(error))


def makeService(options: Options, reactor: Any = None) -> IService:
    """Make the daemon; the only place that takes the global reactor."""
    if reactor is None:
        from twisted.internet import reactor  # noqa: PLC0415  # choosing one must come first

        use_monotonic_time(reactor)
    index = Index(reactor, options.settings, options.state.path)
    daemon = DaemonService(reactor, options, status_line=index.status_line)
    for service in index.services(LiveSettings(options, daemon.reload)):
        service.setServiceParent(daemon)
    return daemon
