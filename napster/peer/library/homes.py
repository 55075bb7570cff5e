"""The home folders of this machine's users. Blocking: for use in threads."""

import os
import pwd
from collections.abc import Callable, Iterable
from functools import cached_property
from pathlib import Path

_Entry = pwd.struct_passwd
_FIRST_USER = 1000
"""Lower user ids are those of the system, but for root's."""


class Homes:
    """Who lives where, as far as the user database can list it."""

    def __init__(
        self,
        uid: int | None = None,
        entries: Callable[[], Iterable[_Entry]] = pwd.getpwall,
    ) -> None:
        """Tell the homes of `uid`, by default whoever runs this, from those of others."""
        self._uid = os.geteuid() if uid is None else uid
        self._entries = entries

    @cached_property
    def _owners(self) -> dict[tuple[int, int], int]:
        """Whose each home is, by device and inode of the folder."""
        owners: dict[tuple[int, int], int] = {}
        for entry in self._entries():
            if entry.pw_uid and not _FIRST_USER <= entry.pw_uid < 2**16 - 2:
                continue
            try:
                status = Path(entry.pw_dir).stat()
            except OSError:
                continue
            if entry.pw_dir != "/":
                owners[status.st_dev, status.st_ino] = entry.pw_uid
        return owners

    def is_own(self, status: os.stat_result) -> bool:
        """Whether a folder is the home of whoever runs this."""
        return self._owners.get((status.st_dev, status.st_ino)) == self._uid

    def is_of_another(self, status: os.stat_result) -> bool:
        """Whether a folder is the home of another user."""
        owner = self._owners.get((status.st_dev, status.st_ino))
        return owner is not None and owner != self._uid
