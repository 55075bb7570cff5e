"""The empty folders of a folder that is fetched as a whole, as its owner tells of them.

Making them blocks: for use in threads.
"""

import os
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import attrs

from napster.peer.downloads.files import make_folders, said
from napster.peer.downloads.paths import UnsafePathError, safe_join, safe_name
from napster.peer.library.names import SEPARATOR, unescape_name

_DEEPEST: Final = 100
"""One that lies deeper in the whole folder is not made."""


@attrs.frozen
class WholeFolder:
    """A folder that is fetched as a whole, as one of its files knows it."""

    top: tuple[bytes, ...]
    """The parts of its path at its owner's."""
    base: Path
    """Where it is here."""

    def make(self, told: Sequence[bytes], mode: int) -> list[str]:
        """Make those folders that lie in it; returns a sentence for each that cannot be made.

        They are given by their paths on the wire, and others among them are passed over.
        """
        problems = []
        for path in told:
            parts = path.split(SEPARATOR)
            within = parts[len(self.top) :]
            if tuple(parts[: len(self.top)]) != self.top or len(within) > _DEEPEST:
                continue
            try:
                folder = safe_join(self.base, map(_local, within))
                make_folders(folder, self.base, mode)
            except OSError as error:
                problems.append(f"an empty folder cannot be made: {said(error)}")
            except UnsafePathError as error:
                problems.append(f"an empty folder is not made: {error}")
        return problems


def whole_folder(saved_in: Path, depth: int, path: bytes) -> WholeFolder | None:
    """Find the folder of which a file is a part, `depth` folders deep, itself included.

    None if the file lies elsewhere at this owner's, who has it in other company.
    """
    above = path.split(SEPARATOR)[:-1]
    if not 0 < depth <= len(above) or tuple(map(_local, above[-depth:])) != saved_in.parts[-depth:]:
        return None
    base = saved_in if depth == 1 else saved_in.parents[depth - 2]
    return WholeFolder(tuple(above[: len(above) - depth + 1]), base)


def _local(part: bytes) -> str:
    return safe_name(os.fsdecode(unescape_name(part)))
