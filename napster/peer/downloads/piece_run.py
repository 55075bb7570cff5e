"""Fetching pieces from a source that serves them in any order."""

from twisted.internet.defer import CancelledError, Deferred
from twisted.python.failure import Failure

from napster.peer.downloads.errors import BrokenError
from napster.peer.downloads.piece_source import PieceSource
from napster.peer.downloads.plan import DEPTH, Member
from napster.peer.downloads.sources import Source
from napster.peer.downloads.team import Team


class PieceRun:
    """What a source of pieces does in a team.

    `done` fires once every piece is done, by whomever, and errbacks with a SourceError, or with an
    OSError of the disk. Cancelling it closes the connection.
    """

    def __init__(self, team: Team, source: Source, connection: PieceSource) -> None:
        self._team = team
        self._source = source
        self._connection = connection
        self._fetching: dict[int, Deferred[None]] = {}
        self._is_ready = False
        self._over = False
        self.member = Member()
        self.came = 0
        """How many bytes have come."""
        self.done: Deferred[None] = Deferred(lambda _: self._leave())
        team.plan.join(self.member)
        team.join(self)
        connection.lost.addCallback(lambda _: self._end(BrokenError("it closed the connection")))
        Deferred.fromCoroutine(team.learn(source, connection)).addCallbacks(
            self._begin, self._failed
        )

    def _begin(self, _: None) -> None:
        self._is_ready = True
        self.fill()

    def abandon(self) -> None:
        """Let the connection go; nobody waits for `done` any more."""
        self.done.addErrback(lambda _: None)
        self.done.cancel()

    # A Run.

    def pause(self) -> None:
        """Stop reading."""
        self._connection.pause()

    def resume(self) -> None:
        """Read on."""
        self._connection.resume()

    def fill(self) -> None:
        """Ask for as many pieces as can be under way."""
        if self._team.plan.complete and not self._over:
            self._leave()
            self.done.callback(None)
        while self._is_ready and not self._over and self.member.asked < DEPTH:
            piece = self._team.plan.take(self.member, self._team.now)
            if piece is None:
                return
            self._fetch(piece)

    def drop(self, piece: int) -> None:
        """Let a piece be that another source has finished."""
        if (fetching := self._fetching.pop(piece, None)) is not None:
            fetching.cancel()
        self.fill()

    # Inside.

    def _fetch(self, piece: int) -> None:
        team, chunks = self._team, list[bytes]()

        def take(data: bytes) -> None:
            chunks.append(data)
            self.came += len(data)
            team.plan.came(self.member, piece, len(data), team.now)

        fetching = self._connection.fetch(piece, team.plan.length(piece), take)
        self._fetching[piece] = fetching
        fetching.addCallbacks(lambda _: self._arrived(piece, chunks), self._failed)

    def _arrived(self, piece: int, chunks: list[bytes]) -> None:
        self._fetching.pop(piece, None)
        count = sum(map(len, chunks))
        if count != self._team.plan.length(piece):
            self._end(BrokenError("it sent less than a piece and said that was all"))
            return
        self._team.backlog.add(count)
        putting = self._team.worker.run(self._team.target.put, piece, chunks, self._source)
        putting.addBoth(self._on_stored, piece, count)
        self.fill()

    def _on_stored(self, result: int | Failure, piece: int, count: int) -> None:
        self._team.backlog.stored(count)
        if isinstance(result, Failure):
            self._end(result.value)
            return
        self._team.stored(result)
        self._team.finished(piece)

    def _failed(self, failure: Failure) -> None:
        if not failure.check(CancelledError):
            self._end(failure.value)

    def _end(self, error: BaseException | None) -> None:
        if not self._over:
            self._leave()
            self.done.errback(Failure(error))

    def _leave(self) -> None:
        """Let the connection go."""
        self._over = True
        for fetching in list(self._fetching.values()):
            fetching.cancel()
        if self._team.plan.complete:
            self._connection.release()
        else:
            self._connection.close()
        self._team.leave(self)
