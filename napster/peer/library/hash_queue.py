"""Files waiting to be hashed, and the threads that hash them."""

from collections import deque
from collections.abc import Callable, Coroutine, Sequence
from typing import Any

import attrs
from twisted.internet.interfaces import IReactorFromThreads, IReactorTime

from napster.daemon.threads import Threads
from napster.peer.library.examine import Batch, Hashed, NotHashed, examine
from napster.peer.library.inventory import Folder, Tally
from napster.peer.library.progress import Meter, Phase, Progress
from napster.peer.library.remember import Sighting
from napster.peer.library.tasks import Tasks

_BATCH_FILES = 64
_BATCH_BYTES = 16 << 20
"""Small files go to a thread by the dozen; a big one goes alone or comes last."""

Outcomes = Sequence[Hashed | NotHashed]
Finished = Callable[[Outcomes], Coroutine[Any, Any, None]]


@attrs.define
class _Worker:
    """One thread's share of the work: the queues it serves, first to last."""

    queues: Sequence[deque[Folder]]
    batch: Batch | None = None


class HashQueue:
    """Hashes the waiting files of folders.

    `workers` share all the work; one more is kept for the files of urgent folders, so that a new
    file need not wait until a whole disk is hashed.
    """

    def __init__(self, reactor: IReactorTime, workers: int) -> None:
        self._threads = Threads(IReactorFromThreads(reactor), "hashing", workers + 1)
        self._meter = Meter(reactor)
        self._tasks = Tasks()
        self._urgent: deque[Folder] = deque()
        self._bulk: deque[Folder] = deque()
        self._workers = [_Worker([self._urgent, self._bulk]) for _ in range(workers)]
        self._workers.append(_Worker([self._urgent]))
        self._finished: Finished | None = None

    def start(self, finished: Finished) -> None:
        """Begin; the outcomes are handed to `finished`."""
        self._finished = finished

    @property
    def is_idle(self) -> bool:
        """Whether nothing is being hashed."""
        return all(worker.batch is None for worker in self._workers)

    def add(self, folder: Folder, *, urgent: bool) -> None:
        """Hash the files that wait in a folder."""
        (self._urgent if urgent else self._bulk).append(folder)
        self._wake()

    def progress(self, phase: Phase, waiting: Tally) -> Progress:
        """Say how far the hashing is; `waiting` are all files still to be hashed."""
        under_way = sum(worker.batch.bytes_done for worker in self._workers if worker.batch)
        return self._meter.read(phase, waiting, under_way)

    async def stop(self) -> None:
        """Take up nothing more, drop what is being hashed, and end the threads."""
        self._finished = None
        for worker in self._workers:
            if worker.batch:
                worker.batch.stopped = True
        await self._tasks.finish()
        await self._threads.stop()

    def _wake(self) -> None:
        for worker in self._workers:
            if worker.batch is None and (batch := self._take(worker)):
                if self.is_idle:
                    self._meter.start()
                worker.batch = batch
                self._tasks.start(self._drain(worker, batch))

    async def _drain(self, worker: _Worker, first: Batch) -> None:
        batch: Batch | None = first
        while batch:
            worker.batch = batch
            try:
                outcomes = await self._threads.run(examine, batch)
                if self._finished:
                    await self._finished(outcomes)
            finally:
                worker.batch = None
            self._meter.advance(len(batch.sightings), batch.bytes_done)
            batch = self._take(worker)

    def _take(self, worker: _Worker) -> Batch | None:
        if self._finished is None:
            return None
        sightings: list[Sighting] = []
        size = 0
        for queue in worker.queues:
            while queue and len(sightings) < _BATCH_FILES and size < _BATCH_BYTES:
                taken = queue[0].take()
                if taken is None:
                    queue.popleft()
                    continue
                sightings.append(Sighting(queue[0].place, *taken))
                size += taken[1].size
        return Batch(sightings) if sightings else None
