"""All uploads of a peer, as the rest of it sees them."""

from typing import Protocol

from twisted.internet.interfaces import IReactorTime

from napster.peer.dialing import Dialer
from napster.peer.index_link.counters import TransferCounter
from napster.peer.uploads.desk import Finder, UploadDesk
from napster.peer.uploads.line import UploadLimits
from napster.peer.uploads.pushing import Pushes, PushParts
from napster.peer.uploads.upload import Opener
from napster.wire.messages import Message


class ServedLibrary(Finder, Opener, Protocol):
    """The library as uploads need it."""


class Uploads:
    """Answers the index, and pushes where it is asked to.

    `desk` is what the data port asks, and what people are shown; draining it ends everything.
    """

    def __init__(  # the parts of a peer that meet here
        self,
        clock: IReactorTime,
        nick: str,
        library: ServedLibrary,
        limits: UploadLimits,
        counter: TransferCounter,
        dialer: Dialer,
    ) -> None:
        self.desk = UploadDesk(clock, library, limits, counter)
        self._pushes = Pushes(PushParts(clock, nick, library, self.desk, dialer))

    def requested(self, nick: str, path: bytes) -> Message:
        """Decide about a request (607): the answer is a 608, 609 or 619."""
        return self.desk.requested(nick, path)

    def push(self, nick: str, address: str, port: int, path: bytes) -> None:
        """Connect to a downloader who cannot connect here, and send (501)."""
        self._pushes.push(nick, address, port, path)
