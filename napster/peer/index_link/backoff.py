"""How long to wait before the next try to reach the index."""

from collections.abc import Callable
from enum import Enum

import attrs


class Ending(Enum):
    """Why a session with the index ended."""

    LOST = "lost"
    """It could not be reached, the connection broke, or it stopped answering."""
    REFUSED = "refused"
    """The index does not want this login, or has thrown the session out."""
    REPLACED = "replaced"
    """Another session logged in under the same nick."""


@attrs.frozen
class SessionEnd:
    """How a session ended; the reason is one sentence. `online_for` is in seconds."""

    ending: Ending
    reason: str
    online_for: float = 0.0


FIRST = {Ending.LOST: 1.0, Ending.REFUSED: 30.0, Ending.REPLACED: 300.0}
"""The shortest wait, in seconds, before jitter takes up to half of it off."""
GROWTH = {Ending.LOST: 1.2, Ending.REFUSED: 2.0, Ending.REPLACED: 2.0}
"""Each wait is so many times the one before: an index that is away is tried again, however long it
has been away, within a fifth of that time."""
LONGEST = {Ending.LOST: 300.0, Ending.REFUSED: 300.0, Ending.REPLACED: 3600.0}
"""The longest wait, in seconds."""
STEADY = 60.0
"""A session that was online this long, in seconds, starts the waits from the shortest again."""


class Backoff:
    """Waits that grow with every failure of the same kind, with jitter.

    Jitter keeps a thousand peers from coming back at once. Two daemons that share a nick would
    displace each other for ever: their wait is long and keeps growing, however long they were on.
    """

    def __init__(self, random: Callable[[], float]) -> None:
        """`random` returns a number from 0.0 up to, but not including, 1.0."""
        self._random = random
        self._last: Ending | None = None
        self._failures = 0

    def after(self, end: SessionEnd) -> float:
        """Tell how many seconds to wait after a session ended that way."""
        steady = end.ending is not Ending.REPLACED and end.online_for >= STEADY
        if steady or end.ending is not self._last:
            self._failures = 0
        self._last = end.ending
        grown: float = FIRST[end.ending] * GROWTH[end.ending] ** min(self._failures, 50)
        self._failures += 1
        return min(grown, LONGEST[end.ending]) * (0.5 + self._random() / 2)
