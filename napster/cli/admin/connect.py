"""Find the index to ask: the running daemon whose admin socket this user may open."""

import os
import pwd
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from napster.daemon.codec import CodecError, load, load_all
from napster.daemon.places import state_folder
from napster.index.admin.client import AdminClient, AdminError
from napster.index.admin.values import MOST_IN_PAGE
from napster.peer.api import ApiError, BadRequestError, NotFoundError, UnreachableError

T = TypeVar("T")

SYSTEM_STATE = Path("/var/lib/napster/index")
"""Where the index daemon that systemd runs for the whole machine keeps its state."""

_ERRORS: Mapping[str, type[ApiError]] = {
    "bad request": BadRequestError,
    "not found": NotFoundError,
    "unreachable": UnreachableError,
}


class Index:
    """A running index daemon; every request raises an ApiError if it is not carried out."""

    def __init__(self, client: AdminClient) -> None:
        self._client = client

    def ask(self, call: str, **asked: object) -> Any:
        """Ask for something; returns the answer as JSON."""
        try:
            return self._client.ask(call, **asked)
        except AdminError as error:
            raise _ERRORS.get(error.kind, ApiError)(_sentence(str(error))) from error

    def value(self, kind: type[T], call: str, **asked: object) -> T:
        """Ask for something whose answer is a value."""
        try:
            return load(kind, self.ask(call, **asked))
        except CodecError as error:
            raise _stranger() from error

    def values(self, kind: type[T], call: str, **asked: object) -> Sequence[T]:
        """Ask for something whose answer is a list of values."""
        try:
            return load_all(kind, self.ask(call, **asked))
        except CodecError as error:
            raise _stranger() from error

    def all_pages(self, kind: type[T], call: str, name: Callable[[T], str]) -> Sequence[T]:
        """Ask for a list that comes in pages, ordered by name."""
        found: list[T] = []
        while True:
            page = self.values(kind, call, after=name(found[-1]) if found else "")
            found += page
            if len(page) < MOST_IN_PAGE:
                return found


@contextmanager
def open_index(state: str | None, environ: Mapping[str, str] = os.environ) -> Iterator[Index]:
    """Give a command the index to ask: the named one, else the user's own, else the machine's."""
    with _connect(state, environ) as client:
        yield Index(client)


def _connect(state: str | None, environ: Mapping[str, str]) -> AdminClient:
    own = Path(state).absolute() if state else state_folder("index", environ)
    hidden: Path | None = None
    for folder in (own,) if state else (own, SYSTEM_STATE):
        try:
            return AdminClient(folder)
        except (FileNotFoundError, ConnectionRefusedError):
            continue
        except PermissionError as error:
            if owner := _owner(folder):
                raise UnreachableError(
                    f"Only {owner} may ask the index in {folder}: sudo -u {owner} napster admin ..."
                ) from error
            hidden = hidden or folder
        except NotADirectoryError as error:
            raise UnreachableError(
                f"{folder} is no folder: name the one in which an index keeps its state."
            ) from error
        except OSError as error:
            raise UnreachableError(
                f"{folder} cannot be asked: {error.strerror or error}."
            ) from error
    if hidden:
        raise UnreachableError(
            f"This user may not look into {hidden}: ask as the user as whom the index runs,"
            " or name another folder by --state DIR."
        )
    raise UnreachableError(
        f"No index daemon runs with its state in {own}: start one with twistd napster-index,"
        " or name another folder by --state DIR."
    )


def _owner(folder: Path) -> str | None:
    """Name a folder's owner as sudo takes it; None if even the folder cannot be seen."""
    try:
        user = folder.stat().st_uid
    except OSError:
        return None
    try:
        return pwd.getpwuid(user).pw_name
    except KeyError:
        return f"'#{user}'"


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _stranger() -> ApiError:
    return UnreachableError("The index daemon is of another version; restart it after an upgrade.")
