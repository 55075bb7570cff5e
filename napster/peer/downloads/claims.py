"""The pieces that a source of the old protocol goes through, one after the other."""

from typing import Final

from napster.peer.downloads.plan import Member
from napster.peer.downloads.sources import Source
from napster.peer.downloads.team import Team
from napster.peer.library.hash import PIECE_SIZE

OVERLAP: Final = 64 << 10
"""How many bytes that are here already a source has to send again, to prove that it can resume."""
START_UP: Final = 1.0
"""How many seconds it takes at least to be sent something."""


class Claims:
    """What one source may send. One that seems unable to resume sends everything."""

    def __init__(self, team: Team, source: Source) -> None:
        self._team = team
        self._everything = source.from_start
        self.member = Member(in_order=True, start_up=START_UP)
        team.plan.join(self.member)

    def begin(self) -> int | None:
        """Choose the offset to ask for; None if there is nothing to be done."""
        team, part = self._team, self._team.target.part
        if self._everything or team.target.size == 0:
            return 0
        piece = team.plan.start(self.member, team.now)
        if piece is None:
            return None
        here = self._of_one_sender(piece)
        before = PIECE_SIZE if piece and part.length(piece - 1) == PIECE_SIZE else 0
        return piece * PIECE_SIZE + here - min(OVERLAP, here + before)

    def came(self, piece: int, count: int) -> None:
        """Take note of bytes of a piece."""
        self._team.plan.came(self.member, piece, count, self._team.now)

    def go_on(self, piece: int) -> bool:
        """Tell whether to read on into a piece."""
        if self._team.plan.go_on(self.member, piece, self._team.now):
            self._of_one_sender(piece)
            return True
        return self._everything

    def _of_one_sender(self, piece: int) -> int:
        """Tell how much of a piece is gone on from: nothing of one that several had got wrong."""
        team = self._team
        if piece not in team.blame.strict:
            return team.target.part.length(piece)
        # Done before anything more is written; a disk that fails will say so again then.
        forgetting = team.worker.run(team.target.forget, [piece])
        forgetting.addErrback(lambda failure: failure.trap(OSError))
        return 0

    def finished(self, piece: int) -> None:
        """Take note that a piece is on the disk."""
        self._team.finished(piece)

    def needless(self) -> bool:
        """Tell whether to hang up since others have finished what was claimed."""
        return not self._everything and not self.member.left
