"""Checks a daemon makes of its settings before it touches anything."""

import os
import shutil
import stat
from collections.abc import Iterator
from pathlib import Path

import attrs


@attrs.frozen
class Problem:
    """Why an option's value cannot be used."""

    option: str
    text: str
    """A sentence's end: what is wrong with the value, and what to do."""


def program(option: str, name: str) -> Iterator[Problem]:
    """Check that a program can be run."""
    if shutil.which(name) is None:
        yield Problem(option, f"{name} is no program that this user can run; name its whole path")


def folder(option: str, path: Path) -> Iterator[Problem]:
    """Check that a folder exists and can be listed."""
    try:
        mode = path.stat().st_mode
    except (FileNotFoundError, NotADirectoryError):
        yield Problem(option, f"{path} does not exist; create it or name another one")
        return
    except OSError as error:
        yield Problem(option, f"{path} cannot be looked into: {error.strerror}; name another one")
        return
    if not stat.S_ISDIR(mode):
        yield Problem(option, f"{path} is not a folder; create it or name another one")
    elif not os.access(path, os.R_OK | os.X_OK):
        yield Problem(option, f"{path} cannot be read; give this user the right to read it")
