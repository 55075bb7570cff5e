"""Find the peer to ask: a running daemon, or one in this process for a single command."""

import getpass
import os
import pwd
import secrets
from argparse import Namespace
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from napster.daemon.options import ConfigError, load
from napster.daemon.places import state_folder
from napster.peer.api import BadRequestError, PeerApi, UnreachableError
from napster.peer.config import Settings
from napster.peer.control.client import connect
from napster.peer.control.place import ControlAddress, ControlPlace, PlaceError
from napster.peer.index_link.place import IndexPlace

SYSTEM_STATE = Path("/var/lib/napster/peer")
"""Where the peer daemon that systemd runs for the whole machine keeps its state."""


@asynccontextmanager
async def open_peer(reactor: Any, options: Namespace) -> AsyncIterator[PeerApi]:
    """Give a command its peer; one in this process logs out at the end. Raises ApiError."""
    _check(options)
    if not getattr(options, "index", None):
        yield connect(reactor, find_daemon(options.state, os.environ))
        return
    from napster.peer.one_shot import one_shot  # noqa: PLC0415  # a whole peer, rarely needed

    index, nick, downloads = one_shot_settings(options)
    async with one_shot(reactor, index, nick, downloads) as peer:
        yield peer


def _check(options: Namespace) -> None:
    given = vars(options)
    if given.get("index") and given["state"]:
        raise BadRequestError("--index asks an index directly, --state a daemon: give one of them.")
    for name in ("nick", "downloads"):
        if given.get(name) and not given["index"]:
            raise BadRequestError(f"--{name} goes with --index; a daemon has its own.")


def one_shot_settings(options: Namespace) -> tuple[IndexPlace, str, Path]:
    """Tell index, nick and downloads folder of a peer for one command. Raises BadRequestError."""
    nick = options.nick or made_up_nick()
    given = {
        "index": options.index,
        "nick": nick,
        "downloads": getattr(options, "downloads", None) or ".",
    }
    try:
        settings = load(Settings, None, given)
    except ConfigError as error:
        raise BadRequestError(f"{error}.") from error
    (index,) = settings.index
    return index, nick, settings.downloads


def made_up_nick() -> str:
    """Make a nick that says who it is, and that nobody else is likely to have."""
    try:
        user = getpass.getuser()
    except (OSError, KeyError):
        user = "guest"
    letters = "".join(char for char in user if char.isascii() and char.isalnum())
    return f"{letters[:12] or 'guest'}-{secrets.token_hex(2)}"


def find_daemon(state: str | None, environ: Mapping[str, str]) -> ControlAddress:
    """Find the running daemon: the named one, else the user's own, else the machine's.

    Raises UnreachableError with what to do.
    """
    own = Path(state).absolute() if state else state_folder("peer", environ)
    for folder in (own,) if state else (own, SYSTEM_STATE):
        try:
            return ControlPlace(folder).read()
        except FileNotFoundError:
            continue
        except NotADirectoryError as error:
            raise BadRequestError(f"{folder} is not a folder.") from error
        except PermissionError as error:
            raise UnreachableError(_private(folder)) from error
        except PlaceError as error:
            raise UnreachableError(str(error)) from error
    raise UnreachableError(
        f"No peer daemon runs with its state in {own}: start one with twistd napster-peer,"
        " or search, browse and get without one by --index HOST:PORT."
    )


def _private(folder: Path) -> str:
    try:
        owner = pwd.getpwuid(folder.stat().st_uid).pw_name
    except (OSError, KeyError):
        owner = "its owner"
    return f"Only {owner} may ask the peer daemon in {folder}: sudo -u {owner} napster ..."
