"""The side that has the file."""

from napster.wire.errors import ParseError
from napster.wire.pieces.events import Pinged
from napster.wire.pieces.messages import MOST_HASHES, Cancel, Pieces, Ping, Turn, Want
from napster.wire.pieces.side import MOST_WANTS, Moves, Side, Terms

Request = Pieces | Want | Pinged | Turn


class Uploader(Side[Request]):
    """Reads what is asked for; leads to Opened, Pieces, Want, Pinged, Turn or Broken.

    Whatever is asked stays open until the caller has `answered` it, best when the other side has
    taken the answer: so one that asks and does not read cannot fill the memory. Open at once may
    be two Wants, one Pieces and one Ping; a Turn comes when nothing is.
    """

    def __init__(self, terms: Terms) -> None:
        moves: Moves = {
            Pieces: self._list,
            Want: self._want,
            Cancel: self._cancel,
            Ping: self._ping,
            Turn: self._turn,
        }
        super().__init__(terms, moves)
        self._open: list[Request] = []
        self._cancelled: set[int] = set()

    def answered(self, request: Request) -> None:
        """Note that a request was answered to the end."""
        self._open.remove(request)
        if isinstance(request, Want):
            self._cancelled.discard(request.req)

    def is_cancelled(self, want: Want) -> bool:
        """Whether an open Want was withdrawn."""
        return want.req in self._cancelled

    def _wanted(self) -> list[int]:
        return [each.req for each in self._open if isinstance(each, Want)]

    def _ask(self, request: Request) -> None:
        self._open.append(request)
        self._events.append(request)

    def _list(self, message: Pieces) -> None:
        if any(isinstance(each, Pieces) for each in self._open):
            raise ParseError("the other side asks for hashes twice at once")
        if not 0 < message.count <= MOST_HASHES:
            raise ParseError(f"{message.count} hashes are asked for; 1 to {MOST_HASHES} can be")
        self._ask(message)

    def _want(self, message: Want) -> None:
        wanted = self._wanted()
        if len(wanted) >= MOST_WANTS:
            raise ParseError(f"more than {MOST_WANTS} Wants are open")
        if message.req in wanted or not message.req:
            raise ParseError(f"a Want has the number {message.req}, which it must not have")
        if not message.count:
            raise ParseError("no piece is wanted")
        self._ask(message)

    def _cancel(self, message: Cancel) -> None:
        if message.req in self._wanted():  # else it has crossed the end of the answer
            self._cancelled.add(message.req)

    def _ping(self, _message: Ping) -> None:
        if any(isinstance(each, Pinged) for each in self._open):
            raise ParseError("the other side pings twice at once")
        self._ask(Pinged())

    def _turn(self, message: Turn) -> None:
        if self._open:
            raise ParseError("the other side turns to another file in the middle of one")
        self._ask(message)
