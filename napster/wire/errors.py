"""What can be wrong with bytes from the wire, or with what somebody wants to put on it."""


class WireError(Exception):
    """Something breaks the protocol; the text is one sentence fit for the other side."""


class FrameTooLongError(WireError):
    """A frame has more bytes than its type may have; when received, the link cannot go on."""


class ParseError(WireError):
    """A body does not have, or could not carry, the fields of its type; the link can go on."""


class QueryError(WireError):
    """A person's search cannot be understood; the text names the word and what would be right."""
