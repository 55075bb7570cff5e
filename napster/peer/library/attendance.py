"""Whether each shared folder is there, and what follows when it comes or goes."""

from twisted.logger import Logger

from napster.daemon.threads import Threads
from napster.peer.library.presence import Presence, inspect
from napster.peer.library.remember import Memory
from napster.peer.library.shelf import RootState, Shelf
from napster.peer.library.survey import Survey
from napster.units import format_size
from napster.wire.fields import display


class Attendance:
    """Has each shared folder looked through if it is there, and withdraws it if not."""

    log = Logger()

    def __init__(self, threads: Threads, memory: Memory, survey: Survey) -> None:
        self._threads = threads
        self._memory = memory
        self._survey = survey

    async def rescan(self, shelf: Shelf) -> None:
        """Look through a whole shared folder; waits its turn if that is being done already."""
        async with shelf.walking:
            if await self._is_there(shelf):
                await self._survey.sweep(shelf)
                await self._took_stock(shelf)

    async def check(self, shelf: Shelf) -> None:
        """Look through a shared folder if it came, went, or is another one than before."""
        if shelf.is_being_checked or shelf.walking.locked:
            return  # on a disk that hangs, one thread is enough
        shelf.is_being_checked = True
        try:
            presence = await self._threads.run(inspect, shelf.tree)
        finally:
            shelf.is_being_checked = False
        if _differs(shelf, presence) and not shelf.walking.locked:
            await self.rescan(shelf)

    async def withdraw(self, shelf: Shelf) -> None:
        """Withdraw all files of a shared folder that was closed."""
        async with shelf.lane:
            await self._survey.empty(shelf)

    async def _is_there(self, shelf: Shelf) -> bool:
        async with shelf.lane:
            presence = await self._threads.run(inspect, shelf.tree)
            state = await self._state(shelf, presence)
            shelf.identity, shelf.is_remote = presence.identity, presence.is_remote
            if state is not RootState.READY:
                await self._survey.empty(shelf)
                shelf.state = state
                self._tell(shelf)
            elif not shelf.is_there:
                shelf.state = RootState.LOOKING
            return state is RootState.READY

    async def _state(self, shelf: Shelf, presence: Presence) -> RootState:
        """Tell an empty folder from the place of a disk that is not mounted."""
        if not presence.is_empty or presence.identity is None:
            return presence.state
        device = await self._memory.device_of(shelf.top.place.path_of())
        moved = device not in (None, presence.identity[0])
        return RootState.NOT_MOUNTED if moved else presence.state

    async def _took_stock(self, shelf: Shelf) -> None:
        if shelf.is_closed:
            return
        tallies = shelf.tallies
        if shelf.state is RootState.LOOKING:
            shelf.state = RootState.READY
        if shelf.identity is not None and (tallies.shared.files or tallies.waiting.files):
            device, _ = shelf.identity
            await self._memory.note_device(shelf.top.place.path_of(), device)
        self._tell(shelf)

    def _tell(self, shelf: Shelf) -> None:
        if shelf.told is shelf.state:
            return
        shelf.told = shelf.state
        folder = display(bytes(shelf.tree.root.path))
        if shelf.is_there:
            self._tell_shared(shelf, folder)
        else:
            self.log.warn(
                "{folder} is {state}: its files are withdrawn until it can be read again",
                folder=folder,
                state=shelf.state.value,
            )

    def _tell_shared(self, shelf: Shelf, folder: str) -> None:
        tallies = shelf.tallies
        self.log.info(
            "{folder} as {name}: {files} files of {size} shared, {waiting} to be hashed, "
            "{refused} refused",
            folder=folder,
            name=display(shelf.tree.root.name),
            files=tallies.shared.files,
            size=format_size(tallies.shared.size),
            waiting=tallies.waiting.files,
            refused=tallies.refused,
        )
        if shelf.is_remote:
            self.log.warn(
                "{folder} is on a file system that may not tell of changes; it is looked through "
                "at intervals instead, so that changes show later",
                folder=folder,
            )


def _differs(shelf: Shelf, presence: Presence) -> bool:
    place_of_disk = shelf.state is RootState.NOT_MOUNTED and presence.is_empty
    is_there = presence.state is RootState.READY and not place_of_disk
    return is_there != shelf.is_there or presence.identity != shelf.identity
