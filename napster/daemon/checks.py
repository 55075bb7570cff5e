"""Checks a daemon makes of its settings before it touches anything."""

import os
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


def folder(option: str, path: Path) -> Iterator[Problem]:
    """Check that a folder exists and can be listed."""
    if not path.is_dir():
        found = "is not a folder" if path.exists() else "does not exist"
        yield Problem(option, f"{path} {found}; create it or name another one")
    elif not os.access(path, os.R_OK | os.X_OK):
        yield Problem(option, f"{path} cannot be read; give this user the right to read it")


def secret_file(option: str, path: Path) -> Iterator[Problem]:
    """Check that a file can be read by its owner and by nobody else."""
    try:
        with path.open("rb") as file:
            mode = os.fstat(file.fileno()).st_mode
    except OSError as error:
        yield Problem(option, f"{path} cannot be read: {error.strerror}")
        return
    if stat.S_IMODE(mode) & 0o077:
        yield Problem(option, f"{path} can be read by others; run chmod 600 {path}")
