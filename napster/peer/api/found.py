"""What others share: the rows of a search or browse, and who has each."""

from collections.abc import Sequence

import attrs


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
