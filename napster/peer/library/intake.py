"""What becomes of files found on the disk: known ones are shared, others hashed first."""

import sqlite3
from collections.abc import Sequence

from twisted.logger import Logger

from napster.daemon.database import DatabaseError
from napster.peer.library.beneath import Place
from napster.peer.library.changes import Changes
from napster.peer.library.examine import Hashed, NotHashed
from napster.peer.library.hash_queue import HashQueue
from napster.peer.library.inventory import Folder
from napster.peer.library.listeners import Listeners
from napster.peer.library.remember import Facts, Learned, Memory, Sighting
from napster.peer.library.rules import BUSY
from napster.peer.library.shared_file import SharedFile
from napster.peer.library.shelf import Shelves
from napster.wire.fields import display


class Intake:
    """Brings files from the disk to those who listen."""

    log = Logger()

    def __init__(
        self,
        shelves: Shelves,
        memory: Memory,
        changes: Changes,
        listeners: Listeners,
        queue: HashQueue,
    ) -> None:
        self._shelves = shelves
        self._memory = memory
        self._changes = changes
        self._listeners = listeners
        self._queue = queue

    async def take_in(self, sightings: Sequence[Sighting], *, urgent: bool, is_new: bool) -> None:
        """Share files that are remembered, and queue the others.

        Of files whose folder `is_new`, those that are not remembered may still be being copied:
        they are left until they have been quiet.
        """
        facts = await self._recall(sightings)
        shared: list[SharedFile] = []
        waiting: dict[Folder, None] = {}
        place: Place | None = None
        folder: Folder | None = None
        for sighting, known in zip(sightings, facts, strict=True):
            if sighting.place is not place:  # those of one folder come together
                place = sighting.place
                folder = self._shelves.folder(place)
            if folder is None:
                continue
            if known is not None:
                shared.append(folder.share(sighting.name, sighting.stamp, known))
            elif is_new or self._changes.is_busy(sighting.place, sighting.name):
                self._postpone(folder, sighting, BUSY)
            else:
                folder.expect(sighting.name, sighting.stamp)
                waiting[folder] = None
        self._listeners.added(shared)
        for folder in waiting:
            self._queue.add(folder, urgent=urgent)

    async def _recall(self, sightings: Sequence[Sighting]) -> Sequence[Facts | None]:
        try:
            return await self._memory.recall(sightings)
        except (sqlite3.Error, DatabaseError):
            self.log.failure("What is known of {n} files cannot be read", n=len(sightings))
            return [None] * len(sightings)

    async def hashed(self, outcomes: Sequence[Hashed | NotHashed]) -> None:
        """Remember and share files that were hashed, as far as they still are what they were."""
        await self._learn([each.learned for each in outcomes if isinstance(each, Hashed)])
        shared: list[SharedFile] = []
        for outcome in outcomes:
            sighting = outcome.sighting
            folder = self._shelves.folder(sighting.place)
            if folder is None or not folder.awaits(sighting.name, sighting.stamp):
                continue  # it changed or went while it was hashed
            if isinstance(outcome, Hashed):
                shared.append(self._share(folder, outcome))
            elif outcome.look_again:
                self._postpone(folder, sighting, outcome.reason)
            else:
                folder.refuse(sighting.name, outcome.reason)
        self._listeners.added(shared)

    def _share(self, folder: Folder, hashed: Hashed) -> SharedFile:
        sighting = hashed.sighting
        if hashed.tags_problem:
            self.log.info(
                "{path}: shared without bit rate and length: {problem}",
                path=display(sighting.place.path_of(sighting.name)),
                problem=hashed.tags_problem,
            )
        return folder.share(sighting.name, sighting.stamp, hashed.learned.facts)

    async def _learn(self, learned: Sequence[Learned]) -> None:
        try:
            await self._memory.learn(learned)
        except (sqlite3.Error, DatabaseError):
            # They can be shared all the same, but will be hashed again after a restart.
            self.log.failure("The hashes of {n} files cannot be kept", n=len(learned))

    def _postpone(self, folder: Folder, sighting: Sighting, reason: str) -> None:
        folder.refuse(sighting.name, reason)
        self._changes.settle(sighting.place, sighting.name)
