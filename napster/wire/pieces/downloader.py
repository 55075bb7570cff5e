"""The side that wants the file."""

from typing import Final

import attrs

from napster.wire.errors import ParseError
from napster.wire.pieces.events import Content, Delivered
from napster.wire.pieces.messages import (
    Cancel,
    Data,
    PieceList,
    Pieces,
    Refuse,
    Turn,
    Want,
)
from napster.wire.pieces.side import PIECE_SIZE, Moves, Side, Terms

HASH_SIZE: Final = 32
_LAST_REQ: Final = 2**32 - 1

Answer = PieceList | Content | Delivered | Refuse


@attrs.define
class _Range:
    """What is still to come of something wanted."""

    next: int
    end: int


class Downloader(Side[Answer]):
    """Asks for hashes and pieces; leads to Opened, PieceList, Content, Delivered, Refuse or Broken.

    Whether hashes are right is for the caller to see, who may `ask` and `want` from Opened on.
    """

    def __init__(self, terms: Terms) -> None:
        moves: Moves = {PieceList: self._list, Data: self._data, Refuse: self._refuse}
        super().__init__(terms, moves)
        self._asked: Pieces | None = None
        self._last_req = 0
        self._wants: dict[int, _Range] = {}
        self._current = 0
        """Which Want the content that comes is for."""

    def ask(self, first: int, count: int) -> None:
        """Ask for hashes, once those asked for before have come."""
        self._asked = Pieces(first, count)
        self._outgoing.append(self._asked)

    def want(self, piece: int, length: int) -> int:
        """Ask for a piece, which has `length` bytes; returns the number of the request."""
        self._last_req = self._last_req % _LAST_REQ + 1
        start = piece * PIECE_SIZE
        self._wants[self._last_req] = _Range(start, start + length)
        self._outgoing.append(Want(self._last_req, piece, 1))
        return self._last_req

    def cancel(self, req: int) -> None:
        """Withdraw a Want. It stays open until it is Delivered or refused."""
        self._outgoing.append(Cancel(req))

    def turn(self, path: bytes) -> None:
        """Go over to another file, if the other side can, once nothing of this one is to come."""
        self._outgoing.append(Turn(path))

    def _list(self, message: PieceList) -> None:
        asked, self._asked = self._asked, None
        if asked is None or message.first != asked.first:
            raise ParseError("the other side lists what it was not asked for")
        if len(message.hashes) % HASH_SIZE:
            raise ParseError(f"the hashes have {len(message.hashes)} bytes, no multiple of 32")
        whole = -(-message.size // PIECE_SIZE)
        due = max(0, min(asked.count, whole - asked.first))
        if len(message.hashes) != due * HASH_SIZE:
            raise ParseError(f"{len(message.hashes) // HASH_SIZE} hashes came instead of {due}")
        self._events.append(message)

    def _data(self, message: Data) -> None:
        wanted = self._wants.get(message.req)
        if wanted is None:
            raise ParseError("the other side sends what it was not asked for")
        if not message.length:
            raise ParseError("the other side announces no content")
        if message.offset != wanted.next or message.offset + message.length > wanted.end:
            raise ParseError("the other side sends other bytes than those it was asked for")
        self._current = message.req

    def _content(self, data: bytes) -> None:
        wanted = self._wants[self._current]
        wanted.next += len(data)
        self._events.append(Content(self._current, data))
        if wanted.next == wanted.end:
            del self._wants[self._current]
            self._events.append(Delivered(self._current))

    def _refuse(self, message: Refuse) -> None:
        if message.req and self._wants.pop(message.req, None) is None:
            raise ParseError("the other side refuses what it was not asked for")
        self._events.append(message)
