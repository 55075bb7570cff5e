"""What can be wrong with bytes from the wire."""


class WireError(Exception):
    """Bytes that break the protocol; the text is one sentence fit for the other side."""


class FrameTooLongError(WireError):
    """A frame announced more bytes than its type may have; the link cannot go on."""


class ParseError(WireError):
    """A frame whose body does not have the fields its type demands; the link can go on."""
