"""The beginning and the end of a download on disk: reserving its place, saving it, deleting it.

Blocking. One thread reserves and deletes, so that no two downloads get one name.
"""

import contextlib
from collections.abc import Sequence
from itertools import count
from pathlib import Path

import attrs

from napster.peer.downloads.files import (
    longest_name,
    make_folders,
    move_new,
    same_file,
    sync_folder,
)
from napster.peer.downloads.partial import Place
from napster.peer.downloads.paths import UnsafePathError, numbered, safe_join, shown
from napster.peer.downloads.record import Record, save
from napster.peer.downloads.taken import TakenNames


@attrs.frozen
class Shelf:
    """Where downloads go. `file_mode` holds for what is saved, whatever the umask is."""

    folder: Path
    """The downloads folder."""
    destinations: tuple[Path, ...] = ()
    """Folders outside of it that downloads may be sent to as well."""
    file_mode: int = 0o644
    _taken: TakenNames = attrs.field(factory=TakenNames)

    @property
    def folder_mode(self) -> int:
        """The mode of folders: whoever may read files may enter them."""
        return self.file_mode | (self.file_mode & 0o444) >> 2

    def folder_for(self, to: str, folders: Sequence[str]) -> Path:
        """Make the folder of a download: `folders` below `to`, which is the user's own word.

        Raises UnsafePathError, OSError.
        """
        root, base = self._root_and_base(to) if to else (self.folder, self.folder)
        folder = safe_join(base, folders)
        make_folders(folder, root, self.folder_mode)
        return folder

    def _root_and_base(self, to: str) -> tuple[Path, Path]:
        base = (self.folder / to).resolve()
        for root in (self.folder, *self.destinations):
            if base.is_relative_to(root.resolve()):
                return root.resolve(), base
        raise UnsafePathError(
            f"{shown(str(base))} is outside of the downloads folder and of what the option "
            "destinations names"
        )

    def reserve(self, folder: Path, record: Record) -> tuple[Place, Record]:
        """Make a download's record; its name is a free one, so it may get a number.

        The record is still to be synced. Raises OSError.
        """
        free = self._taken.free_place(folder, record.name)
        renamed = "; ".join(filter(None, (record.renamed, free.why)))
        record = attrs.evolve(record, name=free.name, renamed=renamed)
        save(free.place, record, sync=False)
        self._taken.took(free.place)
        return free.place, record


def settle(place: Place, record: Record) -> Path:
    """Give a complete file its name, or the next free one; return where it is. Raises OSError.

    Started again after a crash at any point, it ends the same way.
    """
    target = _move(place, record.name)
    sync_folder(place.folder)
    remove(place)
    return target


def _move(place: Place, name: str) -> Path:
    longest = longest_name(place.folder)
    for number in count(1):
        target = place.folder / numbered(name, number, longest)
        if same_file(place.part, target):
            place.part.unlink()
            return target
        with contextlib.suppress(FileExistsError):
            move_new(place.part, target)
            return target
    raise AssertionError("numbers do not end")


def remove(place: Place) -> None:
    """Delete the working files of a download, the record last. Raises OSError."""
    for path in (place.part, place.marks, place.spare, place.record):
        path.unlink(missing_ok=True)
