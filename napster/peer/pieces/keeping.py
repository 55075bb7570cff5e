"""Connections that have served pieces of a file and may serve another, kept for a moment."""

from typing import Final

import attrs
from twisted.internet.interfaces import IDelayedCall, IReactorTime

from napster.peer.pieces.fetching import Fetching

KEEP: Final = 0.25
"""For how many seconds a connection is kept: it takes an upload slot meanwhile."""


@attrs.define(eq=False)
class Kept:
    """A connection that nobody uses, and the address it goes to."""

    source: Fetching
    address: str
    end: IDelayedCall | None = None


class KeptSources:
    """Connections that nobody uses, by the nick of whom they lead to."""

    def __init__(self, clock: IReactorTime) -> None:
        self._clock = clock
        self._kept: dict[str, list[Kept]] = {}

    def keep(self, nick: str, address: str, source: Fetching) -> None:
        """Keep a connection until it is taken, its time is over, or the other side ends it."""
        kept = Kept(source, address)
        kept.end = self._clock.callLater(KEEP, self._close, nick, kept)
        self._kept.setdefault(nick.lower(), []).append(kept)
        source.lost.addCallback(lambda _: self._drop(nick, kept))

    def take(self, nick: str) -> Kept | None:
        """Take the connection to a user that was kept last; None if there is none."""
        kept = self._kept.get(nick.lower())
        if not kept:
            return None
        newest = kept[-1]
        self._drop(nick, newest)
        return newest

    def close(self) -> None:
        """Close all of them."""
        for nick, several in list(self._kept.items()):
            for kept in list(several):
                self._close(nick, kept)

    def _close(self, nick: str, kept: Kept) -> None:
        self._drop(nick, kept)
        kept.source.close()

    def _drop(self, nick: str, kept: Kept) -> None:
        several = self._kept.get(nick.lower(), [])
        if kept in several:
            several.remove(kept)
            if not several:
                del self._kept[nick.lower()]
        if kept.end is not None and kept.end.active():
            kept.end.cancel()
