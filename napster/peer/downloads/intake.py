"""What happens in the disk thread to the content that arrives. Blocking."""

from collections import deque
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import attrs

from napster.peer.downloads.blame import Blame
from napster.peer.downloads.errors import (
    MixedPieceError,
    ResumedWrongError,
    WrongContentError,
    WrongListError,
    WrongPieceError,
)
from napster.peer.downloads.head import is_head, is_known
from napster.peer.downloads.partial import PartialFile
from napster.peer.downloads.piece_source import PieceList
from napster.peer.downloads.sources import Source
from napster.peer.library.hash import PIECE_HASH_SIZE, PIECE_SIZE, content_root

CONTENT_CHECKED: Final = "content checked"
HEAD_CHECKED: Final = "head checked"
UNCHECKED: Final = "cannot be checked"
_LATEST: Final = 2**33
"""A time in seconds since 1970 that no file has, and every file system can keep."""
_PROOF: Final = 4096
"""So many bytes that equal those the file begins with betray a source that cannot resume."""
_FROM_BEGINNING: Final = "it sends the file from its beginning, whatever is asked for"


@attrs.define(eq=False)
class Target:
    """What a download is to become, and what its pieces are checked against."""

    part: PartialFile
    size: int
    md5: str = ""
    """The historic MD5 of the head; empty if it is not known, or if the content id is."""
    content_id: bytes = b""
    blame: Blame = attrs.field(factory=Blame)
    modified: int | None = None
    """When the file was last changed where it comes from, in seconds since 1970."""
    folders: Sequence[bytes] = attrs.field(default=(), init=False)
    """Paths of empty folders there, as the one told who told the hashes."""
    hashes: bytes = attrs.field(default=b"", init=False)
    """The hashes of all pieces, joined, once a list of them has proved to be right."""

    @property
    def count(self) -> int:
        """How many pieces the file has."""
        return -(-self.size // PIECE_SIZE)

    def end(self, piece: int) -> int:
        """Tell where a piece ends."""
        return min((piece + 1) * PIECE_SIZE, self.size)

    def whole(self, piece: int) -> bool:
        """Tell whether all bytes of a piece are here."""
        return self.part.length(piece) == self.end(piece) - piece * PIECE_SIZE > 0

    def done(self) -> Sequence[int]:
        """List the pieces that are all here."""
        return [piece for piece in self.part.lengths() if self.whole(piece)]

    def trust(self, found: PieceList) -> Mapping[int, Source | None]:
        """Take a list of hashes that the content id proves right; forget what it proves wrong.

        Returns the pieces that were all here and wrong, with who had sent each alone. Without an
        id the list of the first source makes it. Raises WrongListError, OSError.
        """
        root = content_root(found.size, found.hashes)
        if found.size != self.size or len(found.hashes) != self.count * PIECE_HASH_SIZE:
            raise WrongListError("its list of pieces is of a file of another size")
        if self.content_id and root != self.content_id:
            raise WrongListError("its list of pieces is of another content")
        self.content_id, self.md5, self.hashes = root, "", found.hashes
        self.modified, self.folders = found.modified, found.folders
        wrong = [piece for piece in range(self.count) if not self._right(piece)]
        senders = {piece: self.blame.sole(piece) for piece in wrong}
        self.forget(wrong)
        return senders

    def put(self, piece: int, chunks: Sequence[bytes], sender: Source) -> int:
        """Write a whole piece if it is right; returns how much of the file is here.

        Raises WrongPieceError, OSError.
        """
        if not self.whole(piece):
            self.forget([piece])
            self.write(piece * PIECE_SIZE, memoryview(b"".join(chunks)), sender)
            self.check(piece)
        return self.part.here

    def write(self, at: int, data: memoryview, sender: Source) -> None:
        """Write some of one piece, and take note of who sent it. Raises OSError."""
        self.blame.sent(at // PIECE_SIZE, sender)
        self.part.write(at, data)

    def forget(self, pieces: Iterable[int]) -> None:
        """Forget what is here of some pieces. Raises OSError."""
        pieces = list(pieces)
        self.part.forget(pieces)
        self.blame.forget(pieces)

    def check(self, piece: int) -> None:
        """Forget a piece that is all here and wrong.

        Raises WrongPieceError, MixedPieceError if more than one source has sent it, OSError.
        """
        if self._right(piece):
            return
        digest, sender = self.part.digest(piece), self.blame.sole(piece)
        self.forget([piece])
        if sender is None:
            self.blame.strict.add(piece)
            raise MixedPieceError("a piece that came from it and from another source was wrong")
        raise WrongPieceError(piece, is_first=digest == self.hashes[:PIECE_HASH_SIZE])

    def digests(self) -> Mapping[int, bytes]:
        """Tell the hashes of all pieces, as they are here."""
        return {piece: self.part.digest(piece) for piece in range(self.count)}

    def finish(self) -> str:
        """Check, date and sync the complete file; return what could be checked.

        Raises WrongContentError or OSError.
        """
        if self.content_id:
            hashes = b"".join(self.digests().values())
            if content_root(self.size, hashes) != self.content_id:
                raise WrongContentError("what came is not the content that was wanted")
        else:
            self.check_head()
        if self.modified is not None and self.modified < _LATEST:
            self.part.date(self.modified)
        self.part.sync()
        if self.content_id:
            return CONTENT_CHECKED
        return HEAD_CHECKED if self.md5 else UNCHECKED

    def check_head(self) -> bool:
        """Tell whether the head is known and right. Raises WrongContentError, OSError."""
        if not self.md5 or not is_known(self.part, self.size):
            return False
        if not is_head(self.part, self.size, self.md5):
            raise WrongContentError(
                "what came is not the file that was offered: the hash of its head is another"
            )
        return True

    def _right(self, piece: int) -> bool:
        """Tell whether a piece is not known to be wrong."""
        at = piece * PIECE_HASH_SIZE
        known = self.hashes[at : at + PIECE_HASH_SIZE]
        return not known or not self.whole(piece) or self.part.digest(piece) == known


class Intake:
    """Takes the content one source sends from `start` on: compares, writes, checks.

    A source is asked for some of what is already here again, or for all of it, to see whether what
    it sends continues this file. After an error nothing more is taken.
    """

    def __init__(self, target: Target, start: int, sender: Source) -> None:
        self._target = target
        self._sender = sender
        self._part = target.part
        self._start = start
        self._at = start
        self._compared = start == 0
        self._head_is_right = False
        self._broken = False
        self._finished: deque[int] = deque()
        self.began = self._part.gapless(0)
        """From where on what is here came from this source, if it goes on where all was here."""

    def take(self, chunks: Sequence[bytes]) -> int:
        """Take content, in order; return how much of the file is here.

        Raises ResumedWrongError, WrongContentError, WrongPieceError or OSError.
        """
        if self._broken:
            return self._part.here
        self._broken = True
        data = memoryview(b"".join(chunks))
        while data:
            data = data[self._take_step(data) :]
        if not self._head_is_right:
            self._head_is_right = self._target.check_head()
        self._broken = False
        return self._part.here

    def finished(self) -> Iterable[int]:
        """Tell which pieces are complete and not known to be wrong since this was last asked."""
        while self._finished:
            yield self._finished.popleft()

    def _take_step(self, data: memoryview) -> int:
        """Compare what is here already, or write up to the end of the piece; tell how much."""
        piece, within = divmod(self._at, PIECE_SIZE)
        data = data[: PIECE_SIZE - within]
        step = data[: self._part.gapless(self._at, len(data))]
        if step:
            self._compare(piece, step)
        else:
            step = data
            self._prove(step)
            if within == self._part.length(piece):  # else what came before it was forgotten
                self._target.write(self._at, step, self._sender)
        self._at += len(step)
        if self._target.whole(piece) and self._at == self._target.end(piece):
            self._finish(piece)
        return len(step)

    def _finish(self, piece: int) -> None:
        try:
            self._target.check(piece)
        except WrongPieceError as error:
            if piece and error.is_first:
                raise ResumedWrongError(_FROM_BEGINNING) from error
            raise
        self._finished.append(piece)

    def _compare(self, piece: int, again: memoryview) -> None:
        """Compare what came again with what is here; from the start, the source is believed."""
        self._compared = True
        difference = self._part.first_difference(self._at, again)
        if difference is None:
            return
        if self._start > 0:
            raise ResumedWrongError(
                "what it sends does not continue what is here; its program may not be able to "
                "resume, so it is asked for all of the file and that is compared"
            )
        if self._target.hashes and self._target.whole(piece):
            raise WrongPieceError(piece)
        self._replace_from(difference)
        self._target.write(difference, again[difference - self._at :], self._sender)
        self.began = min(self.began, difference)

    def _replace_from(self, offset: int) -> None:
        """Forget what another source sent; what lies behind is compared when it comes."""
        if self._target.content_id:
            self._part.cut(offset)
        else:
            self._part.rewind(offset)

    def _prove(self, first: memoryview) -> None:
        """Where there was nothing to compare, see whether it is the beginning of the file."""
        if self._compared:
            return
        self._compared = True
        beginning = self._part.read(0, _PROOF)
        if len(beginning) == _PROOF and first[:_PROOF] == beginning:
            raise ResumedWrongError(_FROM_BEGINNING)
