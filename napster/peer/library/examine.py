"""Hashing files one after the other in a thread, and noticing those that change meanwhile."""

from collections.abc import Callable, Sequence
from io import FileIO

import attrs

from napster.peer.library.beneath import has_vanished
from napster.peer.library.hash import content_root, hash_stream
from napster.peer.library.remember import Facts, Learned, Sighting
from napster.peer.library.rules import CHANGED
from napster.peer.library.scan import unreadable
from napster.peer.library.tags import Tags, TagsError, read_tags


@attrs.frozen
class Hashed:
    """A file whose content is now known; `tags_problem` says why its tags are not, if so."""

    learned: Learned
    tags_problem: str | None = None

    @property
    def sighting(self) -> Sighting:
        """Say which file it is."""
        return self.learned.sighting


@attrs.frozen
class NotHashed:
    """A file that could not be hashed, why, and whether it is worth another look soon."""

    sighting: Sighting
    reason: str
    look_again: bool = False


@attrs.define
class Batch:
    """Files for one thread to hash. The thread counts the bytes; others may stop it."""

    sightings: Sequence[Sighting]
    bytes_done: int = 0
    stopped: bool = False


class _ChangedError(Exception):
    pass


class _StoppedError(Exception):
    pass


def examine(batch: Batch) -> list[Hashed | NotHashed]:
    """Hash the files of a batch; fewer come back if it was stopped. For use in a thread."""
    outcomes: list[Hashed | NotHashed] = []
    for sighting in batch.sightings:
        try:
            outcomes.append(_examine(sighting, batch))
        except _StoppedError:
            break
    return outcomes


def _examine(sighting: Sighting, batch: Batch) -> Hashed | NotHashed:
    def check(size: int) -> None:
        batch.bytes_done += size
        if batch.stopped:
            raise _StoppedError

    try:
        with sighting.place.open_file(sighting.name) as stream:
            return _read(sighting, stream, check)
    except _ChangedError:
        return NotHashed(sighting, CHANGED, look_again=True)
    except OSError as error:
        if has_vanished(error):
            return NotHashed(sighting, CHANGED, look_again=True)
        return NotHashed(sighting, unreadable(error))


def _read(sighting: Sighting, stream: FileIO, check: Callable[[int], None]) -> Hashed | NotHashed:
    def unchanged(size: int = 0) -> None:
        check(size)
        if sighting.place.stamp_of(sighting.name, stream) != sighting.stamp:
            raise _ChangedError

    unchanged()
    hashes = hash_stream(stream, sighting.stamp.size, unchanged)
    tags, problem = _tags(sighting.name, stream)
    unchanged()
    if hashes.size != sighting.stamp.size:
        return NotHashed(sighting, f"cannot be read: ends after {hashes.size} bytes")
    facts = Facts(hashes.md5, tags, content_root(hashes.size, hashes.pieces))
    return Hashed(Learned(sighting, facts, hashes.pieces), problem)


def _tags(name: bytes, stream: FileIO) -> tuple[Tags, str | None]:
    try:
        return read_tags(name, stream), None
    except TagsError as error:
        return Tags(), str(error)
