"""Keeping the inventory equal to the disk: looking through folders, and at what changed."""

from collections.abc import Iterable, Iterator, Sequence
from enum import Enum
from itertools import islice
from typing import TypeVar

import attrs
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater
from twisted.logger import Logger

from napster.daemon.threads import Threads
from napster.peer.library.beneath import Place
from napster.peer.library.intake import Intake
from napster.peer.library.inventory import Folder
from napster.peer.library.listeners import Listeners
from napster.peer.library.remember import Sighting
from napster.peer.library.scan import SLICE, Listing, Scanner, Unreadable
from napster.peer.library.shared_file import SharedFile
from napster.peer.library.shelf import RootState, Shelf
from napster.peer.library.watch import Watcher

T = TypeVar("T")


class Errand(Enum):
    """Why a folder is looked at."""

    SWEEP = "all folders are looked through"
    EVENT = "something happened to names in it"
    NEW = "it has just appeared"


@attrs.frozen
class Disk:
    """The means to look at the disk: threads, what reads folders in them, what watches them."""

    threads: Threads
    scanner: Scanner
    watcher: Watcher


class Survey:
    """Looks at the disk and brings the inventory in line.

    A shelf's lane is held from each look until the inventory says what was seen, so that an older
    look never undoes what a newer one found.
    """

    log = Logger()

    def __init__(
        self, clock: IReactorTime, disk: Disk, intake: Intake, listeners: Listeners
    ) -> None:
        self._clock = clock
        self._threads = disk.threads
        self._scanner = disk.scanner
        self._watcher = disk.watcher
        self._intake = intake
        self._listeners = listeners
        self._stopped = False

    def stop(self) -> None:
        """Look at nothing more."""
        self._stopped = True

    async def sweep(self, shelf: Shelf) -> None:
        """Look through all folders of a shelf that is there."""
        await self._walk(shelf, [shelf.top.place], Errand.SWEEP)

    async def look(self, shelf: Shelf, place: Place, names: frozenset[bytes]) -> None:
        """Look at some names in a folder, and at the folders among them."""
        async with shelf.lane:
            if self._is_over(shelf) or shelf.folder(place) is None:
                return
            listing = await self._threads.run(self._scanner.list_folder, place, names)
            inner = await self._reconcile_all(shelf, [listing], Errand.EVENT)
        await self._walk(shelf, inner, Errand.NEW)

    async def empty(self, shelf: Shelf) -> None:
        """Withdraw all that a shelf holds; its lane must be held."""
        top, shelf.top = shelf.top, Folder(shelf.top.place, shelf.tallies)
        await self._withdraw_folder(top)

    def _is_over(self, shelf: Shelf) -> bool:
        return self._stopped or shelf.is_closed

    async def _walk(self, shelf: Shelf, places: list[Place], errand: Errand) -> None:
        while places:
            async with shelf.lane:
                if self._is_over(shelf):
                    return
                some = places[: -SLICE - 1 : -1]
                listings = await self._threads.run(self._scanner.list_some, some)
                del places[len(places) - len(listings) :]
                places += await self._reconcile_all(shelf, listings, errand)

    async def _reconcile_all(
        self, shelf: Shelf, listings: Sequence[Listing | Unreadable], errand: Errand
    ) -> list[Place]:
        """Apply what was seen; returns the folders to be looked at next."""
        wanted: list[Sighting] = []
        inner: list[Place] = []
        for listing in listings:
            if isinstance(listing, Unreadable):
                await self._lose(shelf, listing)
            elif (folder := shelf.enter(listing.place)) is not None:
                wanted += await self._reconcile(folder, listing)
                inner += self._inner(folder, listing, errand)
        urgent, is_new = errand is not Errand.SWEEP, errand is Errand.NEW
        for some in _slices(wanted):
            await self._intake.take_in(some, urgent=urgent, is_new=is_new)
        return inner

    def _inner(self, folder: Folder, listing: Listing, errand: Errand) -> Iterator[Place]:
        for name in listing.folders:
            inner = folder.folders.get(name)
            place = folder.place.child(name) if inner is None else inner.place
            if (
                inner is None
                or errand is not Errand.NEW
                or not self._watcher.watches(place, inner.watch)
            ):
                yield place

    async def _reconcile(self, folder: Folder, listing: Listing) -> list[Sighting]:
        """Withdraw what is gone or refused; returns the files that are new or changed."""
        folder.watch = listing.watch
        known = folder.names() if listing.looked_at is None else listing.looked_at
        gone = known - listing.files.keys() - set(listing.folders)
        became_folders = [name for name in listing.folders if name not in folder.folders]
        await self._withdraw(folder, [*gone, *became_folders])
        for name, reason in listing.refused.items():
            folder.refuse(name, reason)
        new: list[Sighting] = []
        for some in _slices(listing.files.items()):
            place = folder.place
            new += [Sighting(place, *each) for each in some if not folder.holds(*each)]
            await self._breathe(some)
        await self._withdraw(folder, [each.name for each in new if each.name in known])
        return new

    async def _lose(self, shelf: Shelf, lost: Unreadable) -> None:
        """Withdraw a folder that is gone or cannot be read."""
        if not lost.place.parts:
            await self.empty(shelf)
            shelf.state = RootState.MISSING if lost.reason is None else RootState.UNREADABLE
            return
        above, name = lost.place.split()
        parent = shelf.folder(above)
        if parent is not None:
            await self._withdraw(parent, [name])
            if lost.reason is not None:
                parent.refuse(name, lost.reason)

    async def _withdraw(self, folder: Folder, names: Iterable[bytes]) -> None:
        """Forget files and folders by name."""
        for some in _slices(names):
            files: list[SharedFile] = []
            for name in some:
                inner = folder.folders.pop(name, None)
                if inner is not None:
                    await self._withdraw_folder(inner)
                file = folder.withdraw(name)
                if file is not None:
                    files.append(file)
            self._listeners.removed(files)
            await self._breathe(some)

    async def _withdraw_folder(self, folder: Folder) -> None:
        """Forget a folder that was taken out of the inventory, and all below it."""
        for each in folder.walk():
            self._watcher.forget(each.place, each.watch)
        for some in _slices(folder.withdraw_all()):
            self._listeners.removed(some)
            await self._breathe(some)

    async def _breathe(self, done: Sequence[object]) -> None:
        """Let the reactor do other things after a full slice of work."""
        if len(done) >= SLICE:
            await deferLater(self._clock, 0)


def _slices(items: Iterable[T]) -> Iterator[list[T]]:
    iterator = iter(items)
    while some := list(islice(iterator, SLICE)):
        yield some
