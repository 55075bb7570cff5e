"""How long to leave a source alone after each way it can fail, and when to drop it for good."""

from collections.abc import Callable
from typing import Final

import attrs

from napster.peer import arrange
from napster.peer.downloads import errors

LONGEST: Final = 900.0
"""The longest wait between two tries, in seconds, before jitter."""


@attrs.frozen
class Patience:
    """How one kind of failure is borne.

    The wait, in seconds, doubles with every failure in a row. After `chances` failures the source
    is dropped for this file; None means never. What is the `person`'s fault and not the file's
    makes all downloads from that user wait.
    """

    wait: float
    chances: int | None = None
    person: bool = False


_PATIENCE: Final[dict[type[Exception], Patience]] = {
    arrange.OfflineError: Patience(10, person=True),
    arrange.NoAnswerError: Patience(10, person=True),
    arrange.FirewalledError: Patience(300, person=True),
    errors.UnreachableError: Patience(10, person=True),
    errors.NoPushError: Patience(20, person=True),
    arrange.NotSharedError: Patience(15, chances=6),
    arrange.RefusedError: Patience(60, chances=6),
    arrange.ArrangeError: Patience(20),
    errors.DeclinedError: Patience(30, chances=6),
    errors.BrokenError: Patience(20, chances=4),
    errors.LostError: Patience(2, chances=8),
    errors.StalledError: Patience(30, chances=4),
    errors.ResumedWrongError: Patience(0, chances=3),
    errors.MixedPieceError: Patience(0, chances=8),
    errors.NothingLeftError: Patience(5),
    errors.WrongSizeError: Patience(0, chances=1),
    errors.SurplusError: Patience(0, chances=1),
    errors.WrongContentError: Patience(0, chances=1),
}


def patience_with(error: Exception) -> Patience:
    """Find how a failure is borne: as the nearest kind that has a rule."""
    return next(_PATIENCE[kind] for kind in type(error).__mro__ if kind in _PATIENCE)


def wait_after(patience: Patience, failures: int, random: Callable[[], float]) -> float:
    """Tell how many seconds to wait after so many failures in a row, with a quarter of jitter."""
    return min(LONGEST, patience.wait * 2.0 ** min(failures - 1, 16)) * (0.75 + random() / 2)


def queue_wait(place: int, times: int, random: Callable[[], float]) -> float:
    """Tell in how many seconds to ask again for a file queued `times` times in a row.

    The first waits are short: who has just sent a file may not know yet that it is over.
    """
    longest = min(60.0, 5.0 + 5.0 * max(1, place))
    return min(longest, 0.5 * 2.0 ** min(times - 1, 16)) * (0.75 + random() / 2)
