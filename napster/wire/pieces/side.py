"""What both sides of a conversation about pieces have in common."""

from collections.abc import Callable, Mapping
from typing import Any, Final, Generic, TypeVar

import attrs

from napster.wire.errors import ParseError, WireError
from napster.wire.pieces.events import Broken, Opened
from napster.wire.pieces.frames import PieceReader
from napster.wire.pieces.messages import Open, PieceMessage

VERSION: Final = 2
TURNING: Final = 2
"""The first version that knows a Turn."""
PIECE_SIZE: Final = 1 << 20
"""Bytes in a piece; the last one of a file may be shorter."""
MOST_WANTS: Final = 2
"""How many Wants may be open at once."""

Moves = Mapping[type[Any], Callable[[Any], None]]
"""What each message of the other side does; all others are out of turn."""

E = TypeVar("E")


@attrs.frozen
class Terms:
    """What both sides must have in common: the ticket, and the digest of the lines they saw."""

    ticket: bytes = attrs.field(repr=False)
    lines: bytes
    dialled: bool
    """Whether this side dialled: then it is the first to speak."""

    def opening(self) -> Open:
        """Make what this side begins with."""
        return Open(self.ticket, VERSION, self.lines)

    def check(self, other: Open) -> None:
        """Compare with what the other side says. Raises ParseError."""
        if other.ticket != self.ticket:
            raise ParseError("the other side holds another ticket")
        if other.lines != self.lines:
            raise ParseError("the lines before were changed on their way")
        if not other.version:
            raise ParseError(f"the other side speaks version {other.version}, which is none")


class Side(Generic[E]):
    """One side of the conversation: it says who it is, hears who the other is, then goes on."""

    def __init__(self, terms: Terms, moves: Moves) -> None:
        self._terms = terms
        self._moves = moves
        self._reader = PieceReader()
        self._outgoing: list[PieceMessage] = [terms.opening()] if terms.dialled else []
        self._events: list[E | Opened | Broken] = []
        self.can_turn = False
        """Whether the other side knows a Turn."""
        self._is_open = False
        self._is_over = False

    def feed(self, data: bytes) -> list[E | Opened | Broken]:
        """Take bytes in as they arrive; returns what they lead to, nothing after a Broken."""
        if self._is_over:
            return []
        try:
            for each in self._reader.feed(data):
                self._take(each)
        except WireError as error:
            self._is_over = True
            self._events.append(Broken(str(error)))
        events, self._events = self._events, []
        return events

    def take_outgoing(self) -> bytes:
        """Return what is to be written now."""
        messages, self._outgoing = self._outgoing, []
        return b"".join(each.frame() for each in messages)

    def _take(self, item: PieceMessage | bytes) -> None:
        if isinstance(item, bytes):
            self._content(item)
        elif not self._is_open:
            self._begin(item)
        elif (move := self._moves.get(type(item))) is not None:
            move(item)
        else:
            raise ParseError(f"the other side sends a {type(item).__name__} out of turn")

    def _begin(self, message: PieceMessage) -> None:
        if not isinstance(message, Open):
            raise ParseError(f"the other side begins with a {type(message).__name__}")
        self._terms.check(message)
        if not self._terms.dialled:
            self._outgoing.append(self._terms.opening())
        self.can_turn = message.version >= TURNING
        self._is_open = True
        self._events.append(Opened())

    def _content(self, data: bytes) -> None:
        """Take content that follows a Data."""
        raise NotImplementedError
