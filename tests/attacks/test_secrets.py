"""Secrets lie in a shared folder."""

from napster.wire.messages.searching import Browse, BrowseEnd, BrowseFile
from tests.attacks.conftest import SECRET
from tests.attacks.enemies import Wire, call
from tests.system.daemons import Network, Peer

SHARED = {b"share\\song.mp3", b"share\\album\\one.mp3"}


def test_nobody_finds_them(net: Network, alice: Peer) -> None:
    """What looks like a secret is told neither to the index nor to other peers."""
    with Wire.connect(net.index.port) as mallory:
        mallory.log_in("mallory")
        mallory.say(Browse("alice"))
        browsed = mallory.all_until(BrowseEnd)
    told = {each.path for each in browsed if isinstance(each, BrowseFile)}
    assert not [path for path in told if path not in SHARED and b"swapped" not in path]
    listed = call(alice.data_port, b"GETLIST")
    for name in (b"id_rsa", b"ssh", b"env", b"wallet", b"pem", SECRET):
        assert name not in listed
    assert b"song.mp3" in listed


def test_the_owner_is_told_why(alice: Peer) -> None:
    """Each is named with the reason, so that nobody wonders where it is."""
    shown = alice.napster("shares").stdout
    for name in ("id_rsa", ".ssh", ".env", "prod.env", "wallet.dat", "server.pem"):
        assert name in shown
    assert "looks like a secret; name it under `allow` to share it all the same" in shown
