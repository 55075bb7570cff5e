"""A library on a real disk, without scanning and hashing, and a desk around it."""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import attrs
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import IReactorTime
from twisted.internet.task import Clock

from napster.peer.index_link.counters import TransferCounters
from napster.peer.library.beneath import Place, SharedTree, Stamp
from napster.peer.library.hash import hash_stream
from napster.peer.library.mounts import Mounts
from napster.peer.library.remember import Facts
from napster.peer.library.roots import ShareRoot
from napster.peer.library.serve import OpenFile, open_shared
from napster.peer.library.shared_file import SharedFile
from napster.peer.library.tags import Tags
from napster.peer.security.guard import Encryption, Guard
from napster.peer.security.keys import PeerKey, new_key
from napster.peer.security.tickets import Tickets
from napster.peer.uploads.desk import UploadDesk
from napster.peer.uploads.line import UploadLimits
from napster.wire.messages import Message

MD5 = b"0123456789abcdef"


class DiskLibrary:
    r"""Files in one folder, offered as `Music\NAME`; opened as the real library does."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.tree = SharedTree(ShareRoot(b"Music", folder), Mounts(lambda: ""))
        self.on_offer: dict[bytes, SharedFile] = {}
        self.opened: list[OpenFile] = []
        self.slow: Deferred[None] | None = None
        """Opening waits for this, if set."""
        self.run: Callable[[Callable[[], bytes]], Deferred[bytes]] = maybeDeferred
        """What reads of a disk that has to be waited for."""
        self.empty: Sequence[bytes] = ()
        self.hashes: bytes | None = None
        """What the hashes of all files are said to be, if set."""

    def add(self, name: str, content: bytes, changed: float = 1_000_000_000) -> SharedFile:
        path = self.folder / name
        path.write_bytes(content)
        os.utime(path, (changed, changed))
        status = path.stat()
        stamp = Stamp(status.st_size, status.st_mtime_ns, status.st_dev, status.st_ino)
        facts = Facts(MD5, Tags(192, 44100, 60), bytes(32))
        file = SharedFile.of(b"Music\\" + os.fsencode(name), stamp, facts)
        self.on_offer[file.path.lower()] = file
        return file

    def files(self) -> Sequence[SharedFile]:
        return tuple(self.on_offer.values())

    def find(self, path: bytes) -> SharedFile | None:
        return self.on_offer.get(path.lower())

    async def open(self, file: SharedFile) -> OpenFile:
        if self.slow is not None:
            await self.slow
        name = file.path.partition(b"\\")[2]
        opened = open_shared(file, Place(self.tree), name, self.run)
        self.opened.append(opened)
        return opened

    def empty_folders(self, file: SharedFile) -> Iterator[bytes]:
        return iter(self.empty)

    async def pieces(self, file: SharedFile) -> bytes:
        if self.hashes is not None:
            return self.hashes
        name = os.fsdecode(file.path.partition(b"\\")[2])
        with (self.folder / name).open("rb", buffering=0) as stream:
            return hash_stream(stream, file.size, lambda _: None).pieces

    @property
    def all_closed(self) -> bool:
        return all(each.stream.closed for each in self.opened)


@attrs.define
class Told:
    """What an index would have been told of transfers."""

    counters: TransferCounters = attrs.Factory(TransferCounters)
    messages: list[Message] = attrs.Factory(list)

    def __attrs_post_init__(self) -> None:
        self.counters.online(self.messages.append)


def make_desk(
    clock: Clock, library: DiskLibrary, told: Told, limits: UploadLimits | None = None
) -> UploadDesk:
    return UploadDesk(clock, library, limits or UploadLimits(4, 2, 10), told.counters.uploads)


def make_guard(
    clock: IReactorTime,
    policy: Encryption = Encryption.PREFER,
    key: Callable[[], PeerKey] = new_key,
) -> Guard:
    return Guard(policy, Tickets(clock), key)
