"""What a search asks for: one value, read from the request grammar or from a person's words."""

from collections.abc import Sequence

import attrs

MAX_RESULTS = 100
"""How many results a search gets at most if it does not say (protocol section 4.3)."""


@attrs.frozen
class Range:
    """An inclusive range of whole numbers; None leaves an end open."""

    lowest: int | None = None
    highest: int | None = None

    def __contains__(self, value: int) -> bool:
        """Whether a value lies in the range."""
        return (self.lowest is None or self.lowest <= value) and (
            self.highest is None or value <= self.highest
        )


@attrs.frozen
class SearchQuery:
    """A search. Phrases are raw bytes of any words; how words match is the catalog's to say."""

    contains: Sequence[bytes] = ()
    excludes: Sequence[bytes] = ()
    max_results: int = MAX_RESULTS
    speed: Range = Range()
    bitrate: Range = Range()
    frequency: Range = Range()
    size: Range = Range()
    duration: Range = Range()
    type: bytes | None = None
    """`mp3`, `audio`, `video`, `image`, `text`, `application`, or None for any."""
    local: bool = False
