"""Whether each shared folder is there, and what follows when it comes or goes."""

from twisted.logger import Logger

from napster.peer.library.presence import Presence, inspect
from napster.peer.library.remember import Memory
from napster.peer.library.shelf import RootState, Shelf
from napster.peer.library.survey import Survey
from napster.peer.library.threads import Threads
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
        if shelf.walking.locked:
            return
        presence = await self._threads.run(inspect, shelf.tree)
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
            if state is RootState.READY:
                if shelf.state is not RootState.READY:
                    shelf.state = RootState.LOOKING
                return True
            await self._survey.empty(shelf)
            self._enter_state(shelf, state)
            return False

    async def _state(self, shelf: Shelf, presence: Presence) -> RootState:
        """Tell an empty folder from the place of a disk that is not mounted."""
        if not presence.is_empty or presence.identity is None:
            return presence.state
        device = await self._memory.device_of(shelf.top.place.path_of())
        moved = device not in (None, presence.identity[0])
        return RootState.NOT_MOUNTED if moved else presence.state

    async def _took_stock(self, shelf: Shelf) -> None:
        if shelf.is_closed or shelf.state not in (RootState.LOOKING, RootState.READY):
            return
        self._enter_state(shelf, RootState.READY)
        tallies = shelf.tallies
        if shelf.identity is not None and (tallies.shared.files or tallies.waiting.files):
            device, _ = shelf.identity
            await self._memory.note_device(shelf.top.place.path_of(), device)

    def _enter_state(self, shelf: Shelf, state: RootState) -> None:
        if shelf.state is state:
            return
        shelf.state = state
        tallies, root = shelf.tallies, shelf.tree.root
        if state is RootState.READY:
            self.log.info(
                "{folder} as {name}: {files} files of {size} shared, {waiting} to be hashed, "
                "{refused} refused",
                folder=display(bytes(root.path)),
                name=display(root.name),
                files=tallies.shared.files,
                size=format_size(tallies.shared.size),
                waiting=tallies.waiting.files,
                refused=tallies.refused,
            )
        else:
            self.log.warn(
                "{folder} is {state}: its files are withdrawn until it can be read again",
                folder=display(bytes(root.path)),
                state=state.value,
            )


def _differs(shelf: Shelf, presence: Presence) -> bool:
    if shelf.state is RootState.NOT_MOUNTED and not presence.is_empty:
        return True
    return presence.identity != shelf.identity
