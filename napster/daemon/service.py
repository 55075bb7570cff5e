"""The root of a daemon's services: takes what it needs, starts in order, stops in turn."""

import os
import signal
import sys
from collections.abc import Callable
from typing import Any

from twisted.application.service import IService, MultiService, Service
from twisted.internet.defer import CancelledError, Deferred, maybeDeferred
from twisted.internet.error import CannotListenError
from twisted.logger import ILogObserver, Logger
from twisted.python.components import Componentized
from twisted.python.failure import Failure

from napster.daemon import process
from napster.daemon.command import DaemonOptions
from napster.daemon.errors import DaemonError
from napster.daemon.listening import Listener, ListenError
from napster.daemon.logs import LogObserver
from napster.daemon.notify import Notifier
from napster.daemon.reloading import Reloader
from napster.daemon.stopping import OrderlyStop
from napster.daemon.turns import Turns


class DaemonService(MultiService):
    """The service that `makeService` returns; its children are the daemon's parts.

    Before twistd forks, it takes all ports and then the state folder, so that whatever stands in
    the way is said at the terminal and leaves nothing behind. Then it starts its children one
    after another, waiting for each one's Deferred or coroutine, and stops them in reverse: put
    what others need first and listeners last. A child that fails to start ends the daemon with
    one sentence and exit status 1. SIGHUP reopens the log and reloads the settings.
    """

    log = Logger()

    def __init__(
        self,
        reactor: Any,
        options: DaemonOptions,
        *,
        status_line: Callable[[], str] = str,
        patience: float = 60.0,
    ) -> None:
        """Take the daemon's options and what `systemctl status` is to show.

        After `patience` seconds a stop waits no longer for children that are still at work.
        """
        super().__init__()
        self.setName(f"napster-{options.name}")
        self.ready = False
        self._reactor = reactor
        self._options = options
        self._patience = patience
        self._prepared = False
        self._begun: list[IService] = []
        self._starting: Deferred[None] | None = None
        self._undo_hangup: process.Undo | None = None
        self._notifier = Notifier(reactor, os.environ, status_line)
        self._reloader = Reloader(options, None)
        self._one_reload = Turns()
        self._terminal = process.Terminal()

    def setServiceParent(self, parent: Any) -> None:
        """Join the application, with the last words that the terminal can hear.

        twistd does this right after `makeService`, before it opens its log and forks.
        """
        super().setServiceParent(parent)
        if not isinstance(parent, Componentized):
            return
        try:
            process.raise_file_limit()
            self._prepare()
            self._open_log(parent)
        except DaemonError as error:
            self._options.state.take_back()
            sys.exit(f"{self.name}: {error}")

    def privilegedStartService(self) -> None:
        """Take the ports and the state folder, if that has not been done; raises DaemonError."""
        if not self._prepared:
            self._prepare()

    def startService(self) -> Deferred[None]:
        """Start the children one after another; fires when the daemon is ready."""
        # Not MultiService's, which starts all children at once.
        Service.startService(self)
        self._undo_hangup = process.on_signal(self._reactor, signal.SIGHUP, self._hang_up)
        self._starting = Deferred.fromCoroutine(self._start())
        self._starting.addErrback(_forget_cancelled)
        if self._options.twistd:
            self._options.twistd.hold_status()
            self._starting.addCallbacks(self._report, self._give_up)
        return self._starting

    def stopService(self) -> Deferred[None]:
        """Stop the children one after another, last started first; fires when all have."""
        Service.stopService(self)
        return Deferred.fromCoroutine(self._stop())

    def reload(self) -> Deferred[None]:
        """Reopen the log, read the settings again and hand them to the children."""
        done = self._one_reload.run(lambda: Deferred.fromCoroutine(self._reload()))
        return done.addErrback(lambda failure: self.log.failure("cannot reload", failure))

    def _hang_up(self) -> None:
        """Heed SIGHUP: with a terminal that has been closed it means what it says."""
        if not self.running:
            return
        if self._terminal.is_gone():
            self.log.info("the terminal is gone")
            self._reactor.stop()
        else:
            self.reload()

    def _prepare(self) -> None:
        try:
            super().privilegedStartService()
            self._options.state.create()
            self._options.state.lock()
        except CannotListenError as error:
            raise ListenError(str(error)) from error
        self._prepared = True

    def _open_log(self, application: Componentized) -> None:
        twistd, settings = self._options.twistd, self._options.settings
        if twistd is None:
            return
        twistd.refuse_threads()
        twistd.keep_terminal()
        twistd.use_pidfile(self._options.state.path / "twistd.pid")
        file = twistd.open_log(self._options.name, self._options.state.path)
        if file is not None:
            observer = LogObserver(file, settings.log_format, settings.log_level)
            application.setComponent(ILogObserver, observer)
            self._reloader = Reloader(self._options, observer)

    async def _start(self) -> None:
        self._options.state.lock()
        for child in self:
            self._begun.append(child)
            await maybeDeferred(child.startService)
        self.ready = True
        self._notifier.ready()
        self.log.info("{name} is ready", name=self.name)

    def _report(self, _: None) -> None:
        # Stopped while it started, it has nothing good to report.
        if self._options.twistd and self.ready:
            self._options.twistd.report(None)

    def _give_up(self, failure: Failure) -> None:
        if failure.check(DaemonError, OSError):
            reason = failure.getErrorMessage()
            self.log.critical("cannot start: {reason}", reason=reason)
        else:
            reason = f"a defect of the program: {failure.value!r}; the log says where"
            self.log.failure("cannot start", failure)
        if self._options.twistd:
            self._options.twistd.report(f"{self.name}: {reason}")
        self._reactor.callWhenRunning(self._reactor.stop)

    async def _stop(self) -> None:
        self.ready = False
        with OrderlyStop(self._reactor, self._patience) as stop:
            self._notifier.stopping()
            if self._starting:
                self._starting.cancel()
            held = [each for each in self if each in self._begun or isinstance(each, Listener)]
            await stop.run(reversed(held))
        self._begun.clear()
        if self._undo_hangup:
            self._undo_hangup()
        self._options.state.unlock()
        self._prepared = False

    async def _reload(self) -> None:
        self._notifier.reloading()
        await self._reloader.run(list(self))
        if self.ready:
            self._notifier.ready()


def _forget_cancelled(failure: Failure) -> None:
    failure.trap(CancelledError)
