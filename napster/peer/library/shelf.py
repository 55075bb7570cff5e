"""One shared folder as it stands: whether it is there, and all that is known of what it holds."""

import re
from collections.abc import Iterable, Iterator
from enum import Enum
from itertools import islice

from napster.daemon.turns import Turns
from napster.peer.library.beneath import Place, SharedTree
from napster.peer.library.inventory import Folder, Tallies
from napster.peer.library.names import SEPARATOR, names_of, unescape_name
from napster.peer.library.shared_file import SharedFile

_MOST_BESIDE = 1000
"""So many of the folders in one are looked at for empty ones."""
_ESCAPE = re.compile(rb"%[0-9A-Fa-f]{2}")


class RootState(Enum):
    """How a shared folder is."""

    LOOKING = "being looked through"
    READY = "shared"
    MISSING = "not there"
    NOT_MOUNTED = "not mounted"
    UNREADABLE = "not readable"


class Shelf:
    """A shared folder and its inventory."""

    def __init__(self, tree: SharedTree) -> None:
        self.tree = tree
        self.state = RootState.LOOKING
        self.told: RootState | None = None
        """The last state that the log was told of."""
        self.identity: tuple[int, int] | None = None
        """Device and inode of the folder when it was last looked through."""
        self.is_remote = False
        self.tallies = Tallies()
        self.top = Folder(Place(tree), self.tallies)
        self.lane = Turns()
        """Held from a look at the disk until the inventory says what was seen."""
        self.walking = Turns()
        """Held while the whole folder is looked through."""
        self.is_being_checked = False
        self.is_closed = False
        """Whether the folder is no longer to be shared."""

    @property
    def is_there(self) -> bool:
        """Whether the folder is there, as far as is known."""
        return self.state in {RootState.LOOKING, RootState.READY}

    def folder(self, place: Place) -> Folder | None:
        """Find a folder; None if it is not known (any more)."""
        folder: Folder | None = self.top
        for part in place.parts:
            folder = folder and folder.folders.get(part)
        return folder

    def enter(self, place: Place) -> Folder | None:
        """Find a folder, adding it if its parent is known."""
        folder = self.folder(place)
        if folder is None:
            above, name = place.split()
            parent = self.folder(above)
            folder = parent and parent.add_folder(name)
        return folder

    def find(self, path: bytes) -> SharedFile | None:
        """Find a file by its virtual path: exactly, else without regard to letter case.

        None if there is no such file, or several that differ in case only.
        """
        return self._exactly(path) or self._alike(path)

    def empty_beside(self, path: bytes) -> Iterator[bytes]:
        """Go through the virtual paths of empty folders beside a file and its folders.

        Those nearest to it come first. Of very many folders in one some are left out.
        """
        _, *above, _ = names_of(path)
        line = [self.top]
        for part in above:
            inner = line[-1].folders.get(part)
            if inner is None:
                return
            line.append(inner)
        for folder in reversed(line):
            for beside in islice(folder.folders.values(), _MOST_BESIDE):
                yield from (each.place.virtual_path() for each in beside.empty())

    def _exactly(self, path: bytes) -> SharedFile | None:
        _, *above, name = names_of(path)
        folder = self.folder(Place(self.tree, tuple(above)))
        file = folder and folder.shared_file(name)
        return file if file and file.path == path else None

    def _alike(self, path: bytes) -> SharedFile | None:
        path = _ESCAPE.sub(lambda escape: escape[0].upper(), path)
        _, *above, name = names_of(path)
        folders = [self.top]
        for part in above:
            folders = [each for folder in folders for each in _folders_alike(folder, part)]
        files = [file for folder in folders for file in folder.shared_alike(name)]
        alike = [file for file in files if file.path.lower() == path.lower()]
        return alike[0] if len(alike) == 1 else None


def _folders_alike(folder: Folder, name: bytes) -> Iterator[Folder]:
    lower = name.lower()
    return (inner for each, inner in folder.folders.items() if each.lower() == lower)


class Shelves:
    """All shared folders."""

    def __init__(self, trees: Iterable[SharedTree]) -> None:
        self._by_tree = {tree: Shelf(tree) for tree in trees}

    def __iter__(self) -> Iterator[Shelf]:
        return iter(list(self._by_tree.values()))

    def add(self, tree: SharedTree) -> Shelf:
        """Add a shared folder."""
        shelf = self._by_tree[tree] = Shelf(tree)
        return shelf

    def remove(self, shelf: Shelf) -> None:
        """Take a shared folder out; what it held is still to be withdrawn."""
        shelf.is_closed = True
        del self._by_tree[shelf.tree]

    def of(self, tree: SharedTree) -> Shelf | None:
        """Find the shelf of a tree; None if it was taken out."""
        return self._by_tree.get(tree)

    def folder(self, place: Place) -> Folder | None:
        """Find a folder anywhere; None if it is not known (any more)."""
        shelf = self.of(place.tree)
        return None if shelf is None else shelf.folder(place)

    def of_path(self, path: bytes) -> Shelf | None:
        """Find the shelf that a virtual path begins with; letter case counts only if it must."""
        share, separator, _ = path.partition(SEPARATOR)
        name = unescape_name(share)
        alike = [each for each in self if each.tree.root.name.lower() == name.lower()]
        return alike[0] if separator and len(alike) == 1 else None
