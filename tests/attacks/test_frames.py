"""Frames that lie about their length, are never finished, or are no frames at all."""

import os
import resource
import time
from pathlib import Path

import pytest

from napster.wire.framing import encode
from napster.wire.messages.login import Notice
from napster.wire.messages.searching import SearchHit
from tests.attacks.enemies import WickedIndex, Wire, call
from tests.system.daemons import Network, Peer, network, until

MOST_MEMORY = 8 << 20
"""So many bytes more than before a daemon may use after an attack."""


def memory(pid: int) -> int:
    """Tell how much memory a process uses, in bytes."""
    pages = int(Path(f"/proc/{pid}/statm").read_text(encoding="ascii").split()[1])
    return pages * resource.getpagesize()


@pytest.mark.parametrize("logged_in", [False, True])
def test_announced_too_long(net: Network, *, logged_in: bool) -> None:
    """The index hangs up on the header, whatever the message, and says what was too long."""
    for number in (2, 100, 200, 870, 9999):
        with Wire.connect(net.index.port) as mallory:
            if logged_in:
                mallory.log_in("mallory")
            mallory.connection.sendall(b"\xff\xff" + number.to_bytes(2, "little") + b"xxxx")
            said = mallory.the_rest()[-1]
            assert isinstance(said, Notice)
            assert said.text.startswith(b"message %d announces 65535 bytes" % number)


def test_never_finished(tmp_path: Path) -> None:
    """Who begins a frame and does not end it is closed, and so is who never logs in."""
    with network(tmp_path, frame_timeout=1, login_timeout=2) as net:
        with Wire.connect(net.index.port) as slow, Wire.connect(net.index.port) as mute:
            slow.log_in("slow")
            slow.connection.sendall(b"\x10\x00\xc8")
            began = time.monotonic()
            slow.the_rest()
            mute.the_rest()
        assert time.monotonic() - began < 10


def test_garbage_at_the_index(net: Network) -> None:
    """Random bytes cost the index nothing but the connection."""
    before = memory(net.index.pid)
    for seed in range(20):
        with Wire.connect(net.index.port) as mallory:
            try:
                mallory.connection.sendall(os.urandom(200_000) + bytes([seed]))
                mallory.the_rest()
            except ConnectionError:
                continue
    with Wire.connect(net.index.port) as mallory:
        mallory.log_in("mallory")
    assert memory(net.index.pid) < before + MOST_MEMORY


@pytest.mark.parametrize("said", [b"1" * 10**6, b"GET" + b"x" * 10**6, b"\0" * 10**6, b"GET"])
def test_garbage_at_a_data_port(alice: Peer, said: bytes) -> None:
    """A peer drops who says too much before anything was agreed."""
    before = memory(alice.pid)
    if said == b"GET":
        said = b'GETmallory "' + b"y" * 10**6
    assert call(alice.data_port, said) in {b"1", b"1INVALID REQUEST"}
    assert memory(alice.pid) < before + MOST_MEMORY


def test_a_wicked_index(tmp_path: Path) -> None:
    """A peer hangs up on an index that is none, says why, and comes back to it later."""
    with WickedIndex() as index:
        peer = Peer(tmp_path / "peer", "peer", index.port)
        peer.launch()
        try:
            with index.let_in() as link:
                link.connection.sendall(encode(SearchHit.type, b"no hit") * 20)
                link.the_rest()
            with index.let_in() as link:
                link.connection.sendall(b"\xff\xff\x00\x00")
                link.the_rest()
            until(lambda: peer.status().indexes[0].reason, "the reason is known")
            assert "announces 65535 bytes" in peer.status().indexes[0].reason
        finally:
            peer.kill()
