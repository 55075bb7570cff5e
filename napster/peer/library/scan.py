"""Reading folders: what each holds, and what of it may not be shared. Blocking: for threads."""

import errno
import os
import stat
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path

import attrs

from napster.peer.library.beneath import Place, Stamp, has_vanished
from napster.peer.library.homes import Homes
from napster.peer.library.names import MAX_PATH
from napster.peer.library.rules import OTHERS_HOME, PRIVATE, TOO_LONG, UNREADABLE, Rules

SLICE = 500
"""About how many files and folders are looked at before the reactor hears of them."""

Entered = Callable[[Place, int], int | None]
"""Called with a folder and its descriptor before it is read; returns the number of its watch."""


@attrs.frozen
class Listing:
    """What one folder holds. `looked_at` are the names asked for; None means all there are."""

    place: Place
    files: Mapping[bytes, Stamp]
    folders: Sequence[bytes]
    refused: Mapping[bytes, str]
    looked_at: frozenset[bytes] | None = None
    watch: int | None = None

    def size(self) -> int:
        """Count the names."""
        return len(self.files) + len(self.folders) + len(self.refused)


@attrs.frozen
class Unreadable:
    """A folder that could not be read. `reason` is None if it is not there any more."""

    place: Place
    reason: str | None


class Scanner:
    """Reads folders under the rules, telling `entered` of each."""

    def __init__(
        self,
        rules: Rules,
        entered: Entered,
        private: Iterable[Path] = (),
        homes: Homes | None = None,
    ) -> None:
        self._rules = rules
        self._homes = homes or Homes()
        self._entered = entered
        self._private = tuple(private)

    def list_some(self, places: Sequence[Place]) -> list[Listing | Unreadable]:
        """Read the first folders of a list, at least one, until about SLICE names are seen."""
        found: list[Listing | Unreadable] = []
        seen = 0
        for place in places:
            listing = self.list_folder(place)
            found.append(listing)
            seen += listing.size() if isinstance(listing, Listing) else 1
            if seen >= SLICE:
                break
        return found

    def list_folder(
        self, place: Place, names: frozenset[bytes] | None = None
    ) -> Listing | Unreadable:
        """Read one folder, or look only at some names in it."""
        try:
            with place.open() as folder:
                watch = self._entered(place, folder)
                return self._sort(place, folder, names, watch)
        except OSError as error:
            return Unreadable(place, None if has_vanished(error) else unreadable(error))

    def _sort(
        self, place: Place, folder: int, names: frozenset[bytes] | None, watch: int | None
    ) -> Listing:
        files, folders, refused = {}, [], {}
        for name in map(os.fsencode, os.listdir(folder)) if names is None else names:
            try:
                status = os.stat(name, dir_fd=folder, follow_symlinks=False)
            except FileNotFoundError:
                continue
            except OSError as error:
                refused[name] = unreadable(error)
                continue
            reason = self._refuse(place, folder, name, status)
            if reason is not None:
                refused[name] = reason
            elif stat.S_ISDIR(status.st_mode):
                folders.append(name)
            else:
                files[name] = place.stamp(name, status)
        return Listing(place, files, folders, refused, names, watch)

    def _refuse(self, place: Place, folder: int, name: bytes, status: os.stat_result) -> str | None:
        is_folder = stat.S_ISDIR(status.st_mode)
        if is_folder and any(_is_same(status, each) for each in self._private):
            return PRIVATE
        parts = (*place.parts, name)
        reason = self._rules.refuse(parts, status.st_mode)
        if is_folder and self._homes.is_of_another(status) and not self._rules.allows(parts):
            reason = OTHERS_HOME
        if reason is None and len(place.virtual_path(name)) > MAX_PATH:
            return TOO_LONG
        wanted = os.R_OK | os.X_OK if is_folder else os.R_OK
        # Effective ids: a daemon started by root may have given its rights up.
        if reason is None and not os.access(
            name, wanted, dir_fd=folder, effective_ids=True, follow_symlinks=False
        ):
            return f"{UNREADABLE}: {os.strerror(errno.EACCES)}"
        return reason


def _is_same(status: os.stat_result, path: Path) -> bool:
    try:
        return os.path.samestat(status, path.stat())
    except OSError:
        return False


def unreadable(error: OSError) -> str:
    """Say of a file or folder that it cannot be read, and why."""
    return f"{UNREADABLE}: {error.strerror}"
