"""What a search found, as values and as finished frames."""

from collections.abc import Iterator, Sequence

import attrs

from napster.catalog.interface import Hit
from napster.wire.messages.searching import SearchHit


@attrs.frozen
class FoundFiles:
    """The hits of one search, held as values."""

    hits: Sequence[Hit]

    def __len__(self) -> int:
        return len(self.hits)

    def __iter__(self) -> Iterator[Hit]:
        return iter(self.hits)

    def frames(self) -> bytes:
        """All of it as finished 201 frames, ready to be written to an old client."""
        return b"".join(search_hit(hit).frame() for hit in self.hits)


def search_hit(hit: Hit) -> SearchHit:
    """Make a message 201 of a hit."""
    file, owner = hit.file, hit.owner
    return SearchHit(
        path=file.path,
        md5=file.md5,
        size=file.size,
        bitrate=file.bitrate,
        frequency=file.frequency,
        duration=file.duration,
        nick=owner.nick,
        address=owner.address,
        speed=owner.speed,
    )
