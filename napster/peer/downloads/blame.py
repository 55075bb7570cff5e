"""Who sent which pieces of a download, so that a wrong one can be laid at somebody's door."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

from napster.peer.downloads.sources import Source


class Blame:
    """The senders of every piece; those of what an earlier run has left are not known.

    Where pieces cannot be checked one by one and the whole proves to be wrong, all of it is fetched
    once more from one source alone. Once that is right, comparing tells who had lied.

    The disk thread takes notes; the reactor's asks while that has nothing to do with the piece.
    """

    def __init__(self) -> None:
        self._senders: dict[int, set[Source | None]] = {}
        self._suspected: dict[int, tuple[bytes, Source]] = {}
        self.alone = False
        """Whether everything has to come from one source."""
        self.strict: set[int] = set()
        """Pieces of which part came from one and part from another, and that were wrong."""

    def here(self, pieces: Iterable[int]) -> None:
        """Take note of pieces that were here before anybody was asked."""
        for piece in pieces:
            self._senders.setdefault(piece, {None})

    def sent(self, piece: int, source: Source) -> None:
        """Take note that something of a piece came from a source."""
        self._senders.setdefault(piece, set()).add(source)

    def forget(self, pieces: Iterable[int]) -> None:
        """Take note that nothing is here any more of some pieces."""
        for piece in list(pieces):
            self._senders.pop(piece, None)

    def sole(self, piece: int) -> Source | None:
        """Tell who sent all of a piece; None if several did, or nobody knows."""
        senders = self._senders.get(piece, set())
        return next(iter(senders)) if len(senders) == 1 else None

    def foreign(self, source: Source) -> Sequence[int]:
        """List the pieces that are here and did not come from a source alone."""
        return [piece for piece in self._senders if self.sole(piece) is not source]

    def convict(self, digests: Mapping[int, bytes]) -> Source | None:
        """Name who lied when the whole, of pieces with these hashes, is wrong.

        None if more than one source had a part in it: from then on one is asked alone.
        """
        senders = Counter(self.sole(piece) for piece in digests)
        if len(senders) == 1 and (liar := next(iter(senders))) is not None:
            return liar
        self.alone = True
        for piece, digest in digests.items():
            sender = self.sole(piece)
            if sender is not None:
                self._suspected.setdefault(piece, (digest, sender))
        return None

    def exposed(self, digests: Mapping[int, bytes]) -> Mapping[Source, int]:
        """Name who had lied, now that the whole is right, and one piece of each."""
        wrong = (
            (sender, piece)
            for piece, (digest, sender) in self._suspected.items()
            if digests[piece] != digest
        )
        return dict(wrong)
