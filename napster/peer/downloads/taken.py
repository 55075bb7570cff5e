"""Which names of a folder are taken, also by another case or accents in another normal form."""

import os
import unicodedata
from itertools import count
from pathlib import Path

import attrs

from napster.peer.downloads.partial import Place
from napster.peer.downloads.paths import MAX_NAME, RECORD, WORKING, numbered


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


@attrs.define
class _Listing:
    changed: int
    names: set[str]


class TakenNames:
    """Finds free names. Blocking; a folder is listed again only once somebody else changed it."""

    def __init__(self) -> None:
        self._listings: dict[Path, _Listing] = {}

    def free_place(self, folder: Path, name: str) -> tuple[Place, str]:
        """Find a place for the working files of a download, and what it can be called at its end.

        The caller creates the record there at once and then calls `took`. Raises OSError.
        """
        taken = self._names(folder)
        for number in count(1):
            stem = numbered(name, number, MAX_NAME - len(RECORD))
            final = numbered(name, number)
            if not {_folded(final), *_working(stem)} & taken:
                return Place(folder, stem), final
        raise AssertionError("numbers do not end")

    def took(self, place: Place) -> None:
        """Take note that the record was created at a place."""
        listing = self._listings[place.folder]
        listing.names.update(_working(place.stem))
        listing.changed = place.folder.stat().st_mtime_ns

    def _names(self, folder: Path) -> set[str]:
        changed = folder.stat().st_mtime_ns
        known = self._listings.get(folder)
        if known is None or known.changed != changed:
            known = _Listing(changed, {_folded(name) for name in os.listdir(folder)})  # noqa: PTH208
            self._listings = {folder: known}
        return known.names


def _working(stem: str) -> set[str]:
    return {_folded(stem + ending) for ending in WORKING}
