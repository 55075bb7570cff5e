"""Cut a stream into frames: `<length u16><type u16><length bytes>`, little-endian."""

from collections.abc import Callable, Iterator
from struct import Struct

from napster.wire.errors import FrameTooLongError

MAX_BODY = 2048
"""The longest body old programs accept, in bytes (seen: 2,049 closes the connection)."""

_HEADER = Struct("<HH")
_LONGEST = 0xFFFF


def old_limit(_type: int) -> int:
    """Allow every message as many bytes of body as old programs do."""
    return MAX_BODY


def encode(type_: int, body: bytes) -> bytes:
    """Make a frame. Raises FrameTooLongError if the length field cannot hold the body's length."""
    if len(body) > _LONGEST:
        raise FrameTooLongError(
            f"message {type_} would have {len(body)} bytes; a frame holds at most {_LONGEST}"
        )
    return _HEADER.pack(len(body), type_) + body


class FrameReader:
    """Take frames out of bytes that arrive in pieces of any size.

    `limit` says how many bytes the body of a type may have; a longer one is refused as soon as
    its header is here. Between frames a reader holds no buffer.
    """

    __slots__ = ("_limit", "_missing", "_tail")

    def __init__(self, limit: Callable[[int], int] = old_limit) -> None:
        self._limit = limit
        self._tail: bytes | bytearray = b""
        self._missing = 0

    @property
    def mid_frame(self) -> bool:
        """Whether a frame has begun and its end has not come yet."""
        return bool(self._tail)

    def feed(self, data: bytes) -> Iterator[tuple[int, bytes]]:
        """Yield type and body of every frame that is now whole; iterate to the end.

        Raises FrameTooLongError after the frames before the over-long one, and again on every
        later call: the stream is lost from there on.
        """
        if len(data) < self._missing:
            self._tail += data
            self._missing -= len(data)
            return
        data = bytes(self._tail) + data if self._tail else data
        at = 0
        while (end := self._end_of_frame(data, at)) <= len(data):
            yield _HEADER.unpack_from(data, at)[1], data[at + _HEADER.size : end]
            at = end
        self._missing = end - len(data)
        self._tail = bytearray(data[at:]) if at < len(data) else b""

    def _end_of_frame(self, data: bytes, at: int) -> int:
        """Tell where the frame ends that begins at `at`, or its header if that is not here yet."""
        body = at + _HEADER.size
        if body > len(data):
            return body
        length: int
        length, type_ = _HEADER.unpack_from(data, at)
        allowed = self._limit(type_)
        if length > allowed:
            self._tail, self._missing = data[at:body], 0
            raise FrameTooLongError(
                f"message {type_} announces {length} bytes; at most {allowed} are allowed"
            )
        return body + length
