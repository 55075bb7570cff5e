"""A program of the user's that is run for each finished download.

Never through a shell: the words are those of the options, and what is known of the file stands in
the environment, where no name can be taken for a command. Of the daemon's own environment it gets
only what programs commonly need, so no secret is handed on.
"""

import os
import shutil
from collections.abc import Mapping, Sequence
from typing import Any, Final

from twisted.internet.defer import Deferred, DeferredList
from twisted.logger import Logger

from napster.daemon.turns import Turns
from napster.peer.downloads.download import Download
from napster.peer.downloads.hook_run import HookRun

AT_ONCE: Final = 2
"""How many may run at the same time; others wait."""
HANDED_ON: Final = frozenset(
    {
        *("PATH", "HOME", "USER", "LOGNAME", "SHELL", "TMPDIR", "TZ"),
        *("LANG", "LC_ALL", "LC_CTYPE", "LC_MESSAGES", "LC_TIME"),
        *("XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "DISPLAY", "WAYLAND_DISPLAY"),
    }
)
"""What a program gets of the daemon's own environment: enough to find its files and the desktop."""


def facts_of(download: Download) -> dict[str, str]:
    """Tell what is known of a finished download, as variables of an environment."""
    status, record = download.status(), download.record
    folder, name = os.path.split(status.saved)
    return {
        "NAPSTER_ID": str(status.id),
        "NAPSTER_FILE": status.saved,
        "NAPSTER_NAME": name,
        "NAPSTER_FOLDER": folder,
        "NAPSTER_SIZE": str(status.size),
        "NAPSTER_NICK": ", ".join(download.givers) or status.source,
        "NAPSTER_VERIFIED": status.verified,
        "NAPSTER_MD5": record.md5,
        "NAPSTER_CONTENT_ID": record.content,
    }


class Hook:
    """Runs the program, some at a time. `reactor` starts programs and tells the time."""

    log = Logger()

    def __init__(self, reactor: Any, environ: Mapping[str, str] = os.environ) -> None:
        self._reactor = reactor
        self._environ = {name: environ[name] for name in HANDED_ON & environ.keys()}
        self._slots = Turns(AT_ONCE)
        self._running: set[HookRun] = set()
        self._stopped = False
        self._words: Sequence[str] = ()
        self._timeout = 0.0

    def set(self, words: Sequence[str], timeout: float) -> None:
        """Run this program with its words from now on, if any; kill it after so many seconds."""
        self._words, self._timeout = words, timeout

    def run(self, facts: Mapping[str, str]) -> None:
        """Run the program with facts in its environment, when its turn comes."""
        if self._words:
            self._slots.run(self._start, facts)

    async def stop(self) -> None:
        """End what runs, and begin no more."""
        self._stopped = True
        await DeferredList([run.end() for run in self._running])

    def _start(self, facts: Mapping[str, str]) -> Deferred[None] | None:
        words, environ = list(self._words), {**self._environ, **facts}
        if self._stopped or not words:
            return None
        program = shutil.which(words[0], path=environ.get("PATH"))
        if program is None:
            self.log.warn("on_finished: {program} cannot be run here", program=words[0])
            return None
        run = HookRun(self._reactor, f"on_finished for {facts['NAPSTER_NAME']}", self._timeout)
        self._running.add(run)
        try:
            self._reactor.spawnProcess(run, program, words, environ)
        except OSError as error:
            self._running.discard(run)
            self.log.warn("on_finished: cannot be run: {error}", error=error.strerror)
            return None
        return run.ended.addCallback(lambda _: self._running.discard(run))
