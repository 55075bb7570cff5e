"""A small network that all of these tests attack."""

from collections.abc import Iterator

import pytest

from tests.system.daemons import Network, Peer, network

SECRET = b"the secret of alice"
SONG = b"la la la" * 40_000


@pytest.fixture(scope="package")
def net(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Network]:
    """Run an index."""
    with network(tmp_path_factory.mktemp("attacked")) as running:
        yield running


@pytest.fixture(scope="package")
def alice(net: Network) -> Peer:
    """Run somebody with files to share, and secrets beside and among them."""
    (net.folder / "secret").write_bytes(SECRET)
    files = {
        "song.mp3": SONG,
        "album/one.mp3": b"one",
        "id_rsa": SECRET,
        ".ssh/authorized_keys": SECRET,
        ".env": SECRET,
        "app/prod.env": SECRET,
        "coins/wallet.dat": SECRET,
        "keys/server.pem": SECRET,
    }
    return net.peer("alice", files, upload_slots_per_user=50, upload_slots=50)


@pytest.fixture(scope="package")
def bob(net: Network) -> Peer:
    """Run somebody who downloads."""
    return net.peer("bob")


@pytest.fixture(autouse=True)
def _still_standing(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test after which a daemon does not run any more, or has failed in its log."""
    yield
    for name in {"net", "alice", "bob"} & set(request.fixturenames):
        value = request.getfixturevalue(name)
        daemon = value.index if isinstance(value, Network) else value
        daemon.check_alive()
        assert "Traceback" not in daemon.log
        assert " critical " not in daemon.log
