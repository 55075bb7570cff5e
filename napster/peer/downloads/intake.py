"""What happens in the disk thread to the content that arrives. Blocking."""

from collections.abc import Sequence
from typing import Final

from napster.peer.downloads.errors import ResumedWrongError, WrongContentError
from napster.peer.downloads.head import is_head, is_known
from napster.peer.downloads.partial import PartialFile
from napster.peer.library.hash import PIECE_SIZE

HEAD_CHECKED: Final = "head checked"
UNCHECKED: Final = "cannot be checked"


class Intake:
    """Takes the content one source sends from `start` on: compares, writes, checks.

    A source is asked for some of what is already here again, or for all of it, to see whether what
    it sends continues this file. After an error nothing more is taken.
    """

    def __init__(self, part: PartialFile, size: int, md5: str, start: int) -> None:
        self._part = part
        self._size = size
        self._md5 = md5
        self._start = start
        self._at = start
        self._head_is_right = False
        self._broken = False
        self.began = part.gapless(0)
        """From where on what is here came from this source."""

    def take(self, chunks: Sequence[bytes]) -> int:
        """Take content, in order; return how much of the file is here.

        Raises ResumedWrongError, WrongContentError or OSError.
        """
        if self._broken:
            return self._part.here
        self._broken = True
        data = memoryview(b"".join(chunks))
        while data:
            data = data[self._take_step(data) :]
        self._check_head()
        self._broken = False
        return self._part.here

    def _take_step(self, data: memoryview) -> int:
        """Compare what is here already, or write up to the end of the piece; tell how much."""
        step = data[: self._part.gapless(self._at, len(data))]
        if step:
            self._compare(step)
        else:
            step = data[: PIECE_SIZE - self._at % PIECE_SIZE]
            self._part.write(self._at, step)
        self._at += len(step)
        return len(step)

    def finish(self) -> str:
        """Check and sync the complete file; return what could be checked.

        Raises WrongContentError or OSError.
        """
        self._check_head()
        self._part.sync()
        return HEAD_CHECKED if self._md5 else UNCHECKED

    def _compare(self, again: memoryview) -> None:
        """Compare what came again with what is here; from the start, the source is believed."""
        difference = self._part.first_difference(self._at, again)
        if difference is None:
            return
        if self._start > 0:
            raise ResumedWrongError(
                "what it sends does not continue what is here; its program may not be able to "
                "resume, so it is asked for all of the file and that is compared"
            )
        self._part.rewind(difference)
        self._part.write(difference, again[difference - self._at :])
        self.began = min(self.began, difference)

    def _check_head(self) -> None:
        if not self._md5 or self._head_is_right or not is_known(self._part, self._size):
            return
        if not is_head(self._part, self._size, self._md5):
            raise WrongContentError(
                "what came is not the file that was offered: the hash of its head is another"
            )
        self._head_is_right = True
