"""The beginning and the end of a download on disk: reserving its place, saving it, deleting it.

Blocking: one thread does all of this, so that no two downloads get one name.
"""

import contextlib
from collections.abc import Sequence
from itertools import count
from pathlib import Path

import attrs

from napster.peer.downloads.files import make_folders, move_new, same_file, sync_folder
from napster.peer.downloads.partial import Place
from napster.peer.downloads.paths import numbered, safe_join
from napster.peer.downloads.record import Record, save
from napster.peer.downloads.taken import TakenNames


@attrs.frozen
class Shelf:
    """The downloads folder. `file_mode` holds for what is saved, whatever the umask is."""

    folder: Path
    file_mode: int = 0o644
    _taken: TakenNames = attrs.field(factory=TakenNames)

    @property
    def folder_mode(self) -> int:
        """The mode of folders: whoever may read files may enter them."""
        return self.file_mode | (self.file_mode & 0o444) >> 2

    def reserve(self, folders: Sequence[str], record: Record) -> tuple[Place, Record]:
        """Make a download's folder and record; its name is a free one, so it may get a number.

        Raises UnsafePathError, OSError.
        """
        folder = safe_join(self.folder, folders)
        make_folders(folder, self.folder, self.folder_mode)
        place, name = self._taken.free_place(folder, record.name)
        record = attrs.evolve(record, name=name)
        save(place, record)
        self._taken.took(place)
        return place, record


def settle(place: Place, record: Record) -> Path:
    """Give a complete file its name, or the next free one; return where it is. Raises OSError.

    Started again after a crash at any point, it ends the same way.
    """
    target = _move(place, record.name)
    sync_folder(place.folder)
    remove(place)
    return target


def _move(place: Place, name: str) -> Path:
    for number in count(1):
        target = place.folder / numbered(name, number)
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
