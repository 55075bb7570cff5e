"""Which of the files offered an index does not take, and why."""

from collections.abc import Iterator
from typing import Final

MOST_KEPT: Final = 1000
"""Of how many files it is known why; a quota may leave out a million."""


class Refusals:
    """Files that were refused in one session."""

    def __init__(self) -> None:
        self.count = 0
        """How many there are."""
        self._reasons: dict[bytes, str] = {}

    def add(self, path: bytes, reason: str) -> None:
        """Take note of a refusal; the reason is one sentence."""
        self.count += 1
        if len(self._reasons) < MOST_KEPT:
            self._reasons[path] = reason

    def withdraw(self, path: bytes) -> bool:
        """Forget a file that is no longer offered; tell whether it was known to be refused."""
        known = self._reasons.pop(path, None) is not None
        self.count -= known
        return known

    def __iter__(self) -> Iterator[tuple[bytes, str]]:
        """Go through paths and reasons, as far as they are kept."""
        return iter(self._reasons.items())
