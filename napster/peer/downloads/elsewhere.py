"""Folders outside the downloads folder that downloads go to, remembered for a restart. Blocking.

They are exact folders, not trees: whoever saves one file into a large disk does not have all of it
looked through at the next start.
"""

import json
import os
from collections.abc import Collection
from pathlib import Path

from napster.peer.downloads.files import write_whole

_NAME = "download-folders.json"


class Elsewhere:
    """The folders, in a file of the state folder."""

    def __init__(self, state: Path, downloads: Path) -> None:
        """Take the downloads folder as one that needs no remembering."""
        self._path = state / _NAME
        self._downloads = downloads
        self._folders: set[Path] = set()

    def load(self) -> list[Path]:
        """Read which folders there are."""
        try:
            named = json.loads(self._path.read_bytes())
            self._folders = {Path(os.fsdecode(each.encode("latin-1"))) for each in named}
        except (OSError, ValueError, TypeError, AttributeError):
            self._folders = set()  # a new state folder, or one that a power cut has hit
        return sorted(self._folders)

    def add(self, folder: Path) -> None:
        """Remember a folder, unless it is in the downloads folder. Raises OSError."""
        inside = folder.resolve().is_relative_to(self._downloads.resolve())
        if not inside and folder not in self._folders:
            self.keep({*self._folders, folder})

    def keep(self, folders: Collection[Path]) -> None:
        """Remember these folders and no others. Raises OSError."""
        if self._folders == set(folders):
            return
        named = [os.fsencode(each).decode("latin-1") for each in sorted(folders)]
        write_whole(self._path, self._path.with_suffix(".new"), json.dumps(named).encode("ascii"))
        self._folders = set(folders)
