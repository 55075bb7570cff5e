"""Cut a stream into messages and the content that follows some of them."""

from collections.abc import Iterator
from typing import Final

from napster.wire.errors import FrameTooLongError
from napster.wire.pieces.messages import HEADER, MESSAGES, Data, PieceMessage

MAX_BODY: Final = 65_536
"""The longest body of a message, in bytes."""


class PieceReader:
    """Takes messages, and the bytes announced by a Data, out of what arrives in any portions.

    Messages of unknown types are passed over. Nothing of the content is kept.
    """

    __slots__ = ("_content", "_needed", "_tail")

    def __init__(self) -> None:
        self._tail = bytearray()
        self._needed = 0
        """How many bytes the tail must have before there is anything to be seen in it."""
        self._content = 0
        """How many bytes of content are still to come."""

    def feed(self, data: bytes) -> Iterator[PieceMessage | bytes]:
        """Yield what is whole, and content as it comes; iterate to the end.

        Raises FrameTooLongError or ParseError: the stream is of no use from there on.
        """
        if len(self._tail) + len(data) < self._needed:
            self._tail += data
            return
        if self._tail:
            data = bytes(self._tail) + data
            self._tail = bytearray()
        at = 0
        while at < len(data):
            if self._content:
                content = data[at : at + self._content]
                at += len(content)
                self._content -= len(content)
                yield content
                continue
            end = self._end_of_frame(data, at)
            if end > len(data):
                self._needed = end - at
                self._tail = bytearray(data[at:])
                return
            message = _read(data, at, end)
            at = end
            if isinstance(message, Data):
                self._content = message.length
            if message is not None:
                yield message
        self._needed = 0

    @staticmethod
    def _end_of_frame(data: bytes, at: int) -> int:
        start = at + HEADER.size
        if start > len(data):
            return start
        length, type_ = HEADER.unpack_from(data, at)
        if length > MAX_BODY:
            raise FrameTooLongError(
                f"message {type_} announces {length} bytes; at most {MAX_BODY} are allowed"
            )
        return start + int(length)


def _read(data: bytes, at: int, end: int) -> PieceMessage | None:
    _, type_ = HEADER.unpack_from(data, at)
    kind = MESSAGES.get(type_)
    return None if kind is None else kind.from_body(data[at + HEADER.size : end])
