"""Which finds are downloaded by themselves."""

from collections import defaultdict
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Protocol

import attrs
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import deferLater

from napster.peer.api import ApiError, DownloadStatus, Find, FoundFile, Wanted
from napster.peer.library.progress import Phase, Progress
from napster.peer.library.shared_file import SharedFile
from napster.peer.wishlist.store import Kept
from napster.units import format_size

_SLICE = 1000
"""So many shared files are looked at in one go."""


@attrs.frozen
class WishLimits:
    """What is downloaded by itself at most."""

    size: int
    """The largest file, in bytes."""
    files: int
    """How many files for one wish."""


class HeldFiles(Protocol):
    """The library as this needs it."""

    def files(self) -> Iterator[SharedFile]:
        """Go through all files on offer; may be done in slices."""

    def progress(self) -> Progress:
        """Say what is being done."""


class Getting:
    """Begins downloads for wishes: equal content once, nothing that is shared here already."""

    def __init__(
        self,
        clock: IReactorTime,
        library: HeldFiles,
        get: Callable[[Wanted], Awaitable[DownloadStatus]],
        limits: WishLimits,
    ) -> None:
        self._clock = clock
        self._library = library
        self._get = get
        self.limits = limits

    async def settle(self, wishes: Sequence[Kept]) -> list[tuple[Kept, Find]]:
        """Download what is wished for and not decided yet; returns the finds that now are.

        Before all folders have been looked through, it is not known what is here.
        """
        waiting = [
            (wish, find) for wish in wishes if wish.get for find in wish.finds if _is_open(find)
        ]
        if not waiting or self._library.progress().phase is Phase.SCANNING:
            return []
        held = await self._held([find.file for _, find in waiting])
        settled = []
        for wish, find in waiting:
            after = await self._settled(wish, find, wishes, held)
            wish.replace(after)
            settled.append((wish, after))
        return settled

    async def _settled(
        self, wish: Kept, find: Find, wishes: Sequence[Kept], held: Sequence[FoundFile]
    ) -> Find:
        if find.file in held:
            return attrs.evolve(find, note="shared here already")
        if note := self._refusal(wish, find.file, wishes):
            return attrs.evolve(find, note=note)
        try:
            status = await self._get(wanted(find.file))
        except ApiError as error:
            return attrs.evolve(find, note=str(error))
        return attrs.evolve(find, download=status.id)

    def _refusal(self, wish: Kept, file: FoundFile, wishes: Sequence[Kept]) -> str:
        """Say why a file is not to be downloaded; empty if it is."""
        for other in wishes:
            for find in other.finds:
                if find.download is not None and is_same(find.file, file):
                    return f"download {find.download} is the same"
        if file.size > self.limits.size:
            return f"over {format_size(self.limits.size)}, see wish_size"
        if sum(find.download is not None for find in wish.finds) >= self.limits.files:
            return f"wish has {self.limits.files} files, see wish_files"
        return ""

    async def _held(self, wanted: Sequence[FoundFile]) -> list[FoundFile]:
        """Find out which of some files are shared here, in slices."""
        by_size: dict[int, list[FoundFile]] = defaultdict(list)
        for file in wanted:
            by_size[file.size].append(file)
        held: list[FoundFile] = []
        for number, own in enumerate(self._library.files(), 1):
            held += [each for each in by_size.get(own.size, ()) if _holds(own, each)]
            if number % _SLICE == 0:
                await deferLater(self._clock, 0)
        return held


def wanted(file: FoundFile) -> Wanted:
    """Make what is to be downloaded of a row."""
    return Wanted(file.name, file.size, file.md5, file.sources, content=file.content)


def is_same(one: FoundFile, other: FoundFile) -> bool:
    """Whether two files are the same as far as is known: by content, else by hash, else by name."""
    if one.size != other.size:
        return False
    if one.content and other.content:
        return one.content == other.content
    if one.md5 and other.md5:
        return one.md5 == other.md5
    return one.name == other.name


def _is_open(find: Find) -> bool:
    return find.download is None and not find.note


def _holds(own: SharedFile, file: FoundFile) -> bool:
    if file.content:
        return own.content.hex() == file.content
    return bool(file.md5) and own.md5.hex() == file.md5
