"""Pushes that were asked for: who may connect here to send which file."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import attrs
from twisted.internet.defer import Deferred

from napster.peer.arrange import Receiver
from napster.peer.downloads.errors import SourceError
from napster.peer.downloads.piece_run import PieceRun
from napster.peer.downloads.piece_source import PieceSource
from napster.peer.downloads.reception import Reception
from napster.peer.results import base_name


@attrs.frozen(eq=False)
class Expectation:
    """A file that a user was asked to push. `agreed` is as that of a FetchProtocol."""

    nick: str
    path: bytes
    size: int
    agree: Callable[[int], Reception]
    agree_pieces: Callable[[PieceSource], PieceRun]
    agreed: Deferred[Reception | PieceRun] = attrs.field(factory=Deferred)

    def matches(self, nick: str, path: bytes) -> bool:
        """Tell whether a push is this one by its whole path."""
        return self.nick.lower() == nick.lower() and self.path == path

    def resembles(self, nick: str, path: bytes, size: int) -> bool:
        """Tell whether it may be this one: some programs send only the last part of the path."""
        same_name = base_name(self.path).lower() == base_name(path).lower()
        return self.nick.lower() == nick.lower() and same_name and size == self.size


class Pushes:
    """All pushes waited for. A push nobody asked for is refused."""

    def __init__(self) -> None:
        self._expected: list[Expectation] = []

    @contextmanager
    def expecting(self, expectation: Expectation) -> Iterator[None]:
        """Let a push in while the context lasts."""
        self._expected.append(expectation)
        try:
            yield
        finally:
            if expectation in self._expected:
                self._expected.remove(expectation)

    def accept(self, nick: str, path: bytes, size: int) -> tuple[int, Receiver] | None:
        """Match an arriving push; returns the offset to ask for and who takes the content."""
        expectation = self._find(nick, path, size)
        if expectation is None:
            return None
        self._expected.remove(expectation)
        try:
            reception = expectation.agree(size)
        except SourceError as error:
            expectation.agreed.errback(error)
            return None
        expectation.agreed.callback(reception)
        return reception.start, reception

    def accept_pieces(self, nick: str, path: bytes, source: PieceSource) -> bool:
        """Match a source of pieces that has connected here; False if nobody waits for it."""
        exact = (each for each in self._expected if each.matches(nick, path))
        expectation = next(exact, None)
        if expectation is None:
            return False
        self._expected.remove(expectation)
        expectation.agreed.callback(expectation.agree_pieces(source))
        return True

    def _find(self, nick: str, path: bytes, size: int) -> Expectation | None:
        exact = (each for each in self._expected if each.matches(nick, path))
        alike = (each for each in self._expected if each.resembles(nick, path, size))
        return next(exact, None) or next(alike, None)
