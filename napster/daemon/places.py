"""Where a daemon finds its configuration and keeps its state and its log.

systemd's directories come first, then the XDG base directories of the user who starts the daemon.
"""

import os
from collections.abc import Mapping
from pathlib import Path

import napster

CHECKOUT_LOGS = Path(napster.__file__).parents[1] / "etc" / "log"
"""Where a run from a checkout logs; an installed package has no such folder."""

SYSTEM_LOGS = Path("/var/log/napster")


def expanded(path: str) -> Path:
    """Make a path absolute; `~` and `~user` are home folders. Raises ValueError for no user's."""
    try:
        return Path(path).expanduser().absolute()
    except RuntimeError:
        raise ValueError(f"{Path(path).parts[0]} is no user's home folder") from None


def config_file(name: str, environ: Mapping[str, str]) -> Path | None:
    """Find the configuration file a daemon reads when it is told of none; None if there is none.

    None as well if this user may not look where a user's own would be.
    """
    given = _systemd(environ, "CONFIGURATION_DIRECTORY")
    folder = given or _xdg(environ, "XDG_CONFIG_HOME", ".config") / "napster"
    file = folder / f"{name}.toml"
    try:
        file.stat()
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError:
        # HOME may be another user's, as under sudo. What systemd names is this daemon's.
        return file if given else None
    return file


def state_folder(name: str, environ: Mapping[str, str]) -> Path:
    """Name the folder a daemon keeps its state in when it is told of none."""
    given = _systemd(environ, "STATE_DIRECTORY")
    return given or _xdg(environ, "XDG_STATE_HOME", ".local/state") / "napster" / name


def log_file(name: str, environ: Mapping[str, str]) -> Path | None:
    """Name the log file that the environment asks for; None if it asks for none."""
    if environ.get("NAPSTER_LOG"):
        return Path(environ["NAPSTER_LOG"]).absolute()
    given = _systemd(environ, "LOGS_DIRECTORY")
    return given / f"{name}.log" if given else None


def background_log_file(name: str, state: Path) -> Path:
    """Name the log file of a daemon in the background that nobody told where to log."""
    if (CHECKOUT_LOGS / "README").exists():
        return CHECKOUT_LOGS / f"{name}.log"
    return (SYSTEM_LOGS if os.access(SYSTEM_LOGS, os.W_OK) else state) / f"{name}.log"


def _systemd(environ: Mapping[str, str], variable: str) -> Path | None:
    first = environ.get(variable, "").split(":")[0]
    return Path(first) if first else None


def _xdg(environ: Mapping[str, str], variable: str, default: str) -> Path:
    given = Path(environ.get(variable, ""))
    # The XDG base directory specification has relative paths ignored.
    return given if given.is_absolute() else Path.home() / default
