"""Checks a daemon makes of its settings before it touches anything."""

import os
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
