"""One run of the program for a finished download: its output, its end, its time."""

import contextlib
from collections.abc import Callable
from typing import Final

from twisted.internet.defer import Deferred
from twisted.internet.error import ProcessDone, ProcessExitedAlready, ProcessTerminated
from twisted.internet.interfaces import IDelayedCall, IProcessTransport, IReactorTime
from twisted.internet.protocol import ProcessProtocol
from twisted.logger import Logger
from twisted.python.failure import Failure

GRACE: Final = 5.0
"""How many seconds a program may take to end when the daemon does."""
LINGER: Final = 1.0
"""How many seconds the output is read on after the end: others may have it, too."""
MOST_LINES: Final = 100
LONGEST_LINE: Final = 1000
"""How many lines of a program, of how many bytes each, are logged."""


class HookRun(ProcessProtocol):
    """Logs what a program says and how it ends. `ended` fires then, however it went."""

    log = Logger()
    transport: IProcessTransport

    def __init__(self, clock: IReactorTime, name: str, timeout: float) -> None:
        """Kill the program after `timeout` seconds."""
        self._clock = clock
        self._name = name
        self._timeout = timeout
        self._timer: IDelayedCall | None = None
        self._out, self._err = _Lines(self._say), _Lines(self._say)
        self._said = 0
        self._killed = False
        self.ended: Deferred[None] = Deferred()

    def connectionMade(self) -> None:
        """Give it nothing to read, and so much time."""
        self.transport.closeChildFD(0)
        self._wait(self._timeout, self._kill)

    def outReceived(self, data: bytes) -> None:
        """Log what it says."""
        self._out.feed(data)

    def errReceived(self, data: bytes) -> None:
        """Log what it complains of."""
        self._err.feed(data)

    def end(self) -> Deferred[None]:
        """Ask it to end, and kill it if it does not; fires when it has ended."""
        self._signal("TERM")
        self._wait(GRACE, self._kill)
        done: Deferred[None] = Deferred()
        self.ended.addCallback(done.callback)
        return done

    def processExited(self, reason: Failure) -> None:  # noqa: ARG002  # given by Twisted
        """Leave what it has said a moment to be read."""
        self._wait(LINGER, self.transport.loseConnection)

    def processEnded(self, reason: Failure) -> None:
        """Say how it went."""
        self._forget_timer()
        self._out.end()
        self._err.end()
        more = self._said - MOST_LINES
        if more > 0:
            self.log.info("{name}: {more} more lines are left out", name=self._name, more=more)
        if self._killed:
            self.log.warn("{name}: did not end in time and was killed", name=self._name)
        elif reason.check(ProcessDone):
            self.log.info("{name}: ended well", name=self._name)
        else:
            self.log.warn("{name}: {how}", name=self._name, how=_how(reason))
        self.ended.callback(None)

    def _say(self, line: bytes) -> None:
        self._said += 1
        if self._said <= MOST_LINES:
            text = line.decode("utf-8", "backslashreplace")
            self.log.info("{name}: {text}", name=self._name, text=text)

    def _kill(self) -> None:
        self._killed = True
        self._signal("KILL")

    def _signal(self, name: str) -> None:
        with contextlib.suppress(ProcessExitedAlready):
            self.transport.signalProcess(name)

    def _wait(self, seconds: float, then: Callable[[], object]) -> None:
        self._forget_timer()
        self._timer = self._clock.callLater(seconds, then)

    def _forget_timer(self) -> None:
        if self._timer is not None and self._timer.active():
            self._timer.cancel()


class _Lines:
    """Cuts what comes into lines of limited length."""

    def __init__(self, say: Callable[[bytes], None]) -> None:
        self._say = say
        self._rest = b""

    def feed(self, data: bytes) -> None:
        """Take some bytes."""
        *lines, self._rest = (self._rest + data).split(b"\n")
        for line in lines:
            self._say(line[:LONGEST_LINE])
        self._rest = self._rest[: LONGEST_LINE + 1]

    def end(self) -> None:
        """Take what comes last for a line."""
        if self._rest:
            self.feed(b"\n")


def _how(reason: Failure) -> str:
    ended = reason.value
    if isinstance(ended, ProcessTerminated) and ended.signal is not None:
        return f"was ended by signal {ended.signal}"
    return f"failed with status {getattr(ended, 'exitCode', None)}"
