"""Those who want to know what is offered and withdrawn."""

from collections.abc import Sequence
from typing import Protocol

from twisted.logger import Logger

from napster.peer.library.shared_file import SharedFile


class Listener(Protocol):
    """Hears of shared files, in batches, on the reactor's thread.

    A file that changed is first removed, then added. Of one path, what came last is true.
    """

    def files_added(self, files: Sequence[SharedFile]) -> None:
        """Files are offered from now on."""

    def files_removed(self, files: Sequence[SharedFile]) -> None:
        """Files are no longer offered."""


class Listeners:
    """All listeners; one that fails does not keep the others from hearing."""

    log = Logger()

    def __init__(self) -> None:
        self._listeners: list[Listener] = []

    def subscribe(self, listener: Listener) -> None:
        """Tell a listener of all that is added and removed from now on."""
        self._listeners.append(listener)

    def added(self, files: Sequence[SharedFile]) -> None:
        """Tell of files that are now on offer."""
        for listener in self._listeners if files else ():
            with self.log.failuresHandled("A listener could not take in {n} files", n=len(files)):
                listener.files_added(files)

    def removed(self, files: Sequence[SharedFile]) -> None:
        """Tell of files that are not on offer any more."""
        for listener in self._listeners if files else ():
            with self.log.failuresHandled("A listener could not withdraw {n} files", n=len(files)):
                listener.files_removed(files)
