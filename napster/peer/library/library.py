"""The shared files of a peer, as a service."""

from collections.abc import Iterator, Sequence

from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorFromThreads, IReactorTime

from napster.daemon.database import Database
from napster.daemon.threads import Threads
from napster.daemon.turns import Turns
from napster.peer.library.beneath import Place, SharedTree
from napster.peer.library.listeners import Listener, Listeners
from napster.peer.library.mounts import Mounts
from napster.peer.library.names import names_of
from napster.peer.library.progress import Progress
from napster.peer.library.remember import Memory
from napster.peer.library.report import Report, report_on
from napster.peer.library.roots import ShareRoot
from napster.peer.library.serve import OpenFile, open_shared
from napster.peer.library.shared_file import FileGoneError, SharedFile, SharedFileError
from napster.peer.library.shelf import Shelves
from napster.peer.library.upkeep import LibrarySettings, Upkeep
from napster.wire.fields import display

_SENDING_THREADS = 16
"""Sending has threads of its own, so that an upload need not wait for a look at the disk."""


class Library(Service):
    """The shared files of a peer.

    The reactor must provide IReactorTime, IReactorFromThreads and IReactorFDSet. The database has
    the schema `remember.SCHEMA` and is open from before the start until after the stop.
    """

    def __init__(
        self,
        reactor: IReactorTime,
        roots: Sequence[ShareRoot],
        database: Database,
        settings: LibrarySettings | None = None,
    ) -> None:
        self._mounts = Mounts()
        self._shelves = Shelves(SharedTree(root, self._mounts) for root in roots)
        self._listeners = Listeners()
        self._memory = Memory(database)
        self._threads = Threads(IReactorFromThreads(reactor), "sending", _SENDING_THREADS)
        self._upkeep = Upkeep(
            reactor, settings or LibrarySettings(), self._shelves, self._memory, self._listeners
        )
        self._changing_roots = Turns()

    def startService(self) -> None:
        """Look through the shared folders, and watch them from now on."""
        super().startService()
        self._upkeep.start()

    def stopService(self) -> Deferred[None]:
        """Stop all work; fires when no thread is busy any more."""
        super().stopService()
        return Deferred.fromCoroutine(self._stop())

    async def _stop(self) -> None:
        await self._upkeep.stop()
        await self._threads.stop()

    def subscribe(self, listener: Listener) -> None:
        """Tell a listener of all files added and removed from now on, on the reactor's thread."""
        self._listeners.subscribe(listener)

    def files(self) -> Iterator[SharedFile]:
        """Go through all files on offer.

        May be done in slices while things change: a file that listeners were told is removed
        does not come afterwards; one they were told is added may come as well.
        """
        for shelf in self._shelves:
            for folder in shelf.top.walk():
                yield from folder.shared()

    def find(self, path: bytes) -> SharedFile | None:
        """Find a file on offer by its virtual path, as it came from the wire.

        The path is only looked up, never made one on the disk. If there is none of exactly that
        name, letter case (of ASCII) is put aside; None if then several would do.
        """
        shelf = self._shelves.of_path(path)
        return None if shelf is None else shelf.find(path)

    async def open(self, file: SharedFile) -> OpenFile:
        """Open a file for sending, in a thread.

        Raises FileGoneError or FileChangedError if it is not what was hashed; it is then looked
        at again, and withdrawn.
        """
        shelf = self._shelves.of_path(file.path)
        if shelf is None:
            raise FileGoneError(f"{display(file.path)} is not shared any more")
        _, *above, name = names_of(file.path)
        place = Place(shelf.tree, tuple(above))
        try:
            return await self._threads.run(open_shared, file, place, name, self._threads.run)
        except SharedFileError:
            self._upkeep.look(place, name)
            raise

    async def pieces(self, file: SharedFile) -> bytes:
        """Give the BLAKE3 hashes (32 bytes each) of a file's pieces of 1 MiB, joined.

        Raises UnknownFileError if they could not be kept, say for want of room on the disk.
        """
        return await self._memory.pieces(file.stamp)

    def empty_folders(self, file: SharedFile) -> Iterator[bytes]:
        """Go through the paths of empty folders beside a file and the folders it lies in.

        So whoever fetches all files of a folder hears of all that is in it. The nearest come first.
        """
        shelf = self._shelves.of_path(file.path)
        return iter(()) if shelf is None else shelf.empty_beside(file.path)

    def progress(self) -> Progress:
        """Say what is being done and how far it is."""
        return self._upkeep.progress()

    def report(self) -> Report:
        """Say what is shared, what is not, and why."""
        return report_on(list(self._shelves))

    async def rescan(self) -> None:
        """Look through all shared folders now; new files may have to be hashed afterwards."""
        await self._upkeep.rescan()

    async def set_roots(self, roots: Sequence[ShareRoot]) -> None:
        """Share these folders from now on; fires when the files of others are withdrawn."""
        async with self._changing_roots:
            for shelf in self._shelves:
                if shelf.tree.root not in roots:
                    self._shelves.remove(shelf)
                    await self._upkeep.withdraw(shelf)
            kept = [shelf.tree.root for shelf in self._shelves]
            for root in roots:
                if root not in kept:
                    shelf = self._shelves.add(SharedTree(root, self._mounts))
                    if self.running:
                        self._upkeep.add(shelf)
