"""The files of one user by their place, to get a whole folder or a file that was named."""

import os
from collections.abc import Iterable, Iterator, Sequence
from fnmatch import fnmatchcase

import attrs

from napster.cli.picks import wanted
from napster.peer.api import FoundFile, NotFoundError, PeerApi, SearchPage, Source, Wanted


def each_offer(page: SearchPage) -> Iterator[FoundFile]:
    """Take apart rows that hold several files of equal name and size: one row for each.

    Such a row's hash is left out: it is that of only one of its files.
    """
    for row in page.rows:
        md5 = row.md5 if len(row.sources) == 1 else ""
        for source in row.sources:
            yield attrs.evolve(row, md5=md5, sources=(source,))


async def whole_folders(peer: PeerApi, rows: Iterable[FoundFile]) -> list[Wanted]:
    """Find all files of the folders that rows lie in at their first source, and below; each once.

    Raises NotFoundError if they are not shared any more.
    """
    found: dict[tuple[str, bytes], Wanted] = {}
    for row in rows:
        source = row.sources[0]
        for each in await _beneath(peer, source.nick, source.folder):
            (offer,) = each.sources
            found.setdefault((offer.nick, offer.path), each)
    return list(found.values())


async def named(peer: PeerApi, nick: str, place: str, *, folder: bool) -> list[Wanted]:
    r"""Find a user's file, or all files of a folder, by its place: parts separated by `/` or `\`.

    Raises NotFoundError.
    """
    place = place.replace("\\", "/").strip("/")
    if folder:
        return await _beneath(peer, nick, place)
    page = await peer.browse(nick)
    found = [wanted(row) for row in each_offer(page) if _place(row) == place]
    if not found:
        raise NotFoundError(f"{nick} shares no {place}; napster browse {nick} lists what there is.")
    return found[:1]


def unlisted(nick: str, place: str, size: int) -> list[Wanted]:
    """Name a user's file that is shared with some only, so that no list holds it."""
    folder, _, name = place.replace("\\", "/").strip("/").rpartition("/")
    path = os.fsencode(f"{folder}/{name}".strip("/").replace("/", "\\"))
    source = Source(nick, path, address="", port=None, speed=0, reachable=True, folder=folder)
    return [Wanted(name, size, md5="", sources=[source])]


def only(files: Sequence[Wanted], patterns: Sequence[str]) -> list[Wanted]:
    """Choose the files whose name, or folder and name, match one of some patterns of the shell.

    Case does not matter. What is empty is not chosen. Raises NotFoundError if there is none.
    """
    matching = [each for each in files if any(_matches(each, pattern) for pattern in patterns)]
    chosen = [attrs.evolve(each, whole=False) for each in matching]
    if not chosen:
        raise NotFoundError(f"None of the {len(files)} files matches {' or '.join(patterns)}.")
    return chosen


def _matches(file: Wanted, pattern: str) -> bool:
    """Match a pattern with as many parts of the end of a file's place as it has itself."""
    parts = f"{file.folder}/{file.name}".split("/")
    end = "/".join(parts[-1 - pattern.count("/") :])
    return fnmatchcase(end.casefold(), pattern.casefold())


async def _beneath(peer: PeerApi, nick: str, folder: str) -> list[Wanted]:
    page = await peer.browse(nick)
    found = [
        attrs.evolve(wanted(row, _local_folder(folder, row)), whole=True)
        for row in each_offer(page)
        if f"{row.sources[0].folder}/".startswith(f"{folder}/")
    ]
    if not found:
        raise NotFoundError(f"{nick} shares no folder {folder}.")
    return found


def _local_folder(folder: str, row: FoundFile) -> str:
    """Name where a file goes: the folder's own name and what lies between it and the file."""
    above, _, _ = folder.rpartition("/")
    return row.sources[0].folder.removeprefix(above).strip("/")


def _place(row: FoundFile) -> str:
    return f"{row.sources[0].folder}/{row.name}".strip("/")
