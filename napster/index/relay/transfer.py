"""One transfer through the relay: two connections, and what each sends goes to the other."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Final, Protocol

import attrs
from twisted.internet.interfaces import IDelayedCall, IPushProducer, IReactorTime
from twisted.logger import Logger

if TYPE_CHECKING:
    from napster.index.relay.desk import RelayMeters

TOKEN_LIFE: Final = 30.0
"""So many seconds both sides have to come to the relay."""


@attrs.frozen
class TransferLimits:
    """How much one transfer may be."""

    size: int
    """Bytes, both ways together."""
    time: float
    """Seconds."""
    stall: float
    """Seconds in which nothing moves."""


class RelayedConnection(Protocol):
    """A connection as a transfer sees it."""

    def join(self, other: "RelayedConnection") -> None:
        """Say that the other side is there, and pass on to it what comes from now on."""

    def take_from(self, producer: IPushProducer) -> None:
        """Let whoever writes here know when it is too much."""

    def pass_on(self, data: bytes) -> None:
        """Send what the other side has said."""

    def finish(self) -> None:
        """Close once all is sent."""

    def abort(self) -> None:
        """Close at once."""


class Side:
    """One of the two; who is there and who is not."""

    def __init__(self, transfer: "RelayedTransfer") -> None:
        self.connection: RelayedConnection | None = None
        self._transfer = transfer

    def come(self, connection: RelayedConnection) -> None:
        """Be there."""
        self.connection = connection
        self._transfer.join_if_complete()

    def moved(self, count: int) -> bool:
        """Count bytes to be passed on; False if they are too many, and not to be."""
        return self._transfer.count(count)

    def gone(self) -> None:
        """Be there no longer: the connection is lost."""
        self.connection = None
        self._transfer.part()


class RelayedTransfer:
    """Waits for both sides, then watches what they send: how much, for how long, whether at all.

    `ended` is told when it is over and both connections are gone or going.
    """

    log = Logger()

    def __init__(
        self,
        clock: IReactorTime,
        nicks: tuple[str, str],
        limits: TransferLimits,
        meters: "RelayMeters",
        ended: Callable[["RelayedTransfer"], None],
    ) -> None:
        self.nicks = nicks
        """The downloader and the uploader."""
        self.sides = Side(self), Side(self)
        """Likewise."""
        self.tokens: Sequence[bytes] = ()
        """What the two know it by."""
        self._clock = clock
        self._limits = limits
        self._meters = meters
        self._ended = ended
        self._moved = 0
        self._is_cut = False
        self._is_over = False
        self._stall: IDelayedCall | None = None
        self._deadline = clock.callLater(TOKEN_LIFE, self._give_up, "one side has not come")

    def join_if_complete(self) -> None:
        """Let the two hear each other once both are there."""
        downloader, uploader = (side.connection for side in self.sides)
        if downloader is None or uploader is None:
            return
        self._meters.transfers += 1
        self.log.info("relay: {uploader} sends to {downloader}", **self._who)
        self._deadline.cancel()
        self._deadline = self._clock.callLater(self._limits.time, self._cut, "it takes too long")
        self._watch()
        for one, other in ((downloader, uploader), (uploader, downloader)):
            one.join(other)

    @property
    def _who(self) -> dict[str, str]:
        return dict(zip(("downloader", "uploader"), self.nicks, strict=True))

    def count(self, count: int) -> bool:
        """Count bytes that are passed on; False if they are too many, and not to be."""
        if self._is_cut or self._moved + count > self._limits.size:
            self._cut("it is too much")
            return False
        self._moved += count
        self._meters.relayed += count
        return True

    def part(self) -> None:
        """Let what has been said reach who is still there, then end."""
        left = [side.connection for side in self.sides if side.connection is not None]
        for connection in left:
            connection.finish()
        if not left:
            self.close()

    def close(self) -> None:
        """End at once."""
        if self._is_over:
            return
        self._is_over = True
        for timer in (self._deadline, self._stall):
            if timer is not None and timer.active():
                timer.cancel()
        for side in self.sides:
            if side.connection is not None:
                side.connection.abort()
        self._ended(self)
        self.log.info(
            "relay: over, {uploader} to {downloader}: {n} bytes", n=self._moved, **self._who
        )

    def _cut(self, reason: str) -> None:
        """End it, but let both have what was passed on until now."""
        self._note_cut(reason)
        self.part()

    def _give_up(self, reason: str) -> None:
        self._note_cut(reason)
        self.close()

    def _note_cut(self, reason: str) -> None:
        if self._is_cut:
            return
        self._is_cut = True
        self._meters.cut += 1
        self.log.info("relay: {uploader} to {downloader} is cut: {why}", why=reason, **self._who)

    def _watch(self) -> None:
        self._stall = self._clock.callLater(self._limits.stall, self._look, self._moved)

    def _look(self, moved_before: int) -> None:
        if self._moved == moved_before:
            self._give_up("nothing moves")
        else:
            self._watch()
