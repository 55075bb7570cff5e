"""A library around real files, and a listener that checks what it hears."""

import os
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path

from twisted.internet import reactor
from twisted.internet.task import deferLater

from napster.daemon.database import Database
from napster.peer.library.beneath import Place, SharedTree
from napster.peer.library.library import Library
from napster.peer.library.mounts import Mounts
from napster.peer.library.remember import SCHEMA
from napster.peer.library.roots import ShareRoot
from napster.peer.library.shared_file import SharedFile
from napster.peer.library.upkeep import LibrarySettings

QUICK = LibrarySettings(quiet=0.3, check_interval=0.2)
"""Settings for tests that would else wait long."""


class Recorder:
    """Keeps what is on offer by what it is told, and is strict about the order."""

    def __init__(self) -> None:
        self.files: dict[bytes, SharedFile] = {}
        self.history: list[tuple[str, bytes]] = []

    def files_added(self, files: Sequence[SharedFile]) -> None:
        for file in files:
            assert file.path not in self.files
            self.files[file.path] = file
            self.history.append(("added", file.path))

    def files_removed(self, files: Sequence[SharedFile]) -> None:
        for file in files:
            assert self.files.pop(file.path) == file
            self.history.append(("removed", file.path))


class Sharing:
    """A running library and what its listener heard."""

    def __init__(self, library: Library, heard: Recorder) -> None:
        self.library = library
        self.heard = heard

    @property
    def paths(self) -> set[bytes]:
        return set(self.heard.files)

    def reasons(self) -> dict[bytes, str]:
        """Refusals by the last part of their path."""
        return {
            each.path.rpartition(b"/")[2]: each.reason for each in self.library.report().refusals
        }

    async def until_shared(self, *paths: bytes) -> None:
        """Wait until exactly these paths are on offer."""
        await eventually(lambda: self.paths == set(paths), lambda: self.paths)

    async def settled(self) -> None:
        """Wait until nothing is being looked through or hashed."""
        await eventually(lambda: self.library.progress().phase.value == "watching")


async def eventually(
    condition: Callable[[], object], tell: Callable[[], object] = lambda: None, limit: float = 10
) -> None:
    """Wait until a condition holds; fail with what `tell` says if it never does."""
    deadline = reactor.seconds() + limit
    while not condition():
        assert reactor.seconds() < deadline, tell()
        await deferLater(reactor, 0.01)


def root(path: Path, name: bytes | None = None) -> ShareRoot:
    return ShareRoot(name or os.fsencode(path.name), path)


@asynccontextmanager
async def sharing(
    state: Path, *roots: ShareRoot, settings: LibrarySettings = QUICK
) -> AsyncIterator[Sharing]:
    """Run a library; its memory stays in the state folder."""
    database = Database(reactor, state / "library.db", SCHEMA)
    await database.open()
    library, heard = Library(reactor, roots, database, settings), Recorder()
    library.subscribe(heard)
    library.startService()
    try:
        yield Sharing(library, heard)
        assert {file.path: file for file in library.files()} == heard.files
    finally:
        await library.stopService()
        await database.close()


def place(path: Path, *parts: bytes) -> Place:
    return Place(SharedTree(root(path), Mounts(lambda: "")), parts)


@contextmanager
def unprivileged() -> Iterator[None]:
    """Give up the rights of root, which would read anything; no tests of rights without."""
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


STRANGE_NAMES = (
    b"plain.mp3",
    b"with spaces .txt",
    b'"quoted".ogg',
    b"back\\slash.flac",
    b"percent%41.txt",
    b"line\nbreak",
    b"bell\x07 and escape\x1b[31m",
    b"latin \xe9t\xe9.mp3",
    "\N{LATIN SMALL LETTER E WITH ACUTE}t\N{LATIN SMALL LETTER E WITH ACUTE}".encode(),
    "e\N{COMBINING ACUTE ACCENT}te\N{COMBINING ACUTE ACCENT}".encode(),
    "\N{PILE OF POO}\N{RIGHT-TO-LEFT OVERRIDE}".encode(),
    b"x" * 255,
    b"Case.mp3",
    b"case.MP3",
    b"50% off",
    b" ",
    b"\xff\xfe",
)
