"""Signs of life of one connection: when it was last heard, and whether it answers pings."""

from collections.abc import Callable

from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IReactorTime

from napster.index.config import Settings

PROBE_TIMEOUT = 5.0
"""How many seconds somebody has to show life before the nick goes to somebody else."""


class Pulse:
    """When a client was heard, and what it makes of a 750.

    Only some old programs answer a 750: silence after one means something only for a client that
    has answered one before.
    """

    __slots__ = ("_clock", "_ping", "_pinged_at", "_probes", "answers_pings", "heard_at")

    def __init__(self, clock: IReactorTime, ping: Callable[[], None]) -> None:
        self.heard_at = clock.seconds()
        self.answers_pings = False
        self._clock = clock
        self._ping = ping
        self._pinged_at: float | None = None
        self._probes: tuple[Deferred[bool], ...] = ()

    def beat(self) -> None:
        """Note that something came."""
        self.heard_at = self._clock.seconds()
        if self._probes:
            self._settle(alive=True)

    def is_answer(self, text: bytes, nick: str) -> bool:
        """Whether a 750 answers ours, and so wants no answer itself.

        An official client puts its nick into it (napster.txt, message 750).
        """
        expected = self._pinged_at is not None
        self._pinged_at = None
        if not expected or text.lower() not in {b"", nick.lower().encode("ascii")}:
            return False
        self.answers_pings = True
        return True

    def probe(self) -> Deferred[bool]:
        """Ping now; fires with whether anything was heard within PROBE_TIMEOUT seconds."""
        answer: Deferred[bool] = Deferred()
        self._probes = (*self._probes, answer)
        self._send_ping()
        return answer.addTimeout(PROBE_TIMEOUT, self._clock, lambda *_: False)

    def is_dead(self, settings: Settings) -> bool:
        """Ping after a long silence; return whether a client that knows pings left one open."""
        now = self._clock.seconds()
        if self._pinged_at is not None and self.answers_pings:
            return now - max(self._pinged_at, self.heard_at) > settings.ping_timeout
        if now - max(self.heard_at, self._pinged_at or 0.0) > settings.idle_ping:
            self._send_ping()
        return False

    def stop(self) -> None:
        """Tell those who wait for a sign of life that none will come; ping no more.

        Nothing here refers to the connection then, so that both go without the garbage collector.
        """
        self._settle(alive=False)
        self._ping = _ping_nobody

    def _send_ping(self) -> None:
        self._pinged_at = self._clock.seconds()
        self._ping()

    def _settle(self, *, alive: bool) -> None:
        probes, self._probes = self._probes, ()
        for probe in probes:
            if not probe.called:
                probe.callback(alive)


def _ping_nobody() -> None:
    """Do nothing."""
