"""A PeerApi that remembers how it was called and answers what a test gave it."""

from collections.abc import Sequence

import attrs

from napster.peer.api import (
    DownloadState,
    DownloadStatus,
    Find,
    FoundFile,
    Holding,
    IndexState,
    IndexStatus,
    LibraryStatus,
    Priority,
    RareReport,
    RefusedFile,
    RiskReport,
    SearchPage,
    SharesReport,
    ShareStatus,
    Source,
    Status,
    UploadStatus,
    Wanted,
    Wish,
    WishPlace,
)

STATUS = Status(
    version="1.0",
    nick="alice",
    data_port=6699,
    indexes=(
        IndexStatus(
            "index.example.org:8888",
            IndexState.ONLINE,
            users=3,
            files=700,
            gigabytes=2,
            registered=10,
        ),
    ),
    library=LibraryStatus(files=10, size=2**30, refused=1, phase="watching", registered=10),
    uploads_active=1,
    uploads_queued=2,
    upload_slots=4,
    downloads_active=1,
    downloads_waiting=0,
    downloads_folder="/home/alice/Downloads",
)
ALICE = Source("alice", b"\\Music\\a\xff.mp3", "192.0.2.1", 6699, 7, reachable=True, folder="Music")
BOB = Source("bob", b"\\x\\a.mp3", "192.0.2.77", 0, 9, reachable=False, ping_ms=12.5, folder="x")
SONG = FoundFile(
    1, "Ágætis byrjun.mp3", 4_000_000, 192, 44100, 205, "0" * 32, (ALICE, BOB), "c" * 64
)
NOTES = FoundFile(2, "notes.txt", 17, 0, 0, 0, "", (ALICE,))
PAGE = SearchPage("agaetis", (SONG, NOTES), files=3, users=2, notes=("1 cannot be reached.",))
DOWNLOAD = DownloadStatus(1, SONG.name, DownloadState.WAITING, SONG.size, 0, 0.0, None, "alice")
UPLOAD = UploadStatus("bob", "b.mp3", "192.0.2.77", "sending", 100, 50, 25.0)
SHARES = SharesReport(
    (ShareStatus("Music", "/srv/music", "watched", 10, 2**30),),
    (RefusedFile("Music/.hidden", "hidden file"),),
)


WISH = Wish(
    7,
    "byrjun ext:mp3",
    get=True,
    places=(
        WishPlace("index.example.org:8888", at_once=True),
        WishPlace("old.example.org:8888", at_once=False, note="not logged in there"),
    ),
    finds=(
        Find(3, SONG, 1_700_000_000, new=False, download=12),
        Find(5, NOTES, 1_700_000_060, new=True, note="shared here already"),
    ),
)
RISK = RiskReport(9, 2**30, (Holding("Music/only mine.mp3", 2**20),), 2, 2**21, ("index x: away",))
RARE = RareReport("index.example.org:8888", 700, 2, 2**20, (NOTES,), cut=True)
CANNOT = RareReport("old.example.org:8888", 0, 0, 0, (), cut=False, note="it knows no content ids")


@attrs.define
class FakePeer:
    """Answers with fixed values, or raises `error` if it is set."""

    error: Exception | None = None
    page: SearchPage = PAGE
    wished: Sequence[Wish] = (WISH,)
    calls: list[tuple[object, ...]] = attrs.field(factory=list)
    listed: list[DownloadStatus] = attrs.field(factory=list)

    def _called(self, *call: object) -> None:
        self.calls.append(call)
        if self.error is not None:
            raise self.error

    async def status(self) -> Status:
        self._called("status")
        return STATUS

    async def shares(self) -> SharesReport:
        self._called("shares")
        return SHARES

    async def risk(self) -> RiskReport:
        self._called("risk")
        return RISK

    async def rare(self) -> Sequence[RareReport]:
        self._called("rare")
        return (RARE, CANNOT)

    async def search(self, words: str, *, ping: bool = False) -> SearchPage:
        self._called("search", words, ping)
        return self.page

    async def browse(self, nick: str) -> SearchPage:
        self._called("browse", nick)
        return self.page

    async def wishes(self) -> Sequence[Wish]:
        self._called("wishes")
        return self.wished

    async def wish(self, words: str, *, get: bool = False) -> Wish:
        self._called("wish", words, get)
        return attrs.evolve(WISH, words=words, get=get)

    async def drop_wishes(self, wishes: Sequence[int]) -> Sequence[Wish]:
        self._called("drop_wishes", tuple(wishes))
        return tuple(attrs.evolve(WISH, id=number) for number in wishes)

    async def see_wishes(self, last: int) -> None:
        self._called("see_wishes", last)

    async def get(self, wanted: Sequence[Wanted]) -> Sequence[DownloadStatus]:
        self._called("get", tuple(wanted))
        first = len(self.listed) + 1
        started = [
            attrs.evolve(
                DOWNLOAD, id=number, name=each.name, size=each.size, folder=f"/d/{each.folder}"
            )
            for number, each in enumerate(wanted, first)
        ]
        self.listed += started
        return started

    async def downloads(self) -> Sequence[DownloadStatus]:
        self._called("downloads")
        return tuple(self.listed)

    def _changed(self, numbers: Sequence[int], **changes: object) -> Sequence[DownloadStatus]:
        return [attrs.evolve(DOWNLOAD, id=number, **changes) for number in numbers]

    async def pause(self, downloads: Sequence[int]) -> Sequence[DownloadStatus]:
        self._called("pause", tuple(downloads))
        return self._changed(downloads, state=DownloadState.PAUSED)

    async def resume(self, downloads: Sequence[int]) -> Sequence[DownloadStatus]:
        self._called("resume", tuple(downloads))
        return self._changed(downloads)

    async def cancel(self, downloads: Sequence[int]) -> Sequence[DownloadStatus]:
        self._called("cancel", tuple(downloads))
        return self._changed(downloads, state=DownloadState.CANCELLED)

    async def prioritize(
        self, downloads: Sequence[int], priority: Priority
    ) -> Sequence[DownloadStatus]:
        self._called("prioritize", tuple(downloads), priority)
        return self._changed(downloads, priority=priority)

    async def uploads(self) -> Sequence[UploadStatus]:
        self._called("uploads")
        return (UPLOAD,)
