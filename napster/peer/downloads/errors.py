"""What can go wrong between this peer and one source; the texts are sentences for a person."""


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
