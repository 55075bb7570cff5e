"""What all downloads share."""

from collections.abc import Callable
from typing import Protocol

import attrs
from twisted.internet.interfaces import IProtocol, IProtocolFactory, IReactorTime

from napster.peer.arrange import Arranger
from napster.peer.dialing import CONNECT_TIMEOUT
from napster.peer.downloads.disk import Worker
from napster.peer.downloads.people import People
from napster.peer.downloads.piece_source import PieceDialer
from napster.peer.downloads.pushes import Pushes
from napster.peer.downloads.settle import Shelf
from napster.peer.downloads.space import Space


class Dials(Protocol):
    """Connects to data ports; see `napster.peer.dialing.Dialer`."""

    async def dial(
        self, address: str, port: int, factory: IProtocolFactory, patience: float = CONNECT_TIMEOUT
    ) -> IProtocol:
        """Connect. Raises DialError."""

    def greeted(self, address: str) -> None:
        """Take note that a peer is there."""


@attrs.frozen
class Tools:
    """What all downloads share. `librarian` does what must happen one at a time on the disk."""

    clock: IReactorTime
    arranger: Arranger
    dialer: Dials
    shelf: Shelf
    librarian: Worker
    new_worker: Callable[[str], Worker]
    random: Callable[[], float]
    pieces: PieceDialer
    people: People = attrs.field(factory=People)
    pushes: Pushes = attrs.field(factory=Pushes)
    space: Space = attrs.field(factory=Space)
