"""Run a command that asks a peer, in Twisted's reactor."""

import os
import signal
from argparse import Namespace
from types import FrameType
from typing import Any

from twisted.internet.defer import Deferred
from twisted.logger import ILogObserver, LogEvent, globalLogBeginner
from twisted.python.failure import Failure
from zope.interface import implementer

from napster.cli.command import PeerCommand, Session
from napster.cli.connect import open_peer
from napster.cli.pages import PageStore, page_folder
from napster.cli.screen import Screen
from napster.cli.terminal import terminal_key
from napster.daemon.process import use_monotonic_time

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


def run(command: PeerCommand, options: Namespace, screen: Screen) -> int:
    """Run a command to its end; returns the exit status, or raises what it raised.

    Ctrl-C cancels it, so that it can clean up; a second one ends the program at once.
    """
    from twisted.internet import reactor  # noqa: PLC0415  # installs itself

    use_monotonic_time(reactor)
    pages = PageStore(page_folder(os.environ), terminal_key())
    command.prepare(options, pages)
    globalLogBeginner.beginLoggingTo([_LastWords(screen)], redirectStandardIO=False)
    return _Run(reactor, screen, pages).to_the_end(command, options)


class _Run:
    """One run of the reactor for one command."""

    def __init__(self, reactor: Any, screen: Screen, pages: PageStore) -> None:
        self._reactor = reactor
        self._screen = screen
        self._pages = pages
        self._work: Deferred[int] | None = None
        self._result: int | Failure = 0
        self._signal = 0
        self._farewell = "Interrupted."

    def to_the_end(self, command: PeerCommand, options: Namespace) -> int:
        for number in _SIGNALS:
            signal.signal(number, self._interrupted)
        self._reactor.callWhenRunning(self._begin, command, options)
        self._reactor.run(installSignalHandlers=False)
        if self._signal:
            self._screen.error(self._farewell)
            return 128 + self._signal
        if isinstance(self._result, Failure):
            self._result.raiseException()
        return self._result

    def _begin(self, command: PeerCommand, options: Namespace) -> None:
        self._work = Deferred.fromCoroutine(self._carry_out(command, options))
        self._work.addBoth(self._ended)

    async def _carry_out(self, command: PeerCommand, options: Namespace) -> int:
        async with open_peer(self._reactor, options) as peer:
            session = Session(options, peer, self._screen, self._pages, self._reactor)
            try:
                return await command.run(session)
            finally:
                self._farewell = session.farewell

    def _interrupted(self, number: int, _: FrameType | None) -> None:
        for each in _SIGNALS:
            signal.signal(each, signal.SIG_DFL)
        self._signal = number
        self._reactor.callFromThread(self._cancel)

    def _cancel(self) -> None:
        if self._work is not None:
            self._work.cancel()

    def _ended(self, result: Any) -> None:
        self._result = result
        self._reactor.stop()


@implementer(ILogObserver)
class _LastWords:
    """A log observer that says in one line what went wrong where nobody was waiting for it."""

    def __init__(self, screen: Screen) -> None:
        self._screen = screen

    def __call__(self, event: LogEvent) -> None:
        failure = event.get("log_failure")
        if failure is not None:
            self._screen.error(f"A defect of this program: {failure.getErrorMessage()}")
