"""Cut a stream into frames: `<length u16><type u16><length bytes>`, little-endian."""

from collections.abc import Callable, Iterator, Sequence
from functools import cache
from struct import Struct
from typing import NoReturn

from napster.wire.errors import FrameTooLongError

MAX_BODY = 2048
"""The longest body old programs accept, in bytes (seen: 2,049 closes the connection)."""

_HEADER = Struct("<HH")
_LONGEST = 0xFFFF


def encode(type_: int, body: bytes) -> bytes:
    """Make a frame. Raises FrameTooLongError if the length field cannot hold the body's length."""
    if len(body) > _LONGEST:
        raise FrameTooLongError(
            f"message {type_} would have {len(body)} bytes; a frame holds at most {_LONGEST}"
        )
    return _HEADER.pack(len(body), type_) + body


@cache
def _headers(type_: int) -> Sequence[bytes]:
    """Make the headers of a type by length of the body, as far as old programs accept it."""
    return [_HEADER.pack(length, type_) for length in range(MAX_BODY + 1)]


def encode_all(type_: int, bodies: Sequence[bytes]) -> bytes:
    """Make frames of one type, one after another. Raises FrameTooLongError as `encode` does."""
    headers = _headers(type_)
    parts = [b""] * (2 * len(bodies))
    parts[1::2] = bodies
    try:
        parts[::2] = [headers[len(body)] for body in bodies]
    except IndexError:
        return b"".join([encode(type_, body) for body in bodies])
    return b"".join(parts)


class FrameReader:
    """Take frames out of bytes that arrive in pieces of any size.

    A body has at most MAX_BODY bytes unless `limit` allows more for its type; a longer one is
    refused as soon as its header is here. Between frames a reader holds no buffer.
    """

    __slots__ = ("_missing", "_tail", "limit")

    def __init__(self, limit: Callable[[int], int] = lambda _: MAX_BODY) -> None:
        self.limit = limit
        """How many bytes the body of a type may have."""
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
        for type_, bodies in self.runs(data):
            for body in bodies:
                yield type_, body

    def runs(self, data: bytes) -> Iterator[tuple[int, list[bytes]]]:
        """Yield type and bodies of frames of one type that follow each other, otherwise as `feed`.

        Much faster where many do.
        """
        if len(data) < self._missing:
            self._tail += data
            self._missing -= len(data)
            return
        data = bytes(self._tail) + data if self._tail else data
        size, header, at = len(data), _HEADER.size, 0
        unpack = _HEADER.unpack_from
        run: list[bytes] = []
        type_of_run = 0
        while (end := at + header) <= size:
            length, type_ = unpack(data, at)
            if type_ != type_of_run or length > MAX_BODY:
                if run:
                    yield type_of_run, run
                type_of_run, run = type_, []
                if length > MAX_BODY and length > self.limit(type_):
                    self._refuse(type_, length, data[at:end])
            start, end = end, end + length
            if end > size:
                break
            run.append(data[start:end])
            at = end
        self._missing = end - size
        self._tail = bytearray(data[at:]) if at < size else b""
        if run:
            yield type_of_run, run

    def _refuse(self, type_: int, length: int, header: bytes) -> NoReturn:
        """Keep the header only, so that later calls find it again, and raise FrameTooLongError."""
        self._tail, self._missing = header, 0
        raise FrameTooLongError(
            f"message {type_} announces {length} bytes; at most {self.limit(type_)} are allowed"
        )
