"""What somebody looks out for, and what was found for it."""

from collections.abc import Sequence

import attrs

from napster.peer.api.found import FoundFile


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
