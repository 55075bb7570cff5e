"""Which contents exist only once: of those this peer shares, and on the network."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import Protocol

import attrs

from napster.peer.api import Holding, RareReport, RiskReport
from napster.peer.arrange import ArrangeError
from napster.peer.finder import asked, offer_of
from napster.peer.index_link.link import IndexLink
from napster.peer.index_link.links import Links
from napster.peer.library.shared_file import SharedFile
from napster.peer.results import page
from napster.wire.extension import MOST_COUNTED, Found
from napster.wire.fields import display

MOST_NAMED = 10_000
"""So many holdings are named one by one."""
MOST_RARE = 1_000
"""So many rare contents of an index are named, about."""


class _Library(Protocol):
    """The library as this needs it."""

    def files(self) -> Iterator[SharedFile]:
        """Go through all files on offer; may be done in slices."""


@attrs.frozen
class Holdings:
    """Asks the indexes who else has what."""

    library: _Library
    links: Links

    async def risk(self) -> RiskReport:
        """Tell which contents that this peer shares nobody else does. Raises ApiError.

        What is shared with some users only is asked about as well: others may have it.
        """
        seen: set[bytes] = set()
        alone: list[Holding] = []
        size = alone_contents = alone_size = 0
        notes: Mapping[str, None] = {}
        for files in _batches(self.library.files(), seen):
            counts, said = await asked(self.links.copies(list(files)))
            notes = {**notes, **dict.fromkeys(said)}
            size += sum(file.size for file in files.values())
            for file, count in zip(files.values(), counts, strict=True):
                if not count:
                    alone_contents += 1
                    alone_size += file.size
                    alone.append(_holding(file))
            del alone[MOST_NAMED:]
        return RiskReport(len(seen), size, alone, alone_contents, alone_size, tuple(notes))

    async def rare(self) -> Sequence[RareReport]:
        """Tell, for each index, which contents of other users only one shares."""
        return [await self._rare_at(link) for link in self.links]

    async def _rare_at(self, link: IndexLink) -> RareReport:
        name = link.status.address
        found: list[Found] = []
        after: int | None = None
        try:
            while True:
                some, told = await link.rare(after)
                found += some
                after = told.next
                if after is None or len(found) >= MOST_RARE:
                    break
        except ArrangeError as error:
            return RareReport(name, 0, 0, 0, (), cut=False, note=str(error))
        offers = [offer_of(each, firewalled=self.links.firewalled) for each in found]
        return RareReport(
            index=name,
            contents=told.contents,
            rare=told.rare,
            size=told.size,
            rows=page("", offers).rows,
            cut=after is not None,
        )


def _batches(files: Iterator[SharedFile], seen: set[bytes]) -> Iterator[Mapping[bytes, SharedFile]]:
    """Give files of different contents by their ids, as many at a time as may be asked about."""
    while some := list(islice(files, MOST_COUNTED)):
        batch: dict[bytes, SharedFile] = {}
        for file in some:
            if file.content not in seen:
                batch.setdefault(file.content, file)
        seen.update(batch)
        if batch:
            yield batch


def _holding(file: SharedFile) -> Holding:
    return Holding("/".join(map(display, file.path.split(b"\\"))), file.size)
