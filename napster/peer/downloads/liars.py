"""Users who have sent wrong bytes: remembered beyond a restart, and not asked again for a while."""

import json
import time
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import attrs

from napster.peer.downloads.files import write_whole

MEMORY: Final = 7 * 86400.0
"""How many seconds a liar is left alone; disks and lines go bad, and are mended."""
MOST_LIARS: Final = 1000
"""How many are remembered; the one caught longest ago is forgotten first."""


@attrs.frozen
class Liar:
    """A user caught at a time (POSIX, in seconds), and where that user was met."""

    nick: str
    address: str
    caught: float


class Liars:
    """The liars known, in a file of JSON. `load` and `save` block."""

    def __init__(self, path: Path | None = None, wall: Callable[[], float] = time.time) -> None:
        """Keep them at a path, or in memory only; `wall` tells the date."""
        self._path = path
        self._wall = wall
        self._known: dict[str, Liar] = {}

    def load(self) -> str:
        """Read who is remembered; returns a sentence if the file cannot be used, else nothing."""
        if self._path is None or not self._path.exists():
            return ""
        try:
            found = [_liar(**each) for each in json.loads(self._path.read_bytes())]
        except (OSError, ValueError, TypeError) as error:
            return f"{self._path}: cannot be read, so nobody is known to lie: {error}"
        self._known = {liar.nick.lower(): liar for liar in found[-MOST_LIARS:]}
        return ""

    def save(self) -> None:
        """Write who is remembered. Raises OSError."""
        if self._path is not None:
            known = [attrs.asdict(liar) for liar in list(self._known.values())]
            raw = json.dumps(known, indent=1).encode("ascii")
            write_whole(self._path, self._path.with_suffix(".new"), raw)

    def remember(self, nick: str, address: str) -> None:
        """Take note of a user who sent wrong bytes just now."""
        self._known.pop(nick.lower(), None)
        self._known[nick.lower()] = Liar(nick, address, self._wall())
        if len(self._known) > MOST_LIARS:
            del self._known[next(iter(self._known))]

    def charge(self, nick: str) -> str:
        """Say why a user is not asked; empty if there is nothing against it."""
        liar = self._known.get(nick.lower())
        if liar is None or self._wall() - liar.caught > MEMORY:
            return ""
        day = datetime.fromtimestamp(liar.caught, UTC).date()
        return f"{nick} sent wrong bytes on {day}, and is left alone for a week"


def _liar(nick: Any, address: Any, caught: Any) -> Liar:
    if not isinstance(nick, str) or not isinstance(address, str):
        raise TypeError("a nick or an address is no text")
    return Liar(nick, address, float(caught))
