"""What twistd does by default and a daemon must do otherwise.

twistd keeps its pid and log files in the folder it was started in, so that two daemons collide;
takes any process with the number in an old pid file for the daemon; gives a daemon in the
background a umask that makes downloads private; says that the start has succeeded before anything
asynchronous has started; and ends with status 0 after a start that failed.
"""

import atexit
import contextlib
import os
import sys
import threading
from collections.abc import MutableMapping
from pathlib import Path
from typing import Any

from napster.daemon import places
from napster.daemon.errors import DaemonError
from napster.daemon.logfile import LogFile

Config = MutableMapping[str, Any]
"""twistd's own options: the `parent` of a daemon's options."""

_STDERR = 2
_DEFAULT_PIDFILE = "twistd.pid"


class TwistdError(DaemonError):
    """An option of twistd's that a daemon cannot work with."""


class Twistd:
    """The twistd that starts a daemon, by its options."""

    def __init__(self, config: Config) -> None:
        """Correct the defaults; raises TwistdError."""
        for name in ("uid", "gid", "chroot"):
            if config[name] is not None:
                raise TwistdError(
                    f"--{name} comes too late for a daemon's files; start twistd as that user, "
                    "or by systemd with User="
                )
        if config["logfile"] == "-" and self._in_background(config):
            raise TwistdError("a daemon in the background cannot log to -; add -n or name a file")
        self._config = config
        self._status_pipe: int | None = None
        self._terminal: int | None = _STDERR
        self._own_pidfile = config["pidfile"] == _DEFAULT_PIDFILE
        if self._own_pidfile:
            # The state folder's lock knows better than twistd whether a daemon is running.
            config["pidfile"] = ""
        if config["umask"] is None:
            config["umask"] = _umask()

    @staticmethod
    def _in_background(config: Config) -> bool:
        return not (config["nodaemon"] or config["debug"])

    def open_log(self, name: str, state: Path) -> LogFile | None:
        """Open the log twistd is to use; None if it was told of another kind of log.

        Raises LogFileError.
        """
        if self._config["logger"] or self._config["syslog"]:
            return None
        given = self._config["logfile"]
        if given:
            return LogFile(None if given == "-" else Path(given).absolute())
        wanted = places.log_file(name, os.environ)
        if wanted is None and self._in_background(self._config):
            wanted = places.background_log_file(name, state)
        return LogFile(wanted)

    def refuse_threads(self) -> None:
        """Raise RuntimeError for a thread that would not be there after the fork."""
        if self._in_background(self._config) and threading.active_count() > 1:
            names = ", ".join(each.name for each in threading.enumerate())
            raise RuntimeError(f"threads have been started before the fork: {names}")

    def keep_terminal(self) -> None:
        """Keep standard error for `report`, to be called before the fork, which takes it away."""
        if self._in_background(self._config):
            try:
                self._terminal = os.dup(_STDERR)
            except OSError:
                self._terminal = None

    def use_pidfile(self, path: Path) -> None:
        """Have twistd write its pid file there, unless it was told of another one."""
        if self._own_pidfile:
            self._config["pidfile"] = str(path)

    def hold_status(self) -> None:
        """Keep the process that was started at the terminal waiting for `report`.

        To be called after the fork. twistd would send it home as soon as `startService` returns.
        """
        self._status_pipe = self._config.pop("statusPipe", None)

    def report(self, error: str | None) -> None:
        """Tell the process at the terminal that the daemon is ready, or why it is not."""
        if error is not None:
            exit_with_failure()
            self._say(error)
        if self._terminal not in {None, _STDERR}:
            # Whoever reads standard error to its end waits for this.
            os.close(self._terminal)
            self._terminal = None
        if self._status_pipe is not None:
            # twistd reads at most 100 bytes, "0" or "1 " and a text that it shows as bytes.
            os.write(self._status_pipe, b"0" if error is None else b"1 it is told above")
            os.close(self._status_pipe)
            self._status_pipe = None

    def _say(self, error: str) -> None:
        if self._terminal is not None:
            # Nobody may be there to hear it; it is in the log as well.
            with contextlib.suppress(OSError):
                os.write(self._terminal, f"{error}\n".encode("utf-8", "replace"))


def exit_with_failure() -> None:
    """Have the process end with status 1 once the reactor has stopped.

    twistd catches whatever the reactor raises and returns as if nothing had happened.
    """

    def leave() -> None:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(1)

    atexit.register(leave)


def _umask() -> int:
    current = os.umask(0o077)
    os.umask(current)
    return current
