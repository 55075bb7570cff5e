"""What is shared, what is not, and why."""

from collections.abc import Sequence
from pathlib import Path

import attrs

from napster.peer.library.rules import Refusal
from napster.peer.library.shelf import RootState, Shelf


@attrs.frozen
class RootReport:
    """One shared folder: files shared and their bytes, files waiting to be hashed, and refused."""

    name: bytes
    path: Path
    state: RootState
    files: int
    size: int
    waiting: int
    refused: int


@attrs.frozen
class Report:
    """All shared folders; files shared, waiting and refused are all that is on disk.

    A refused folder stands for all that lies in it.
    """

    roots: Sequence[RootReport]
    _shelves: Sequence[Shelf]

    @property
    def refusals(self) -> list[Refusal]:
        """Collect what is not shared; takes a while where much is shared."""
        folders = (folder for shelf in self._shelves for folder in shelf.top.walk())
        return [refusal for folder in folders for refusal in folder.refusals()]

    @property
    def refused(self) -> int:
        """How many files and folders are not shared."""
        return sum(root.refused for root in self.roots)

    @property
    def files(self) -> int:
        """How many files are shared."""
        return sum(root.files for root in self.roots)

    @property
    def size(self) -> int:
        """How many bytes are shared."""
        return sum(root.size for root in self.roots)


def report_on(shelves: Sequence[Shelf]) -> Report:
    """Report on shared folders."""
    return Report([_root(shelf) for shelf in shelves], shelves)


def _root(shelf: Shelf) -> RootReport:
    root, tallies = shelf.tree.root, shelf.tallies
    return RootReport(
        name=root.name,
        path=root.path,
        state=shelf.state,
        files=tallies.shared.files,
        size=tallies.shared.size,
        waiting=tallies.waiting.files,
        refused=tallies.refused,
    )
