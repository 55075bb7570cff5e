"""What is shared, what is not, and what nobody else has."""

from collections.abc import Sequence

import attrs


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
