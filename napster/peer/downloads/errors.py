"""What can go wrong between this peer and one source; the texts are sentences for a person."""

from napster.peer.arrange import QueuedError


class SourceError(Exception):
    """A source did not deliver."""


class UnreachableError(SourceError):
    """Its data port cannot be connected to."""


class NoPushError(SourceError):
    """It was asked to connect here and did not."""


class BrokenError(SourceError):
    """It broke the protocol, or went silent before the content."""


class DeclinedError(SourceError):
    """It answered with a refusal instead of the content."""


class NoSlotError(QueuedError, SourceError):
    """It has no upload slot free any more, and says which place in its queue is kept."""


class LostError(SourceError):
    """The connection ended before the content did."""


class StalledError(SourceError):
    """It has sent next to nothing for a while."""


class WrongSizeError(SourceError):
    """It offers a file of another size."""


class SurplusError(SourceError):
    """It sends more than it announced."""


class ResumedWrongError(SourceError):
    """What it sends does not continue what is here, as from programs that ignore the offset."""


class WrongContentError(SourceError):
    """What came is not what the known hash is of."""


class NoSpaceError(Exception):
    """The disk has too little room; the text has both figures."""


class WrongListError(WrongContentError):
    """Its list of pieces is not of the content that is wanted."""


class WrongPieceError(WrongContentError):
    """A piece it sent is not what the known hash is of."""

    def __init__(self, piece: int, *, is_first: bool = False) -> None:
        """`is_first` tells whether what came is the first piece of the file."""
        super().__init__(f"it sent wrong bytes {piece} MiB into the file")
        self.piece = piece
        self.is_first = is_first


class MixedPieceError(SourceError):
    """A piece was wrong of which it had sent a part; it need not be the one that lied."""


class NothingLeftError(SourceError):
    """It can be of no use now: others send all that is still missing."""
