"""The shared files that everybody may have, which are all that the index is told of."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Final, Protocol

from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import Cooperator

from napster.peer.library.listeners import Listener, Listeners
from napster.peer.library.shared_file import SharedFile
from napster.peer.uploads.access import Access

_TURN: Final = 2000
"""How many files are looked at in one turn of the reactor when the rules change."""


class AllFiles(Protocol):
    """The library, as what is public is chosen from it."""

    def files(self) -> Iterable[SharedFile]:
        """Go through all files on offer."""

    def subscribe(self, listener: Listener) -> None:
        """Tell a listener of every change from now on."""


class PublicFiles:
    """Those files of a library that everybody may have, as they come, go and change sides."""

    def __init__(self, clock: IReactorTime, library: AllFiles, access: Access) -> None:
        self._library = library
        self._access = access
        self._before = access
        self._listeners = Listeners()
        # Through the clock, not the reactor itself, so that tests can have time stand still.
        self._cooperator = Cooperator(scheduler=lambda work: clock.callLater(0, work))
        library.subscribe(self)

    def files(self) -> Iterable[SharedFile]:
        """Go through all of them."""
        return (file for file in self._library.files() if self._access.is_public(file.path))

    def subscribe(self, listener: Listener) -> None:
        """Tell a listener of every change from now on."""
        self._listeners.subscribe(listener)

    def files_added(self, files: Sequence[SharedFile]) -> None:
        """Pass on what is public."""
        self._listeners.added([file for file in files if self._access.is_public(file.path)])

    def files_removed(self, files: Sequence[SharedFile]) -> None:
        """Pass on what was public, also if it has ceased to be in this moment."""
        rules = (self._access, self._before)
        self._listeners.removed(
            [file for file in files if any(rule.is_public(file.path) for rule in rules)]
        )

    async def set_access(self, access: Access) -> None:
        """Go by other rules from now on; returns when everybody was told of what that changes.

        What was not public before and is now is added, the reverse is withdrawn.
        """
        before, self._access = self._access, access
        if before.shares != access.shares:
            await self._cooperator.coiterate(self._change(before, access))
        self._before = access

    def _change(self, before: Access, now: Access) -> Iterator[None]:
        files = iter(self._library.files())
        while turn := [file for _, file in zip(range(_TURN), files, strict=False)]:
            were = [file for file in turn if before.is_public(file.path)]
            are = [file for file in turn if now.is_public(file.path)]
            self._listeners.removed([file for file in were if not now.is_public(file.path)])
            self._listeners.added([file for file in are if not before.is_public(file.path)])
            yield
