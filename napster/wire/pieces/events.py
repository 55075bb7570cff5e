"""What the two sides of a conversation about pieces can lead to."""

import attrs


@attrs.frozen
class Opened:
    """The other side holds the same ticket and has seen the same lines in the clear."""


@attrs.frozen
class Pinged:
    """The other side wants a Pong."""


@attrs.frozen
class Content:
    """Bytes of what was wanted by `req`, in order and without gaps."""

    req: int
    data: bytes


@attrs.frozen
class Delivered:
    """All that was wanted by `req` has come."""

    req: int


@attrs.frozen
class Broken:
    """The other side broke the protocol: one sentence. The connection is of no use."""

    reason: str
