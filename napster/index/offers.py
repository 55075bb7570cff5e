"""What a user is told of files that are not taken: some one by one, the rest by number."""

from collections.abc import Iterator, Sequence

import attrs

from napster.catalog.interface import Refusal
from napster.wire.fields import display

_TOLD = 10
"""So many refusals are told one by one."""
QUIET = 2.0
"""So many seconds after the last file the rest is told."""
LATEST = 30.0
"""So many seconds after the first file that was not taken the rest is told, though more come."""


@attrs.define
class Offers:
    """The files that a user has offered in one go, as at the start of a program."""

    accepted: int = 0
    surplus: int = 0
    """Those above the number one user may share."""
    refused: int = 0
    latest: float = 0.0
    """When the last file came."""
    untold_since: float | None = None
    """When the first file came of which there is something left to tell."""

    def take(
        self, accepted: int, surplus: int, refusals: Sequence[Refusal], now: float
    ) -> Iterator[str]:
        """Count what became of some files that came now; tells what to say of them at once."""
        for refusal in refusals[: max(0, _TOLD - self.refused)]:
            yield f"{refusal.reason}: {display(refusal.path)}" if refusal.path else refusal.reason
        self.accepted += accepted
        self.surplus += surplus
        self.refused += len(refusals)
        self.latest = now
        if self.untold_since is None and (self.surplus or self.refused > _TOLD):
            self.untold_since = now

    def is_due(self, now: float, *, busy: bool) -> bool:
        """Whether the rest is to be told now; not while `busy` taking files in, if it may wait."""
        if self.untold_since is not None and now - self.untold_since >= LATEST:
            return True
        return not busy and now - self.latest >= QUIET

    def rest(self, most: int) -> Iterator[str]:
        """Tell what was not said at once; `most` is how many files one user may share."""
        if self.refused > _TOLD:
            yield f"{self.refused - _TOLD:,} more files were not taken"
        if self.surplus:
            offered = self.accepted + self.refused + self.surplus
            yield (
                f"{self.accepted:,} of {offered:,} accepted; the others were not taken, "
                f"for one user may share {most:,} files here"
            )
