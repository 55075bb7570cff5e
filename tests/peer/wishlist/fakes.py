"""Indexes, a library, a queue and a database around a Wishlist, all without waiting."""

import sqlite3
from collections.abc import Callable, Coroutine, Iterator, Sequence
from typing import Any, TypeVar

import attrs
from twisted.internet.defer import Deferred, succeed
from twisted.internet.task import Clock

from napster.peer.api import (
    ApiError,
    DownloadState,
    DownloadStatus,
    IndexState,
    IndexStatus,
    Wanted,
)
from napster.peer.arrange import ArrangeError, SearchAnswer
from napster.peer.index_link.standing import StandingSearches, Told
from napster.peer.library.progress import Phase, Progress
from napster.peer.library.remember import SCHEMA
from napster.peer.library.shared_file import SharedFile
from napster.peer.wishlist.getting import Getting, WishLimits
from napster.peer.wishlist.store import WishStore
from napster.peer.wishlist.wishlist import Wishlist
from napster.wire.extension import Found, Watch, Watching, WatchState
from napster.wire.messages import Message
from napster.wire.messages.searching import SearchHit
from napster.wire.search import SearchQuery

T = TypeVar("T")


def now(work: Coroutine[Any, Any, T]) -> T:
    """Give the result of what needs no waiting."""
    results: list[Any] = []
    Deferred.fromCoroutine(work).addBoth(results.append)
    (result,) = results
    if hasattr(result, "raiseException"):
        result.raiseException()
    value: T = result
    return value


class InstantDatabase:
    """A database in memory, without a thread."""

    def __init__(self) -> None:
        self.connection = sqlite3.connect(":memory:", isolation_level=None)
        self.connection.execute("PRAGMA foreign_keys = ON")
        for script in sorted(SCHEMA.iterdir(), key=lambda each: each.name):
            self.connection.executescript(script.read_text(encoding="utf-8"))

    def run(self, work: Callable[[sqlite3.Connection], T]) -> Deferred[T]:
        return succeed(work(self.connection))


def found(
    content: int, nick: str = "bob", size: int = 1000, name: str = "", *, has_id: bool = True
) -> Found:
    path = (name or f"song {content}.mp3").encode()
    hit = SearchHit(path, b"%032x" % content, size, 192, 44100, 60, nick, 0x0100007F, 7)
    return Found(1, hit, size, 1, 1, 1, bytes([content]) * 32 if has_id else None)


class FakeIndex:
    """An index that answers searches, and takes standing ones if it is a new one."""

    def __init__(self, name: str = "index.example:8888", *, extended: bool = True) -> None:
        self.name = name
        self.on_watched: Told = lambda _id, _hit: None
        self.online = True
        self.extended = extended
        self.answer: Watching | None = None
        """What it says to a standing search in place of yes."""
        self.hits: Sequence[SearchHit | Found] = ()
        self.error: ArrangeError | None = None
        self.searches: list[SearchQuery] = []
        self.sent: list[Message] = []
        self.standing: StandingSearches | None = None
        self.log_in()

    def log_in(self) -> None:
        if self.extended:
            self.standing = StandingSearches(self._hear, self._told)

    def _told(self, id_: int, hit: SearchHit) -> None:
        self.on_watched(id_, hit)

    def _hear(self, message: Message) -> None:
        self.sent.append(message)
        if isinstance(message, Watch):
            self.say(self.answer or Watching(message.id, WatchState.STANDING))

    def say(self, message: Message) -> None:
        assert self.standing is not None
        self.standing.handlers[type(message)](message)

    @property
    def watches(self) -> list[int]:
        return [each.id for each in self.sent if isinstance(each, Watch)]

    @property
    def status(self) -> IndexStatus:
        return IndexStatus(self.name, IndexState.ONLINE if self.online else IndexState.OFFLINE)

    async def search(self, query: SearchQuery) -> SearchAnswer:
        self.searches.append(query)
        if self.error:
            raise self.error
        hits = [each for each in self.hits if _size(each) in query.size]
        return SearchAnswer(hits)


def _size(hit: SearchHit | Found) -> int:
    return hit.size


@attrs.define
class FakeLibrary:
    held: list[SharedFile] = attrs.field(factory=list)
    phase: Phase = Phase.WATCHING

    def files(self) -> Iterator[SharedFile]:
        return iter(self.held)

    def progress(self) -> Progress:
        return Progress(self.phase, 0, 0, 0, 0, None)


@attrs.define
class FakeQueue:
    wanted: list[Wanted] = attrs.field(factory=list)
    error: ApiError | None = None

    async def add(self, wanted: Wanted) -> DownloadStatus:
        if self.error:
            raise self.error
        self.wanted.append(wanted)
        number = 10 + len(self.wanted)
        return DownloadStatus(
            number, wanted.name, DownloadState.WAITING, wanted.size, 0, 0.0, None, "bob"
        )

    @property
    def names(self) -> list[str]:
        return [each.name for each in self.wanted]


@attrs.define
class Links:
    nick: str = "alice"
    firewalled: bool = False


@attrs.define
class Scene:
    """A wish list and all that is around it; another one with its database is a restart."""

    indexes: Sequence[FakeIndex] = attrs.field(factory=lambda: (FakeIndex(),))
    database: InstantDatabase = attrs.field(factory=InstantDatabase)
    library: FakeLibrary = attrs.field(factory=FakeLibrary)
    queue: FakeQueue = attrs.field(factory=FakeQueue)
    limits: WishLimits = WishLimits(10_000, 3)
    clock: Clock = attrs.field(factory=Clock)
    wishlist: Wishlist = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        database: Any = self.database
        self.wishlist = Wishlist(
            self.clock,
            WishStore(database),
            Links(),
            self.indexes,
            Getting(self.clock, self.library, self.queue.add, self.limits),
            wall=lambda: 1_700_000_000.9 + self.clock.seconds(),
        )
        now(self.wishlist.start())

    @property
    def index(self) -> FakeIndex:
        return self.indexes[0]

    def pass_(self, seconds: float) -> None:
        """Let time pass."""
        for _ in range(int(seconds // 5)):
            self.clock.advance(5)

    @property
    def names(self) -> list[str]:
        """Name all that was found."""
        return [find.file.name for wish in self.wishlist.told() for find in wish.finds]

    @property
    def notes(self) -> list[str]:
        """Tell why what was found was not downloaded."""
        return [find.note for wish in self.wishlist.told() for find in wish.finds]
