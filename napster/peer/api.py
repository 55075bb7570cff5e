"""What a person can ask of a peer: the one interface of the command line.

Two implementations: over HTTP to a running daemon, and in the process itself around a PeerCore.
Names are shown (`name`, fit for a terminal) and kept (`path`, the raw bytes of the wire).
"""

from collections.abc import Sequence
from enum import Enum
from typing import Protocol

import attrs


class ApiError(Exception):
    """A request that could not be carried out; the text is one sentence for a person."""


class BadRequestError(ApiError):
    """The request itself is wrong: the sentence names the word and what would be right."""


class NotFoundError(ApiError):
    """What was asked for is not there."""


class UnreachableError(ApiError):
    """The daemon or the index cannot be reached, or nobody is logged in there."""


class IndexState(Enum):
    """How the link to the index stands."""

    OFFLINE = "offline"
    CONNECTING = "connecting"
    LOGGING_IN = "logging in"
    ONLINE = "online"


@attrs.frozen
class IndexStatus:
    """The link to an index, and what it last said of the network."""

    address: str
    state: IndexState
    reason: str = ""
    """Why it is not online, and when the next try comes."""
    users: int = 0
    files: int = 0
    gigabytes: int = 0
    registered: int = 0
    """How many files of this peer it has been told of."""
    refused: int = 0
    """How many it does not take, if it says so file by file."""


@attrs.frozen
class LibraryStatus:
    """The shared files. Sizes in bytes; `seconds_left` is None when nothing is being hashed."""

    files: int
    size: int
    refused: int
    phase: str
    files_done: int = 0
    files_total: int = 0
    bytes_done: int = 0
    bytes_total: int = 0
    seconds_left: float | None = None
    registered: int = 0
    """How many files each index that is not away has been told of, or more."""
    restricted: int = 0
    """How many are not for everyone, so that no index is told of them."""


@attrs.frozen
class Status:
    """A peer at a glance."""

    version: str
    nick: str
    data_port: int
    indexes: Sequence[IndexStatus]
    library: LibraryStatus
    uploads_active: int
    uploads_queued: int
    upload_slots: int
    downloads_active: int
    downloads_waiting: int
    downloads_folder: str
    downloads_paused: int = 0
    downloads_failed: int = 0
    fingerprint: str = ""
    """Of this peer's key, 64 hex digits; empty if it does not encrypt."""
    notes: Sequence[str] = ()
    """What a person should set or mend: nothing shared, nothing configured, ..."""

    @property
    def online(self) -> bool:
        """Whether the peer is logged in at any index."""
        return any(index.state is IndexState.ONLINE for index in self.indexes)


@attrs.frozen
class ShareStatus:
    """One shared folder."""

    name: str
    folder: str
    state: str
    files: int
    size: int
    access: str = "everyone"
    """For whom it is: `everyone`, `friends`, or nicks, as in `anna, bob`."""


@attrs.frozen
class RefusedFile:
    """A file on disk that is not shared, and why."""

    name: str
    reason: str


@attrs.frozen
class SharesReport:
    """All shared folders; shared plus refused equals what is on disk."""

    shares: Sequence[ShareStatus]
    refused: Sequence[RefusedFile]
    not_taken: Sequence[RefusedFile] = ()
    """Files on offer that an index does not take; of a great many, some."""


@attrs.frozen
class Holding:
    """A file of this peer. Size in bytes."""

    name: str
    """Its place among what is shared, as in `Music/song.mp3`."""
    size: int


@attrs.frozen
class RiskReport:
    """Which contents that this peer shares nobody else does. Sizes in bytes."""

    contents: int
    """How many different ones were asked about."""
    size: int
    alone: Sequence[Holding]
    """Those nobody else shares; of a great many the first ones."""
    alone_contents: int
    """How many there are."""
    alone_size: int
    notes: Sequence[str] = ()
    """Which indexes could not be asked."""


@attrs.frozen
class Source:
    """One user's offer of a file."""

    nick: str
    path: bytes
    address: str
    """IP address as the index told it; empty if it did not."""
    port: int | None
    """The data port: 0 means firewalled, None not yet known."""
    speed: int
    reachable: bool
    ping_ms: float | None = None
    folder: str = ""
    """Where the file lies at its owner, as shown: parts separated by `/`, none of them `..`."""
    relayed: bool = False
    """Whether nothing but the index's relay leads there: neither side can be connected to."""


@attrs.frozen
class FoundFile:
    """One row of a search: one content, or files of equal name and size where that is not known."""

    number: int
    name: str
    size: int
    bitrate: int
    frequency: int
    duration: int
    md5: str
    sources: Sequence[Source]
    """Who shares it, the best first; of a content the index may have named only the best."""
    content: str = ""
    """The content id, 64 hex digits; empty where it is not known."""
    shared_by: int = 1
    """How many users share it."""
    reachable: int = 1
    """How many of them can be reached from here."""
    free: int | None = None
    """How many of them have a free upload slot; None where that is not known."""
    since: int | None = None
    """About when it was first shared, in seconds since 1970; None where that is not known."""


@attrs.frozen
class SearchPage:
    """The rows of one search or browse. `query` is what was asked.

    `files` counts every offer of every file, `users` those who are named.
    """

    query: str
    rows: Sequence[FoundFile]
    files: int
    users: int
    notes: Sequence[str] = ()
    """Why nothing was found, what cannot be reached from here, whether the list was cut short."""


@attrs.frozen
class RareReport:
    """Which contents on an index only one user shares. Size in bytes."""

    index: str
    contents: int
    """How many different ones are shared there; the totals may be a minute old."""
    rare: int
    """How many of them by one user alone."""
    size: int
    """How many bytes those are."""
    rows: Sequence[FoundFile]
    """Those of other users; of a great many, some."""
    cut: bool
    """Whether there may be more of them."""
    note: str = ""
    """Why this index could not be asked; empty if it could."""


@attrs.frozen
class Find:
    """A file that was found for a wish."""

    id: int
    """Later finds have higher ids, whatever the wish."""
    file: FoundFile
    found: int
    """When, in seconds since 1970."""
    new: bool
    """Whether nobody has looked at it yet."""
    download: int | None = None
    """The id of the download that was begun for it."""
    note: str = ""
    """Why none was begun though the wish downloads; one sentence."""


@attrs.frozen
class WishPlace:
    """How a wish stands at one index."""

    index: str
    at_once: bool
    """Whether the index tells of a file as soon as it is shared."""
    note: str = ""
    """What there is to know if it does not; one sentence."""


@attrs.frozen
class Wish:
    """Something to look out for."""

    id: int
    words: str
    """As for a search."""
    get: bool
    """Whether what is found is downloaded, within limits."""
    places: Sequence[WishPlace]
    finds: Sequence[Find]
    """What was found, oldest first."""


@attrs.frozen
class Wanted:
    """A file to download: where it can be had, and what is known of it."""

    name: str
    size: int | None
    md5: str
    sources: Sequence[Source]
    folder: str = ""
    """Where below the downloads folder, or below `to`, it goes, parts separated by `/`."""
    content: str = ""
    """The content id, 64 hex digits; empty where it is not known."""
    to: str = ""
    """A folder on the peer's machine that stands for the downloads folder."""
    again: bool = False
    """Whether to get it also if a file of this name, size and head is there already."""


class DownloadState(Enum):
    """Where a download stands."""

    WAITING = "waiting"
    ASKING = "asking"
    QUEUED = "queued"
    CONNECTING = "connecting"
    RECEIVING = "receiving"
    CHECKING = "checking"
    BLOCKED = "blocked"
    """The disk is full or fails; it goes on by itself once that is mended."""
    PAUSED = "paused"
    """The user has stopped it; it goes on when the user says so."""
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


class Priority(Enum):
    """Which downloads are begun first, the most urgent first; within one, those of lower id."""

    HIGH = "high"
    NORMAL = "normal"
    LOW = "low"


@attrs.frozen
class DownloadStatus:
    """One download. Sizes in bytes, rate in bytes per second, times in seconds."""

    id: int
    name: str
    state: DownloadState
    size: int | None
    done: int
    rate: float
    seconds_left: float | None
    source: str
    reason: str = ""
    """Why it waits, is blocked or failed, or that it was here already; one sentence."""
    place: int | None = None
    """The place in the uploader's queue, if told."""
    starts_in: float | None = None
    """In how many seconds it may begin, as the uploader estimates, if told."""
    saved: str = ""
    """The path of the finished file."""
    verified: str = ""
    """`content checked`, `head checked`, `cannot be checked`, or empty while unfinished."""
    priority: Priority = Priority.NORMAL
    folder: str = ""
    """Where it goes."""
    renamed: str = ""
    """Why it is called otherwise than at its source; empty if it is not."""
    sources: int = 0
    """How many users it can be had from, as far as is known."""
    relayed: bool = False
    """Whether it comes by the relay of an index now, all of it or a part."""


@attrs.frozen
class UploadStatus:
    """One upload under way or waiting. Sizes in bytes, rate in bytes per second."""

    nick: str
    name: str
    address: str
    state: str
    size: int
    done: int
    rate: float
    place: int | None = None
    starts_in: float | None = None
    """In how many seconds one that waits may begin, if that can be told."""


class PeerApi(Protocol):
    """Everything a person can ask of a peer. Every call can raise an ApiError."""

    async def status(self) -> Status:
        """Tell how the peer is doing."""

    async def shares(self) -> SharesReport:
        """Tell what is shared, what is not, and why."""

    async def risk(self) -> RiskReport:
        """Tell which contents that this peer shares nobody else does."""

    async def rare(self) -> Sequence[RareReport]:
        """Tell, for each index, which contents of other users only one shares."""

    async def search(self, words: str, *, ping: bool = False) -> SearchPage:
        """Search the index with a person's words; `ping` measures latency of the first twenty.

        Raises BadRequestError naming the word that is wrong.
        """

    async def browse(self, nick: str) -> SearchPage:
        """List all files of a user. Raises NotFoundError if nobody has that nick."""

    async def wishes(self) -> Sequence[Wish]:
        """List all wishes, with what was found."""

    async def wish(self, words: str, *, get: bool = False) -> Wish:
        """Look out for what a search with these words finds, from now on.

        The same words again only say anew whether to `get`. Raises BadRequestError naming the
        word that is wrong.
        """

    async def drop_wishes(self, wishes: Sequence[int]) -> Sequence[Wish]:
        """Look out for some no longer; tell of those. Raises NotFoundError, and drops none then."""

    async def see_wishes(self, last: int) -> None:
        """Take note that somebody has looked at all finds up to the one of this id."""

    async def get(self, wanted: Sequence[Wanted]) -> Sequence[DownloadStatus]:
        """Start downloads (or go on with those already known), in order."""

    async def downloads(self) -> Sequence[DownloadStatus]:
        """List all downloads, newest last."""

    async def pause(self, downloads: Sequence[int]) -> Sequence[DownloadStatus]:
        """Stop downloads until they are resumed; what came is kept.

        Those that have ended stay as they are. Raises NotFoundError, before anything is changed.
        """

    async def resume(self, downloads: Sequence[int]) -> Sequence[DownloadStatus]:
        """Go on, at once, with downloads that are paused, wait or have failed; else as `pause`."""

    async def cancel(self, downloads: Sequence[int]) -> Sequence[DownloadStatus]:
        """Stop downloads and delete their partial files; else as `pause`."""

    async def prioritize(
        self, downloads: Sequence[int], priority: Priority
    ) -> Sequence[DownloadStatus]:
        """Say how urgent downloads are; else as `pause`."""

    async def uploads(self) -> Sequence[UploadStatus]:
        """List uploads under way and waiting."""
