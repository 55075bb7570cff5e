"""Fetching pieces from one source."""

from collections import deque
from collections.abc import Callable
from typing import Final, cast

import attrs
from twisted.internet.defer import Deferred, fail
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from napster.peer.downloads.errors import (
    BrokenError,
    DeclinedError,
    LostError,
    NoSlotError,
    SourceError,
    StalledError,
)
from napster.peer.downloads.piece_source import PieceList
from napster.peer.downloads.reception import READ_SIZE, STALL_BYTES, STALL_TIME, Transport
from napster.peer.pieces.connection import TicketConnection
from napster.wire import pieces as wire
from napster.wire.fields import display

LARGEST_FILE: Final = 2**42
"""In bytes; the hashes of its pieces take 128 MiB, and nobody is let fill more than that."""

_LONGEST_TEXT: Final = 200

Sink = Callable[[bytes], None]


@attrs.define(eq=False)
class _Fetch:
    """A piece that is wanted. `sink` is None once nobody wants it any more, `req` 0 before."""

    piece: int
    length: int
    sink: Sink | None
    req: int = 0
    done: Deferred[None] = attrs.field(init=False)


class Fetching:
    """A conversation in which the other side has the file: a PieceSource.

    `opened` fires when the other side has proved who it is, or errbacks with a SourceError;
    cancelling it closes the connection.
    """

    def __init__(self, clock: IReactorTime) -> None:
        self.opened: Deferred[None] = Deferred(lambda _: self.close())
        self.lost: Deferred[None] = Deferred()
        self.keep: Callable[[Fetching], None] | None = None
        """Takes the connection when it is released; without it, it is closed."""
        self._clock = clock
        self._connection: TicketConnection | None = None
        self._waiting: deque[_Fetch] = deque()
        self._under_way: dict[int, _Fetch] = {}
        self._listing: Deferred[wire.PieceList] | None = None
        self._error: SourceError | None = None
        self._paused = False
        self._watch: IDelayedCall | None = None
        self._came = 0
        """How many bytes have come since the watch was set."""

    # As a PieceSource.

    async def piece_list(self) -> PieceList:
        """Ask for all hashes. Raises SourceError."""
        beginning = listed = await self._list(0)
        size, hashes = listed.size, bytearray(listed.hashes)
        if size > LARGEST_FILE:
            raise BrokenError(f"it says that the file has {size} bytes")
        while len(hashes) // wire.HASH_SIZE * wire.PIECE_SIZE < size:
            listed = await self._list(len(hashes) // wire.HASH_SIZE)
            if listed.size != size:
                raise BrokenError("it cannot make up its mind how large the file is")
            hashes += listed.hashes
        return PieceList(size, bytes(hashes), beginning.modified, beginning.folders or ())

    def fetch(self, piece: int, length: int, sink: Sink) -> Deferred[None]:
        """Ask for a piece of `length` bytes, or wait to ask until an earlier one is through."""
        if self._error is not None:
            return fail(self._error)
        fetch = _Fetch(piece, length, sink)
        fetch.done = Deferred(lambda _: self._withdraw(fetch))
        self._waiting.append(fetch)
        self._go_on()
        return fetch.done

    def pause(self) -> None:
        """Stop reading."""
        if self._connection is not None and self._error is None:
            self._paused = True
            self._transport.pauseProducing()
            self._set_watch()

    def resume(self) -> None:
        """Read on."""
        if self._connection is not None and self._error is None:
            self._paused = False
            self._transport.resumeProducing()
            self._set_watch()

    def release(self) -> None:
        """Let the connection serve another file if it can; else close it."""
        is_idle = not (self._under_way or self._waiting or self._listing or self._paused)
        if self.keep is None or self._error or not (is_idle and self._side.can_turn):
            self.close()
            return
        self.lost = Deferred()
        self.keep(self)

    def turn(self, path: bytes) -> None:
        """Go over to another file, which the other side may refuse."""
        self.lost = Deferred()
        self._side.turn(path)

    def close(self) -> None:
        """Close the connection."""
        self._end(LostError("this side has closed the connection"))

    # What happens on the connection.

    def connected(self, connection: TicketConnection, terms: wire.Terms) -> None:
        """Say who this is, if it is for this side to begin."""
        self._connection = connection
        self._side = wire.Downloader(terms)
        # Every push producer of Twisted is one.
        self._transport = cast("Transport", connection.transport)
        self._transport.bufferSize = READ_SIZE
        self._write()
        if self._error is not None:
            connection.break_off(str(self._error))

    def received(self, data: bytes) -> None:
        """Take what the source says."""
        self._came += len(data)
        for event in self._side.feed(data):
            if self._error is None:
                self._take(event)

    def ended(self, reason: str, *, broken: bool) -> None:
        """Take note that the connection is gone, or never came about."""
        self._connection = None
        self._end(BrokenError(reason) if broken else LostError(f"the connection ended: {reason}"))
        self.lost.callback(None)

    def _take(self, event: wire.Answer | wire.Opened | wire.Broken) -> None:
        match event:
            case wire.Content(req, data):
                if (sink := self._under_way[req].sink) is not None:
                    sink(data)
            case wire.Delivered(req):
                self._settle(req, None)
            case wire.Opened():
                self._open()
            case wire.PieceList():
                self._listed(event)
            case wire.Refuse():
                self._refused(event)
            case wire.Broken(reason):
                self._end(BrokenError(reason))

    def _open(self) -> None:
        self._write()
        if self._connection is not None:
            self._connection.setTimeout(None)  # from here on the watch is set
        self.opened.callback(None)

    def _refused(self, refusal: wire.Refuse) -> None:
        text = display(refusal.text.encode())[:_LONGEST_TEXT]
        error: SourceError = DeclinedError(f"it answers: {text}")
        if refusal.code == wire.Code.QUEUED and refusal.place:
            error = NoSlotError(f"it answers: {text}", refusal.place, refusal.start)
        if refusal.req:
            self._settle(refusal.req, error)
        else:
            self._end(error)

    # Hashes.

    def _list(self, first: int) -> Deferred[wire.PieceList]:
        if self._error is not None:
            return fail(self._error)
        listing = self._listing = Deferred(lambda _: self.close())
        self._side.ask(first, wire.MOST_HASHES)
        self._write()
        self._set_watch()
        return listing

    def _listed(self, message: wire.PieceList) -> None:
        listing, self._listing = self._listing, None
        self._set_watch()
        if listing is not None:
            listing.callback(message)

    # Pieces.

    def _go_on(self) -> None:
        """Ask for what can be asked for."""
        while self._waiting and len(self._under_way) < wire.MOST_WANTS:
            fetch = self._waiting.popleft()
            fetch.req = self._side.want(fetch.piece, fetch.length)
            self._under_way[fetch.req] = fetch
        self._write()
        self._set_watch()

    def _withdraw(self, fetch: _Fetch) -> None:
        fetch.sink = None
        if fetch.req in self._under_way:
            self._side.cancel(fetch.req)
            self._write()
        elif fetch in self._waiting:
            self._waiting.remove(fetch)

    def _settle(self, req: int, error: SourceError | None) -> None:
        """Note that a piece is here, or will not come."""
        fetch = self._under_way.pop(req)
        if fetch.sink is not None:
            fetch.sink = None
            _fire(fetch.done, error)
        if self._error is None:
            self._go_on()

    # The end, and the watch for a source that never comes to one.

    def _end(self, error: SourceError) -> None:
        if self._error is not None:
            return
        self._error = error
        self._set_watch()
        listing, self._listing = self._listing, None
        fetches = [*self._under_way.values(), *self._waiting]
        self._under_way.clear()
        self._waiting.clear()
        if self._connection is not None:
            self._connection.break_off(str(error))
        if not self.opened.called:
            self.opened.errback(error)
        if listing is not None:
            listing.errback(error)
        for fetch in fetches:
            if fetch.sink is not None:
                fetch.sink = None
                fetch.done.errback(error)

    def _set_watch(self) -> None:
        """Watch while something is to come, and only then."""
        due = bool(self._under_way or self._listing) and not self._paused and self._error is None
        if due and self._watch is None:
            self._came = 0
            self._watch = self._clock.callLater(STALL_TIME, self._look)
        elif not due and self._watch is not None:
            self._watch.cancel()
            self._watch = None

    def _look(self) -> None:
        self._watch = None
        if self._came < STALL_BYTES:
            self._end(StalledError(f"it has sent next to nothing for {STALL_TIME:.0f} s"))
        self._set_watch()

    def _write(self) -> None:
        if self._connection is not None and (data := self._side.take_outgoing()):
            self._connection.transport.write(data)


def _fire(done: Deferred[None], error: SourceError | None) -> None:
    if error is None:
        done.callback(None)
    else:
        done.errback(error)
