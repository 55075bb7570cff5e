"""What is shared, what is not, and why."""

from collections.abc import Iterator, Sequence
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
    refusals: Sequence[Refusal]

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
    refusals = [refusal for shelf in shelves for refusal in _refusals(shelf)]
    return Report([_root(shelf) for shelf in shelves], refusals)


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


def _refusals(shelf: Shelf) -> Iterator[Refusal]:
    for folder in shelf.top.walk():
        yield from folder.refusals()
