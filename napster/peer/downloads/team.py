"""The sources that fetch one file together, and what they have to tell each other."""

from collections.abc import Awaitable, Callable
from typing import Protocol

from twisted.internet.interfaces import IReactorTime

from napster.peer.downloads.backlog import Backlog, Pausable
from napster.peer.downloads.blame import Blame
from napster.peer.downloads.disk import Worker
from napster.peer.downloads.errors import WrongPieceError
from napster.peer.downloads.intake import Target
from napster.peer.downloads.piece_source import PieceSource
from napster.peer.downloads.plan import Member, Plan
from napster.peer.downloads.sources import Source


class Run(Pausable, Protocol):
    """What one source of a team does."""

    member: Member

    def fill(self) -> None:
        """Ask for more if there is something to ask for."""

    def drop(self, piece: int) -> None:
        """Let a piece be that another source has finished."""


class Team:
    """One file, its plan, and the runs under way. Lives in the reactor's thread."""

    def __init__(
        self,
        clock: IReactorTime,
        worker: Worker,
        target: Target,
        stored: Callable[[int], None],
    ) -> None:
        """Call `stored` with how much of the file is here, as often as that changes."""
        self.clock = clock
        self.worker = worker
        self.target = target
        self.stored = stored
        self.plan = Plan(target.size, target.done())
        self.backlog = Backlog()
        self.lied: Callable[[Source, WrongPieceError], None] = lambda _source, _error: None
        """Told of sources whose pieces turned out to be wrong later."""
        self.completed: Callable[[], None] = lambda: None
        """Told when every piece is done."""
        self.learned: Callable[[Source, Target], Awaitable[None]] = _nothing
        """Told what the file is, and by whom, once a list of its pieces has proved right."""
        self._runs: list[Run] = []

    @property
    def blame(self) -> Blame:
        """Who has sent what."""
        return self.target.blame

    @property
    def now(self) -> float:
        """The time by the clock."""
        return self.clock.seconds()

    def join(self, run: Run) -> None:
        """Let a run take part; its member is in the plan already."""
        self._runs.append(run)
        self.backlog.join(run)

    def leave(self, run: Run) -> None:
        """Let a run go; what it had not finished is given out again."""
        if run in self._runs:
            self._runs.remove(run)
        self.backlog.leave(run)
        self.plan.leave(run.member)
        self.fill()

    def fill(self) -> None:
        """Let everybody ask for more who can."""
        for run in list(self._runs):
            run.fill()

    def finished(self, piece: int) -> None:
        """Take note that a piece is on the disk and not known to be wrong."""
        members = self.plan.finish(piece)
        for run in list(self._runs):
            if run.member in members:
                run.drop(piece)
        if self.plan.complete:
            self.completed()
        self.fill()

    def resize(self, size: int) -> None:
        """Take another size for the true one; nobody fetches anything yet."""
        self.target.size = size
        members = self.plan.members
        self.plan = Plan(size, self.target.done())
        for member in members:
            member.left.clear()
            self.plan.join(member)

    async def learn(self, source: Source, connection: PieceSource) -> None:
        """Learn the hashes of all pieces, unless they are known. Raises SourceError, OSError.

        A file that has no content id gets that of its first source; what is here of it already may
        be from another, and is not to be judged by that.
        """
        target = self.target
        if target.hashes or not (target.content_id or target.part.here == 0):
            return
        found = await connection.piece_list()
        wrong = await self.worker.run(target.trust, found)
        await self.learned(source, target)
        self.stored(target.part.here)
        for piece, sender in wrong.items():
            self.plan.undo(piece)
            if sender is not None:
                self.lied(sender, WrongPieceError(piece))


async def _nothing(_source: Source, _target: Target) -> None:
    """Do nothing with what was learned."""
