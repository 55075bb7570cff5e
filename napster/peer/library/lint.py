"""What sharing some folders would publish, and what it would not: looked at before anybody else is.

The same rules decide as for the library; nothing is hashed and nobody is told. Blocking.
"""

import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Sequence
from heapq import nlargest
from pathlib import Path

import attrs

from napster.peer.library.beneath import Place, SharedTree
from napster.peer.library.homes import Homes
from napster.peer.library.mounts import Mounts
from napster.peer.library.roots import ShareRoot
from napster.peer.library.rules import OTHERS_HOME, SUSPICIOUS, Rules
from napster.peer.library.scan import Listing, Scanner, Unreadable
from napster.wire.fields import display

LARGEST = 5
"""So many of the largest files are named."""
_SYSTEM = tuple(map(Path, ("/bin", "/boot", "/dev", "/etc", "/lib", "/proc", "/root", "/run")))
_SYSTEM += tuple(map(Path, ("/sbin", "/sys", "/usr", "/var")))
_HARMLESS = tuple(map(Path, ("/usr/share", "/usr/local", "/var/lib", "/var/local", "/run/media")))
_WORRYING = (SUSPICIOUS, OTHERS_HOME)


@attrs.frozen
class Finding:
    """All that is refused for one reason, by the paths that others would see, fit to be shown."""

    reason: str
    paths: Sequence[str]

    @property
    def is_worrying(self) -> bool:
        """Whether this should make the owner look at what else lies there."""
        return self.reason in _WORRYING


@attrs.frozen
class FileType:
    """Files whose names end alike. Size in bytes."""

    ending: str
    files: int
    size: int


@attrs.frozen
class Verdict:
    """What would become public, and what needs the owner's attention. Sizes in bytes."""

    files: int
    size: int
    folders: int
    types: Sequence[FileType]
    largest: Sequence[tuple[str, int]]
    refused: Sequence[Finding]
    concerns: Sequence[str]
    """Sentences about the shared folders themselves."""

    @property
    def is_clean(self) -> bool:
        """Whether nothing needs attention."""
        return not self.concerns and not any(each.is_worrying for each in self.refused)


@attrs.define
class _Tally:
    files: Counter[str] = attrs.field(factory=Counter)
    sizes: Counter[str] = attrs.field(factory=Counter)
    folders: int = 0
    largest: list[tuple[bytes, int]] = attrs.field(factory=list)
    refused: dict[str, list[bytes]] = attrs.field(factory=lambda: defaultdict(list))
    concerns: list[str] = attrs.field(factory=list)

    def add(self, listing: Listing) -> None:
        """Count what one folder holds."""
        self.folders += 1
        sizes = [(listing.place.virtual_path(n), stamp.size) for n, stamp in listing.files.items()]
        for name, stamp in listing.files.items():
            ending = Path(os.fsdecode(name)).suffix.lower()
            self.files[ending] += 1
            self.sizes[ending] += stamp.size
        self.largest = nlargest(LARGEST, [*self.largest, *sizes], key=lambda each: each[1])
        for name, reason in listing.refused.items():
            self.refused[reason].append(listing.place.virtual_path(name))

    def verdict(self) -> Verdict:
        """Sum it up, what there is most of first."""
        types = [FileType(each, count, self.sizes[each]) for each, count in self.files.items()]
        refused = [
            Finding(reason, sorted(map(display, paths))) for reason, paths in self.refused.items()
        ]
        return Verdict(
            files=self.files.total(),
            size=self.sizes.total(),
            folders=self.folders,
            types=sorted(types, key=lambda each: (-each.size, each.ending)),
            largest=[(display(path), size) for path, size in self.largest],
            refused=sorted(refused, key=lambda each: (not each.is_worrying, each.reason)),
            concerns=self.concerns,
        )


class Linter:
    """Looks through folders as the library would."""

    def __init__(self, allow: Iterable[str] = (), homes: Homes | None = None) -> None:
        """Judge by the patterns of the option `allow`."""
        self._homes = homes or Homes()
        self._scanner = Scanner(Rules(allow), lambda _place, _folder: None, homes=self._homes)

    def check(self, roots: Sequence[ShareRoot], looked_at: Callable[[int], None]) -> Verdict:
        """Look through folders; `looked_at` is told how many files were seen so far."""
        tally = _Tally()
        mounts = Mounts()
        mounts.refresh()
        for root in roots:
            tally.concerns += self._concerns(root)
            self._walk(Place(SharedTree(root, mounts)), tally, looked_at)
        return tally.verdict()

    def _walk(self, top: Place, tally: _Tally, looked_at: Callable[[int], None]) -> None:
        places = [top]
        while places:
            place = places.pop()
            listing = self._scanner.list_folder(place)
            if isinstance(listing, Unreadable):
                self._miss(listing, tally)
                continue
            tally.add(listing)
            places += map(place.child, listing.folders)
            looked_at(tally.files.total())

    @staticmethod
    def _miss(lost: Unreadable, tally: _Tally) -> None:
        reason = lost.reason or "is not there"
        if lost.place.parts:
            tally.refused[reason].append(lost.place.virtual_path())
        else:
            tally.concerns.append(f"{lost.place.tree.root.path} {reason}")

    def _concerns(self, root: ShareRoot) -> list[str]:
        """Say what is doubtful about sharing a folder as a whole."""
        try:
            path = root.path.resolve()
            status = path.stat()
        except OSError:
            return []  # the walk will say so
        if path == Path("/"):
            return [f"{root.path} is the whole machine: share a folder of its own instead"]
        if self._homes.is_own(status):
            return [f"{root.path} is your whole home: share a folder in it instead"]
        if self._homes.is_of_another(status):
            return [f"{root.path} is another user's home"]
        if _is_within(path, _SYSTEM) and not _is_within(path, _HARMLESS):
            return [f"{root.path} belongs to the system: it may hold passwords and keys"]
        return []


def _is_within(path: Path, folders: Iterable[Path]) -> bool:
    return any(path.is_relative_to(each) for each in folders)
