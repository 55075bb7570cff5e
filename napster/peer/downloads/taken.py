"""Which names of a folder are taken, also by another case or accents in another normal form."""

import os
import unicodedata
from itertools import count
from pathlib import Path

import attrs

from napster.peer.downloads.files import longest_name
from napster.peer.downloads.partial import Place
from napster.peer.downloads.paths import RECORD, WORKING, numbered, shown


def _folded(name: str) -> str:
    return unicodedata.normalize("NFC", name).casefold()


@attrs.define
class _Listing:
    changed: int
    names: dict[str, str]
    """The names as they are, by what stands for all that would be the same."""


@attrs.frozen
class FreePlace:
    """Where a download's working files can lie, and what it can be called at its end."""

    place: Place
    name: str
    why: str
    """Why it is not the name that was asked for; empty if it is."""


class TakenNames:
    """Finds free names. Blocking; a folder is listed again only once somebody else changed it."""

    def __init__(self) -> None:
        self._listings: dict[Path, _Listing] = {}

    def free_place(self, folder: Path, name: str) -> FreePlace:
        """Find a place for the working files of a download, and what it can be called at its end.

        The caller creates the record there at once and then calls `took`. Raises OSError.
        """
        taken, why = self._names(folder), ""
        longest = longest_name(folder)
        for number in count(1):
            stem = numbered(name, number, longest - len(RECORD))
            final = numbered(name, number, longest)
            others = {_folded(final), *_working(stem)} & taken.keys()
            if not others:
                return FreePlace(Place(folder, stem), final, why or _cut(name, final))
            why = why or _reason(final, taken.get(_folded(final)))
        raise AssertionError("numbers do not end")

    def took(self, place: Place) -> None:
        """Take note that the record was created at a place."""
        listing = self._listings[place.folder]
        listing.names.update(dict.fromkeys(_working(place.stem), place.stem))
        listing.changed = place.folder.stat().st_mtime_ns

    def _names(self, folder: Path) -> dict[str, str]:
        changed = folder.stat().st_mtime_ns
        known = self._listings.get(folder)
        if known is None or known.changed != changed:
            names = os.listdir(folder)  # noqa: PTH208  # names are all that is wanted
            known = _Listing(changed, {_folded(name): name for name in names})
            self._listings = {folder: known}
        return known.names


def _cut(name: str, final: str) -> str:
    return "" if final == name else f"the disk has no room for the whole name {shown(name)}"


def _reason(name: str, other: str | None) -> str:
    """Say how a name is like one that is taken; `other` is None if a download waits for it."""
    if other is None:
        return f"another download is called {shown(name)}"
    if name == other:
        how = ""
    elif unicodedata.normalize("NFC", name) == unicodedata.normalize("NFC", other):
        how = ", its accents written another way"
    else:
        how = ", which differs in case only"
    return f"{shown(other)} is there already{how}"


def _working(stem: str) -> set[str]:
    return {_folded(stem + ending) for ending in WORKING}
