"""All uploads of a peer, as the rest of it sees them."""

from typing import Protocol

import attrs
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

from napster.peer.arrange import RelayPlace
from napster.peer.dialing import Dialer
from napster.peer.index_link.counters import TransferCounter
from napster.peer.pieces.serving import HashedLibrary
from napster.peer.security.guard import Guard, InsecureError
from napster.peer.uploads.desk import Finder, UploadDesk
from napster.peer.uploads.line import UploadLimits
from napster.peer.uploads.pushing import Pushes, PushParts
from napster.peer.uploads.relaying import Relays
from napster.wire.extension import UploadState
from napster.wire.messages import Message
from napster.wire.messages.transfers import UploadRefused

_MOST_TOLD = 0xFFFF


class ServedLibrary(Finder, HashedLibrary, Protocol):
    """The library as uploads need it."""


@attrs.frozen
class Outward:
    """How this peer meets others: under which nick, by what, and how safely."""

    nick: str
    dialer: Dialer
    guard: Guard


class Uploads:
    """Answers the index, and pushes where it is asked to.

    `desk` is what the data port asks, and what people are shown; draining it ends everything.
    """

    log = Logger()

    def __init__(
        self,
        clock: IReactorTime,
        library: ServedLibrary,
        limits: UploadLimits,
        counter: TransferCounter,
        outward: Outward,
    ) -> None:
        self.desk = UploadDesk(clock, library, limits, counter)
        self._guard = outward.guard
        parts = PushParts(clock, outward.nick, library, self.desk, outward.dialer, outward.guard)
        self._pushes = Pushes(parts)
        self._relays = Relays(parts)

    def requested(self, nick: str, path: bytes) -> Message:
        """Decide about a request (607): the answer is a 608, 609 or 619."""
        try:
            self._guard.allow_request(nick, path)
        except InsecureError as error:
            self.log.info("refused to {nick}: {why}", nick=nick, why=str(error))
            return UploadRefused(nick, path)
        fingerprint = self._guard.proves(self._guard.tickets.bearer(nick, path))
        return self.desk.requested(nick, path, fingerprint)

    @property
    def state(self) -> UploadState:
        """How many slots are free, and how many requests wait for one."""
        free = max(0, self.desk.slots - self.desk.active)
        return UploadState(min(free, _MOST_TOLD), min(self.desk.queued, _MOST_TOLD))

    def push(self, nick: str, address: str, port: int, path: bytes) -> None:
        """Connect to a downloader who cannot connect here, and send (501)."""
        self._pushes.push(nick, address, port, path)

    def relay(self, ticket: bytes, place: RelayPlace) -> None:
        """Meet a downloader at a relay, and send what the ticket is for (20022)."""
        self._relays.meet(ticket, place)
