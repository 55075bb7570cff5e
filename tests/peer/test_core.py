"""What a peer tells of itself."""

from pathlib import Path

import pytest_twisted
from twisted.internet import reactor

from napster.peer.config import Settings
from napster.peer.index_link.place import IndexPlace
from napster.peer.service import Peer


@pytest_twisted.ensureDeferred
async def test_downgrades_are_told(tmp_path: Path) -> None:
    """Somebody who meddles with connections is not to be overlooked."""
    place = IndexPlace("192.0.2.1", 8888)
    settings = Settings(index=(place,), nick="alice", downloads=tmp_path / "downloads")
    peer = Peer(reactor, settings, tmp_path)
    peer._key.startService()
    assert not any("less safely" in note for note in (await peer.core.status()).notes)
    peer.core.guard.downgrades = 2
    assert "refused 2 times to connect less safely than arranged; see the log" in (
        (await peer.core.status()).notes
    )
