"""The folders a peer shares, and the names under which it does."""

import os
import re
from collections.abc import Iterable
from pathlib import Path

import attrs

from napster.daemon.places import expanded

_NAMED = re.compile(r"([^/=]+)=(.+)", re.DOTALL)


class ShareRootError(ValueError):
    """A shared folder that cannot be meant so; the text is one sentence for a person."""


@attrs.frozen
class ShareRoot:
    """One shared folder: the name others see, and where it lies (absolute)."""

    name: bytes
    path: Path


def share_roots(entries: Iterable[str]) -> tuple[ShareRoot, ...]:
    """Read a list of folders, each `PATH` or `NAME=PATH`.

    Without a name, the folder's own is used; of equal names (letter case aside, as old servers
    compare) the later ones become `Name (2)`, `Name (3)`. Raises ShareRootError.
    """
    roots: list[ShareRoot] = []
    for entry in entries:
        root = _root(entry)
        _check_apart(root, roots)
        roots.append(attrs.evolve(root, name=_free_name(root.name, roots)))
    return tuple(roots)


def _root(entry: str) -> ShareRoot:
    named = _NAMED.fullmatch(entry)
    try:
        there = expanded(named[2] if named else entry)
    except ValueError as error:
        raise ShareRootError(f"{entry}: {error}") from error
    path = Path(os.path.normpath(there))  # takes `..` away, follows no link: the root may be one
    name = named[1] if named else path.name
    if not name:
        raise ShareRootError(f"{entry}: has no name of its own; write NAME={entry}")
    return ShareRoot(name=os.fsencode(name), path=path)


def _check_apart(root: ShareRoot, others: Iterable[ShareRoot]) -> None:
    for other in others:
        if root.path.is_relative_to(other.path) or other.path.is_relative_to(root.path):
            raise ShareRootError(
                f"{root.path} and {other.path}: one lies in the other, so its files would be "
                "shared twice; name only one of them"
            )


def _free_name(name: bytes, others: Iterable[ShareRoot]) -> bytes:
    taken = {other.name.lower() for other in others}
    number, free = 1, name
    while free.lower() in taken:
        number += 1
        free = b"%b (%d)" % (name, number)
    return free
