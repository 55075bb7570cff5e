"""One owner's place in the catalog."""

from array import array

import attrs

from napster.catalog.interface import Owner
from napster.catalog.memory.watched import Watched
from napster.wire.fields import write_text


@attrs.define(eq=False)
class Tally:
    """What all shelves hold together."""

    files: int = 0
    size: int = 0


class Shelf(Watched):
    """An owner, the blocks of ids that hold the files, and the room left in the last of them.

    While somebody watches it, no file moves to another block.
    """

    __slots__ = (
        "_tally", "blocks", "count", "dead", "end_id", "gone", "moving", "next_id", "number",
        "owner", "owner_fields", "size", "text_room",
    )  # fmt: skip

    def __init__(self, owner: Owner, number: int, tally: Tally) -> None:
        super().__init__()
        self._tally = tally
        self.number = number
        """Never used twice while the catalog lives."""
        self.blocks: array[int] = array("I")
        """Block numbers in the order taken, which is the order in which files were shared."""
        self.next_id = self.end_id = 0
        """The ids from `next_id` to before `end_id` of the last block are still free."""
        self.text_room = 0
        """Bytes of text that the last block can still take."""
        self.count = 0
        """Files shared now."""
        self.size = 0
        """Bytes shared now, without the files that are not settled."""
        self.dead = 0
        """Ids in its blocks that are dead."""
        self.gone = False
        """Whether the owner has left."""
        self.moving = False
        """Whether files are being moved to new blocks; see `repack`."""
        self.describe(owner)

    def describe(self, owner: Owner) -> None:
        """Take over what is new about the owner."""
        self.owner = owner
        self.owner_fields = b"%b %d %d" % (write_text(owner.nick), owner.address, owner.speed)

    def close_block(self) -> None:
        """Leave the room in the last block unused."""
        self.next_id = self.end_id = self.text_room = 0

    def gain(self, files: int, size: int) -> None:
        """Count files and bytes that came, or with negative numbers went."""
        if not self.gone:
            self.count += files
            self.size += size
            self._tally.files += files
            self._tally.size += size
