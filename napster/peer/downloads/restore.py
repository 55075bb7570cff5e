"""Finding the downloads that an earlier run has left. Blocking."""

import os
from collections.abc import Iterable, Iterator
from pathlib import Path

import attrs

from napster.peer.downloads.marks import MarksFile
from napster.peer.downloads.partial import Place
from napster.peer.downloads.paths import RECORD
from napster.peer.downloads.record import Record, RecordError, Stage, load
from napster.peer.downloads.settle import remove, settle


@attrs.frozen
class Remembered:
    """A download found on disk."""

    place: Place
    record: Record
    size: int = 0
    """How many bytes of it seem to be here."""
    saved: Path | None = None
    """Where the file is, if it only lacked its name."""


@attrs.frozen
class Found:
    """All downloads by their numbers, and sentences about what is unusable."""

    downloads: list[Remembered] = attrs.field(factory=list)
    problems: list[str] = attrs.field(factory=list)
    elsewhere: list[Path] = attrs.field(factory=list)
    """The folders outside the downloads folder that are still of use."""


def find_downloads(folder: Path, elsewhere: Iterable[Path] = ()) -> Found:
    """Read all records below a folder and in some others; finish what only lacks its name.

    Raises OSError if the first folder itself cannot be read.
    """
    found = Found()
    _take_in(_places(folder, found.problems), found)
    for other in elsewhere:
        try:
            places = list(_places_in(other, os.listdir(other)))  # noqa: PTH208  # names are enough
        except OSError as error:
            places = []
            found.elsewhere.append(other)
            found.problems.append(
                f"{other}: cannot be read: {error.strerror}; downloads that go there are taken up "
                "by a start that finds it"
            )
        if places:
            found.elsewhere.append(other)
            _take_in(places, found)
    found.downloads.sort(key=lambda each: each.record.id)
    return found


def _take_in(places: Iterable[Place], found: Found) -> None:
    for place in places:
        try:
            found.downloads.extend(_remember(place))
        except RecordError as error:
            found.problems.append(str(error))
        except OSError as error:
            found.problems.append(f"{place.part}: cannot be finished: {error.strerror}")


def _places(folder: Path, problems: list[str]) -> Iterator[Place]:
    def note(error: OSError) -> None:
        if error.filename == os.fspath(folder):
            raise error
        problems.append(f"{error.filename}: cannot be read: {error.strerror}")

    for path, _, names in os.walk(folder, onerror=note):
        yield from _places_in(Path(path), names)


def _places_in(folder: Path, names: Iterable[str]) -> Iterator[Place]:
    for name in names:
        if name.endswith(RECORD):
            yield Place(folder, name.removesuffix(RECORD))


def _remember(place: Place) -> Iterator[Remembered]:
    record = load(place)
    place.spare.unlink(missing_ok=True)
    if record.stage is not Stage.COMPLETE:
        yield Remembered(place, record, MarksFile(place.marks).claimed())
    elif place.part.exists():
        yield Remembered(place, record, record.size or 0, settle(place, record))
    else:
        remove(place)
