"""A peer in this process for a single command: logs in, does one thing, logs out."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from twisted.internet.defer import maybeDeferred
from twisted.internet.task import deferLater

from napster.daemon.stopping import OrderlyStop
from napster.peer.api import IndexState, PeerApi, UnreachableError
from napster.peer.config import Settings
from napster.peer.index_link.place import IndexPlace
from napster.peer.service import Peer

_PATIENCE = 20.0
"""How many seconds a login may take."""
_POLL = 0.05


@asynccontextmanager
async def one_shot(
    reactor: Any, index: IndexPlace, nick: str, downloads: Path
) -> AsyncIterator[PeerApi]:
    """Log in at an index and offer a PeerApi until the context ends.

    Shares nothing, listens on a free data port. Raises UnreachableError if no login comes about,
    DaemonError if the downloads folder cannot be used.
    """
    settings = Settings(
        index=(index,), nick=nick, downloads=downloads, listen=("tcp6:0",), drain_timeout=0
    )
    with TemporaryDirectory(prefix="napster-") as state:
        peer = Peer(reactor, settings, Path(state))
        services = peer.services()
        try:
            for service in services:
                await maybeDeferred(service.startService)
            await _login(reactor, peer)
            yield peer.core
        finally:
            await OrderlyStop(reactor, _PATIENCE).run(reversed(services))


async def _login(reactor: Any, peer: Peer) -> None:
    """Wait for the login; a first failed try is the answer, for a person is waiting."""
    deadline = reactor.seconds() + _PATIENCE
    while (status := peer.core.links.statuses[0]).state is not IndexState.ONLINE:
        if status.state is IndexState.OFFLINE or reactor.seconds() > deadline:
            reason, _, _ = status.reason.partition("; next try")
            raise UnreachableError(f"index {status.address}: {reason or 'no login in time'}")
        await deferLater(reactor, _POLL)
