"""The last search of each terminal, kept so that `get 3` knows what 3 is."""

import contextlib
import json
import os
import time
from collections.abc import Callable, Mapping
from pathlib import Path

import attrs

from napster.daemon.codec import CodecError, dump, load
from napster.daemon.places import state_folder
from napster.peer.api import ApiError, BadRequestError, SearchPage

_DAY = 86_400.0
_NO_SEARCH = "There was no search in this terminal to pick from: begin with napster search WORDS."


@attrs.frozen
class LastSearch:
    """A page of results, and the index it was asked for directly (empty for the daemon's)."""

    page: SearchPage
    index: str


@attrs.frozen
class PageStore:
    """The file that keeps one terminal's last search for a day.

    `folder` is the user's own; `key` names the terminal.
    """

    folder: Path
    key: str
    clock: Callable[[], float] = time.time

    @property
    def _file(self) -> Path:
        return self.folder / f"search-{self.key}.json"

    def save(self, last: LastSearch) -> None:
        """Keep a search. Raises ApiError if it cannot be kept."""
        try:
            self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
            self._forget_old()
            self._write(json.dumps({"index": last.index, "page": dump(last.page)}))
        except OSError as error:
            reason = f"{self.folder}: {error.strerror}"
            raise ApiError(f"The numbers cannot be kept for napster get: {reason}.") from error

    def _write(self, text: str) -> None:
        fresh = self._file.with_suffix(f".{os.getpid()}")
        descriptor = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_NOFOLLOW, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
        fresh.replace(self._file)

    def _forget_old(self) -> None:
        for file in self.folder.glob("search-*"):
            with contextlib.suppress(FileNotFoundError):  # another terminal was faster
                if self._is_old(file):
                    file.unlink()

    def _is_old(self, file: Path) -> bool:
        return self.clock() - file.stat().st_mtime > _DAY

    def load(self) -> LastSearch:
        """Give back the last search. Raises BadRequestError if there was none."""
        try:
            if self._is_old(self._file):
                raise BadRequestError(_NO_SEARCH)
            kept = json.loads(self._file.read_text(encoding="utf-8"))
            return LastSearch(load(SearchPage, kept["page"]), str(kept["index"]))
        except (OSError, CodecError, ValueError, KeyError, TypeError) as error:
            raise BadRequestError(_NO_SEARCH) from error


def page_folder(environ: Mapping[str, str]) -> Path:
    """Name the user's folder for searches: gone with the login session where the system helps."""
    runtime = Path(environ.get("XDG_RUNTIME_DIR", ""))
    if runtime.is_absolute() and runtime.is_dir():
        return runtime / "napster"
    return state_folder("searches", environ)
