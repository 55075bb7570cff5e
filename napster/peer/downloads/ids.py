"""Numbers for downloads that are never given twice, also after a restart. Blocking."""

from pathlib import Path

_NAME = "last-download"


class Ids:
    """Counts downloads in a file of the state folder."""

    def __init__(self, state: Path) -> None:
        self._path = state / _NAME
        self._last = 0

    def load(self, highest: int) -> None:
        """Go on behind the last number given, and behind the highest one still in use."""
        try:
            stored = int(self._path.read_text(encoding="ascii"))
        except (OSError, ValueError):
            stored = 0  # a new state folder, or one that a power cut has hit
        self._last = max(stored, highest)

    def next(self) -> int:
        """Give the next number. Raises OSError that names the file."""
        spare = self._path.with_suffix(".new")
        try:
            spare.write_text(f"{self._last + 1}\n", encoding="ascii")
            spare.replace(self._path)
        except OSError as error:
            raise OSError(error.errno, error.strerror, str(self._path)) from error
        self._last += 1
        return self._last
