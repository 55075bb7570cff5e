"""Downloads and uploads: what is wanted, and how each stands."""

from collections.abc import Sequence
from enum import Enum

import attrs

from napster.peer.api.found import Source


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
    whole: bool = False
    """Whether `folder` is fetched as a whole, and the empty folders in it are wanted as well."""


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
